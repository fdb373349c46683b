import assert from "node:assert/strict";
import { test } from "node:test";
import type { Column } from "./columns";
import { cellOf, figureOf, inOrder, type Figures } from "./figures";

const loss: Column = { name: "last.loss", label: "loss", type: "number", of: "metric" };
const model: Column = { name: "params.model", label: "model", type: "text", of: "param" };
const told: Figures = { n: 4, mean: 0.224273, std: 0.129099, min: 0.074, max: 0.374, same: null };

test("a group's number is its mean with its spread", () => {
  const { text, spread, title } = cellOf(told, loss, "mean");
  assert.deepEqual([text, spread], ["0.2243", "±0.13"]);
  assert.match(title, /mean 0.22427, standard deviation 0.1291, least 0.074, greatest 0.374, of 4/);
});
test("another figure is said when it is asked for", () => assert.equal(cellOf(told, loss, "min").text, "0.074"));
test("what all runs have is said as it is", () => {
  assert.equal(cellOf({ ...told, n: 0, mean: null, same: "cnn" }, model, "mean").text, "cnn");
  assert.equal(cellOf({ ...told, same: 3, std: 0 }, loss, "mean").text, "3");
});
test("of texts that differ, and of nothing, nothing is said", () => {
  assert.equal(cellOf(told, model, "mean").text, "");
  assert.equal(cellOf(undefined, loss, "mean").text, "");
});
test("groups are sorted by their figures, those without last", () => {
  const group = (key: string, mean: number | null) => ({ key, figures: { "last.loss": { ...told, mean } } });
  const groups = [group("b", 2), group("none", null), group("a", 1)];
  const order = (descending: boolean) => inOrder(groups, [{ column: "last.loss", descending }], "mean").map((one) => one.key);
  assert.deepEqual(order(false), ["a", "b", "none"]);
  assert.deepEqual(order(true), ["b", "a", "none"]);
  assert.deepEqual(inOrder(groups, [{ column: "gone", descending: true }], "mean"), groups);
});
test("a figure that is none is the mean", () => assert.deepEqual([figureOf("max"), figureOf("?")], ["max", "mean"]));
