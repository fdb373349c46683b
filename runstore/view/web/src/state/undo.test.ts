import assert from "node:assert/strict";
import { test } from "node:test";
import { nothing, redo, remember, undo, type Past } from "./undo";

test("what was undone can be redone", () => {
  const past: Past<string> = remember(remember(nothing, "a"), "b");
  const [undone, shown] = undo(past, "c") ?? [nothing, ""];
  assert.equal(shown, "b");
  assert.deepEqual(redo(undone, "b"), [past, "c"]);
});
test("a change after an undo forgets what was undone", () => {
  const [undone] = undo(remember(nothing as Past<string>, "a"), "b") ?? [nothing];
  assert.equal(redo(remember(undone, "a"), "c"), null);
});
test("there is a beginning and an end", () => {
  assert.equal(undo(nothing, "a"), null);
  assert.equal(redo(nothing, "a"), null);
});
