import assert from "node:assert/strict";
import { test } from "node:test";

import { better, changedFirst, classes, deltas, nested, relative } from "./deltas";

test("what differs comes first", () => {
  const named = (name: string, differs: boolean) => ({ name, differs, values: [] });
  const found = changedFirst([named("a", false), named("c10", true), named("c9", true)]);
  assert.deepEqual(found.map((one) => one.name), ["c9", "c10", "a"]);
});

test("differences are to the baseline, which has none itself", () => {
  assert.deepEqual(deltas([1, 3, null, NaN, "x"], 1), [-2, null, null, null, null]);
});

test("a share of nothing says nothing", () => {
  assert.deepEqual([relative(1, 0), relative(1, -4), relative(null, 2)], [null, 0.25, null]);
});

test("names tell which way is better, and some do not", () => {
  assert.deepEqual(["val/loss", "valAccuracy", "top_1_acc", "steps", "loss_score", "glossary"].map(better),
    ["down", "up", "up", null, null, null]);
});

test("the same values are of the same class", () => {
  assert.deepEqual(classes([1, "1", 1, { a: 2 }, { a: 2 }]), [0, 1, 0, 2, 2]);
});

test("names stand below what they share, what differs apart from what does not", () => {
  const named = (name: string, differs: boolean) => ({ name, differs, values: [] });
  const rows = [named("a.b.c", true), named("a.b.d", true), named("a.e", true), named("f", true), named("a.g", false)];
  const told = nested(rows).map((one) => `${" ".repeat(one.depth)}${"head" in one ? `${one.head}:` : one.label}`);
  assert.deepEqual(told, ["a:", " b:", "  c", "  d", " e", "f", "a:", " g"]);
});
