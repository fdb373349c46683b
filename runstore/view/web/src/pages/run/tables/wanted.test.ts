import assert from "node:assert/strict";
import { test } from "node:test";

import { classColumns, condition, conditions, EVERYTHING, read, turned, written } from "./wanted";

test("what is typed below a head is a comparison, or a text to be found", () => {
  assert.deepEqual(condition("a", "> 0.5"), ["a", ">", "0.5"]);
  assert.deepEqual(condition("a", "==cat"), ["a", "=", "cat"]);
  assert.deepEqual(condition("a", " <> 3"), ["a", "!=", "3"]);
  assert.deepEqual(condition("a", " cat "), ["a", "has", "cat"]);
  assert.equal(condition("a", "  "), null);
});

test("a comparison that isn't finished yet leaves nothing out", () => {
  assert.deepEqual(conditions({ a: ">", b: "x" }), [["b", "has", "x"]]);
});

test("a head pressed again and again turns the order round, and then lets it be", () => {
  const first = turned(EVERYTHING, "n", true);
  const second = turned(first, "n", true);
  assert.deepEqual([first.desc, second.desc, turned(second, "n", true).sort], [true, false, null]);
  assert.equal(turned(EVERYTHING, "text", false).desc, false);
});

test("what is wanted comes back from an address, and nonsense is everything", () => {
  const wanted = { sort: "n", desc: true, search: "x", typed: { a: "> 1" } };
  assert.deepEqual(read(written(wanted) ?? ""), wanted);
  assert.equal(written({ ...EVERYTHING, typed: { a: " " } }), null);
  assert.deepEqual([read("{"), read('{"typed": 3, "sort": 1}'), read(undefined)], [EVERYTHING, EVERYTHING, EVERYTHING]);
});

test("the columns of classes are told by their names", () => {
  assert.deepEqual(classColumns(["id", "true", "predicted"]), { truth: "true", guess: "predicted" });
  assert.deepEqual(classColumns(["y_true", "y_pred"]), { truth: "y_true", guess: "y_pred" });
  assert.deepEqual(classColumns(["label", "prediction", "score"]), { truth: "label", guess: "prediction" });
  assert.equal(classColumns(["true", "score"]), null);
});
