import assert from "node:assert/strict";
import { test } from "node:test";
import { found, score } from "./found";

const entry = (label: string) => ({ label, of: "x", key: "", run: () => undefined });

test("the beginning of a word counts more than its middle, letters in order least", () => {
  const scores = ["show", "to show", "ashow", "s-h-o-w", "whos"].map((label) => score(label, "show"));
  assert.deepEqual(scores, [100, 80, 60, 10, 0]);
});
test("without letters everything is found", () => assert.equal(found([entry("a"), entry("b")], " ").length, 2));
test("the best comes first", () => {
  assert.deepEqual(found([entry("uncompare"), entry("Compare")], "comp").map((one) => one.label), ["Compare", "uncompare"]);
});
