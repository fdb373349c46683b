import assert from "node:assert/strict";
import { test } from "node:test";

import { sweepOf, trialOf } from "./shapes";

test("a goal is told in any case, and is to minimize where it is not told", () => {
  assert.deepEqual([sweepOf({ goal: "MAXIMIZE" }).goal, sweepOf({}).goal], ["maximize", "minimize"]);
});

test("a policy is told by its name, and none is not told", () => {
  assert.deepEqual([sweepOf({ policy: { name: "BANDIT" } }).policy, sweepOf({ policy: { name: "default" } }).policy], ["bandit", ""]);
});

test("a trial that logged nothing has no value", () => {
  assert.deepEqual([trialOf({ run_id: "a", metric: 2 }).value, trialOf({ run_id: "a", metric: null }).value], [2, null]);
});

test("a trial took as long as lies between its start and its end", () => {
  const times = { started: "2026-01-01T00:00:00Z", ended: "2026-01-01T00:01:00Z" };
  assert.deepEqual([trialOf({ run_id: "a", ...times }).duration_s, trialOf({ run_id: "a", started: times.started }).duration_s], [60, null]);
});
