import assert from "node:assert/strict";
import { test } from "node:test";
import { Held, written } from "./http";
import type { Changed } from "./source";

test("a query leaves out what is not said", () => {
  assert.equal(written({}), "");
  assert.equal(written({ a: null, b: undefined, c: "x y", d: ["1", "2"], e: true, f: 0 }), "?c=x+y&d=1%2C2&e=1&f=0");
});

test("a name with a comma in it stays one", () => {
  assert.equal(written({ columns: ["a,b"] }), "?columns=a%2Cb&columns=");
  assert.equal(written({ columns: ["a,b", "c"] }), "?columns=a%2Cb&columns=c&columns=");
});

test("changes wait while the tab is hidden, and are told as one", () => {
  let hidden = true;
  const told = new Array<Changed>();
  const held = new Held((changed) => told.push(changed), () => hidden); // prettier-ignore
  held.take({ cursor: "1", runs: ["a"], listed: true });
  held.take({ cursor: "2", runs: ["a", "b"], listed: false });
  assert.equal(told.length, 0);
  hidden = false;
  held.look();
  held.look();
  assert.deepEqual(told, [{ cursor: "2", runs: ["a", "b"], listed: true }]);
  held.take({ cursor: "3", runs: ["c"], listed: false });
  assert.deepEqual(told.map((one) => one.cursor), ["2", "3"]);
});
