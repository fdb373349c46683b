import assert from "node:assert/strict";
import { test } from "node:test";
import type { Source } from "../data/source";
import { App } from "./app";
import { memory } from "./place";

const made = () => new App({ live: false, finer: false } as Source, memory("#/runs?where=a"));

test("a page begins with what its address says", () => assert.equal(made().view.value.where, "a"));
test("a change is written to the address and can be undone", () => {
  const app = made();
  app.change({ where: "b" });
  assert.equal(app.place.read(), "#/runs?where=b");
  app.undo();
  assert.equal(app.place.read(), "#/runs?where=a");
  app.redo();
  assert.equal(app.view.value.where, "b");
});
test("the moves of a slider are undone together", () => {
  const app = made();
  for (const smoothing of [0.1, 0.2, 0.3]) app.change({ look: { smoothing } }, true);
  app.undo();
  assert.deepEqual(app.view.value.look, {});
});
test("what changes nothing is no step", () => {
  const app = made();
  app.change({ where: "a" });
  assert.equal(app.canUndo.value, false);
});
test("another page takes the filter along and leaves its own things", () => {
  const app = made();
  app.change({ more: { tab: "x" } });
  app.go("run", "7");
  assert.deepEqual([app.view.value.where, app.view.value.id, app.view.value.more], ["a", "7", {}]);
});
