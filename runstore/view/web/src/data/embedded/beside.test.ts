import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../source";
import { beside } from "./beside";
import type { Beside } from "./shapes";

const all = [true, true, true];
const known: Beside = {
  runs: ["a", "b", "c"].map((run_id) => ({ run_id, name: `run ${run_id}`, experiment: "e", status: "Completed" })),
  baseline: "a",
  params: [{ name: "lr", values: [1, 1, 2], given: all }, { name: "of c", values: [null, null, 3], given: [false, false, true] }],
  metrics: [{ name: "loss", values: [2, 1, 4], given: all, better: "min" }],
  provenance: [{ name: "package x", values: ["1", "1", "2"], given: all }, { name: "host", values: ["h", "h", "h"], given: all }],
  first_divergence: [{ run_id: "b" }, { run_id: "c" }],
  code: [{ run_id: "b" }, { run_id: "c" }],
  notes: [],
};

test("the runs asked in the order asked, with what differs between them", () => {
  const found = beside(known, ["c", "a"], "a");
  assert.deepEqual(found.runs.map((one) => one?.run_id), ["c", "a"]);
  assert.deepEqual(found.params.map((one) => [one.name, one.values, one.differs]), [["lr", [2, 1], true], ["of c", [3, null], true]]);
  assert.deepEqual(found.first_divergence, [{ run_id: "c" }]);
});

test("what none of them has, or no package differs in, is left out", () => {
  const found = beside(known, ["a", "b"], null);
  assert.deepEqual(found.params.map((one) => [one.name, one.differs]), [["lr", false]]);
  assert.deepEqual(found.provenance.map((one) => one.name), ["host"]);
});

test("metrics are measured against any of them, the best is of those shown", () => {
  const [loss] = beside(known, ["a", "c"], "c").metrics;
  assert.deepEqual([loss!.deltas, loss!.percents, loss!.best], [[-2, 0], [-50, 0], 2]);
});

test("against another baseline it is said what is not known", () => {
  const found = beside(known, ["a", "b"], "b");
  assert.deepEqual([found.first_divergence, found.code], [[], []]);
  assert.match(found.notes[0]!, /run a only/);
});

test("what can't be compared is refused", () => {
  assert.throws(() => beside(known, ["a"], null), Refusal);
  assert.throws(() => beside(known, ["a", "gone"], null), Refusal);
});
