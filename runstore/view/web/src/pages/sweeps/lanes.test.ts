import assert from "node:assert/strict";
import { test } from "node:test";

import { brushed, lane, within } from "./lanes";

test("numbers lie between the least and the greatest", () => {
  const found = lane("depth", [2, 4, 6], String);
  assert.deepEqual([found.at(2), found.at(4), found.at(6), found.at("x")], [0, 0.5, 1, null]);
});

test("numbers over many powers lie by their logarithm", () => {
  assert.ok(Math.abs(lane("lr", [1e-4, 1e-2], String).at(1e-3)! - 0.5) < 1e-9);
});

test("few numbers are told as they are, many at even places", () => {
  assert.deepEqual(lane("depth", [2, 4, 8, 4], String).ticks.map((tick) => tick.text), ["2", "4", "8"]);
  assert.deepEqual(lane("n", [0, 1, 2, 3, 4, 8], String).ticks.map((tick) => tick.text), ["0", "2", "4", "6", "8"]);
});

test("words have a place each, numbers in them by their size", () => {
  const found = lane("act", ["b10", "b9", null], String);
  assert.deepEqual([found.at("b9"), found.at("b10"), found.at(null)], [0, 1, null]);
});

test("one value lies in the middle", () => {
  assert.equal(lane("a", [3, 3], String).at(3), 0.5);
});

test("a trial must lie within every brush, and must have a value there", () => {
  const brushes = new Map([[0, [0, 0.5] as const], [1, [0.5, 1] as const]]);
  assert.deepEqual([within([0.2, 0.7], brushes), within([0.2, 0.1], brushes), within([null, 0.7], brushes)], [true, false, false]);
  assert.equal(within([null], new Map()), true);
});

test("a stretch dragged up or down is the same, and reaches an end that is near", () => {
  assert.deepEqual([brushed(0.2, 0.7), brushed(0.7, 0.2), brushed(0.99, 0.5)], [[0.2, 0.7], [0.2, 0.7], [0.5, 1]]);
});
