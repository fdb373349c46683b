import assert from "node:assert/strict";
import { test } from "node:test";

import { axis, tick } from "./axis";

test("an axis ends at round places", () => {
  const found = axis([0.13, 0.97]);
  assert.deepEqual([found.low, found.high, found.ticks], [0.1, 1, [0.2, 0.4, 0.6, 0.8, 1]]);
});

test("a tight axis ends where its values do", () => {
  const found = axis([3, 17], { tight: true });
  assert.deepEqual([found.low, found.high, found.at(10)], [3, 17, 0.5]);
});

test("counts begin at nothing", () => {
  assert.equal(axis([80, 100], { zero: true }).low, 0);
});

test("values that are not finite, none at all, and all the same still make an axis", () => {
  for (const values of [[NaN, Infinity], [], [5, 5], [0]]) {
    const found = axis(values);
    assert.ok(found.low < found.high && Number.isFinite(found.low + found.high));
  }
});

test("ticks are short", () => {
  assert.deepEqual([0, 0.25, 20_000, 3e6, 1e-7, 5e12].map(tick), ["0", "0.25", "20k", "3M", "1e-7", "5e12"]);
});
