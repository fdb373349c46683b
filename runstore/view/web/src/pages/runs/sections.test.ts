import assert from "node:assert/strict";
import { test } from "node:test";
import { beside, fits, sections } from "./sections";

test("a plain search looks inside names, whatever the case", () => assert.ok(fits("val/Loss", "loss")));
test("a pattern is one", () => {
  assert.ok(fits("val/loss", "^val/"));
  assert.ok(!fits("train/val/loss", "/^val/"));
  assert.ok(fits("a(b", "a(b"));
});
test("metrics lie in sections by their prefix, those without one first", () => {
  assert.deepEqual(sections(["loss", "val/loss", "acc", "train/loss", "/odd"]), [
    { prefix: "", metrics: ["loss", "acc", "/odd"] },
    { prefix: "train", metrics: ["train/loss"] },
    { prefix: "val", metrics: ["val/loss"] },
  ]);
});
test("after the last chart comes the first", () => {
  assert.equal(beside(["a", "b"], "b", 1), "a");
  assert.equal(beside(["a", "b"], "a", -1), "b");
});
