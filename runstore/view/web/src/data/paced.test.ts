import assert from "node:assert/strict";
import { test } from "node:test";
import { Paced } from "./paced";

test("what comes often is done at a pace, and once more for the last of it", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let done = 0;
  const paced = new Paced(() => done++, 1000);
  for (let call = 0; call < 5; call++) paced.call();
  assert.equal(done, 1);
  context.mock.timers.tick(1000);
  assert.equal(done, 2);
  context.mock.timers.tick(5000);
  assert.equal(done, 2);
});

test("what is urgent waits for nothing, and who stopped is not called", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let done = 0;
  const paced = new Paced(() => done++, 1000);
  paced.call();
  paced.call(true);
  assert.equal(done, 2);
  paced.call();
  paced.stop();
  context.mock.timers.tick(5000);
  assert.equal(done, 2);
});
