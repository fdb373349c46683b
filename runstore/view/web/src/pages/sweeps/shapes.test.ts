import assert from "node:assert/strict";
import { test } from "node:test";

import { sweepOf, trialOf } from "./shapes";

test("a goal is told in any case, and is to minimize where it is not told", () => {
  assert.deepEqual([sweepOf({ goal: "MAXIMIZE" }).goal, sweepOf({}).goal], ["maximize", "minimize"]);
});

test("a trial's value is said, or its last value of the metric", () => {
  assert.equal(trialOf({ run_id: "a", value: 3 }, "loss").value, 3);
  assert.equal(trialOf({ run_id: "a", last: { loss: 2 } }, "loss").value, 2);
  assert.equal(trialOf({ run_id: "a" }, "loss").value, null);
});
