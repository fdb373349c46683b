import assert from "node:assert/strict";
import { test } from "node:test";
import { requestOf } from "./request";

test("a zoom asks for as much again to its left, where smoothing gets warm", () => {
  const wanted = { metric: "loss", runs: ["a"], group: null, x: "step" };
  const { low, high, points } = requestOf(wanted, { low: 99.5, high: 200 }, 500, true);
  assert.deepEqual([low, high, points], [-1, 200, 1000]);
  assert.equal(requestOf(wanted, null, 500, true).low, null);
});

test("without smoothing it asks for what is seen, and no more", () => {
  const wanted = { metric: "loss", runs: ["a"], group: null, x: "step" };
  const { low, high, points } = requestOf(wanted, { low: 99.5, high: 200 }, 500, false);
  assert.deepEqual([low, high, points], [99, 200, 500]);
});
