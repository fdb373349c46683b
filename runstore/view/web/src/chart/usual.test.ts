import assert from "node:assert/strict";
import { test } from "node:test";
import { chosenColumns, type Told } from "./usual";

const column = (name: string, of: string, differs = true): Told => ({ name, label: name, type: "number", of, differs });
const columns = [
  column("status", "field"),
  column("params.lr", "param"),
  column("params.seed", "param", false),
  column("params.depth", "param"),
  column("last.loss", "metric"),
  column("last.val/loss", "metric"),
];
const nothing = { columns: [], x: "", y: "" };

test("what was tried is set against what came out", () => {
  const { shown, x, y } = chosenColumns(columns, nothing);
  assert.deepEqual(shown, ["params.lr", "params.depth", "last.val/loss"]);
  assert.deepEqual([x, y], ["params.lr", "last.val/loss"]);
});

test("what is named is shown, what no longer exists is not", () => {
  const { shown, x, y, all } = chosenColumns(columns, { columns: ["params.seed", "gone"], x: "gone", y: "last.loss" });
  assert.deepEqual(shown, ["params.seed", "last.loss"]);
  assert.deepEqual([x, y], ["params.seed", "last.loss"]);
  assert.ok(!all.includes("gone"));
});

test("without params or metrics there is nothing, and nothing fails", () => {
  assert.deepEqual(chosenColumns([], nothing), { shown: [], x: "", y: "", all: [] });
});
