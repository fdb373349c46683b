import assert from "node:assert/strict";
import { test } from "node:test";

import { accuracy, area, bins, confusion, curveOf, precisionRecall, predictions, roc, scores } from "./kinds";

const matrix = { schema_type: "confusion_matrix", data: { class_labels: ["a", "b"], matrix: [[3, 1], [0, 4]] } };

test("a confusion matrix is read with its labels", () => {
  assert.deepEqual(confusion(matrix), { labels: ["a", "b"], matrix: [[3, 1], [0, 4]] });
});

test("labels that do not fit are made up", () => {
  assert.deepEqual(confusion({ data: { class_labels: ["a"], matrix: [[1, 0], [0, 1]] } })?.labels, ["0", "1"]);
});

test("what is no square is no confusion matrix", () => {
  for (const wrong of [null, 3, "x", {}, { data: [] }, { data: { matrix: [[1], [2]] } }, { data: { matrix: [["1"]] } }]) {
    assert.equal(confusion(wrong), null);
  }
});

test("precision goes down the columns, recall along the rows", () => {
  const found = scores(confusion(matrix)!);
  assert.deepEqual(found, { right: 7 / 8, precision: [1, 4 / 5], recall: [3 / 4, 1] });
});

test("a class that never was has no recall", () => {
  assert.deepEqual(scores({ labels: ["a", "b"], matrix: [[2, 0], [0, 0]] }).recall, [1, null]);
});

test("bins need one edge more than counts", () => {
  assert.equal(bins({ data: { bin_edges: [0, 1], bin_counts: [1, 2] } }), null);
  assert.deepEqual(bins({ data: { bin_edges: [0, 1, 2], bin_counts: [1, 2] } })?.counts, [1, 2]);
});

test("predictions without errors of their own have none", () => {
  const data = { bin_edges: [0, 1], bin_counts: [5], bin_averages: [0.4] };
  assert.deepEqual(predictions({ data })?.errors, []);
});

const table = [[10, 10, 0, 0], [8, 2, 8, 2], [0, 0, 10, 10]]; // TP, FP, TN, FN at three thresholds

test("a ROC curve goes from corner to corner", () => {
  const found = roc([[10, 10, 0, 0], [8, 2, 8, 2], [0, 0, 10, 10]]);
  assert.deepEqual([found[0], found[found.length - 1]], [{ x: 0, y: 0 }, { x: 1, y: 1 }]);
  assert.ok(Math.abs(area(found) - 0.8) < 1e-9);
});

test("thresholds at which nothing is found have no precision", () => {
  assert.deepEqual(precisionRecall(table), [{ x: 0.8, y: 0.8 }, { x: 1, y: 0.5 }]);
});

test("an accuracy table with odd rows is none", () => {
  assert.equal(accuracy({ data: { probability_tables: [[[1, 2, 3]]] } }), null);
  assert.equal(accuracy({ data: { probability_tables: [table] } })?.labels.length, 1);
});

test("a table of an angle and its sine is a curve", () => {
  assert.deepEqual(curveOf(["angle", "sine"], [[0, 0], [1, 0.8], [2, 0.9]]), { x: 0, y: [1] });
});

test("a table with text, or with nothing that ascends, is no curve", () => {
  assert.equal(curveOf(["name", "n"], [["a", 1], ["b", 0]]), null);
  assert.equal(curveOf(["a", "b"], [[2, 1], [1, 2], [3, 0]]), null);
});
