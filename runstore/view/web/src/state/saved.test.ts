import assert from "node:assert/strict";
import { test } from "node:test";
import { save, saved } from "./saved";

function kept() {
  const texts = new Map<string, string>();
  return { texts, getItem: (key: string) => texts.get(key) ?? null, setItem: (key: string, text: string) => void texts.set(key, text) };
}

test("a view is saved, replaced and taken away", () => {
  const store = kept();
  save("w", "b", "#/runs", store);
  save("w", "a", "#/runs?where=1", store);
  save("w", "b", "#/sql", store);
  assert.deepEqual(saved("w", store), [{ name: "a", hash: "#/runs?where=1" }, { name: "b", hash: "#/sql" }]);
  save("w", "a", null, store);
  assert.deepEqual(saved("w", store).map((one) => one.name), ["b"]);
  assert.deepEqual(saved("another", store), []);
});
test("what is no view is left out", () => {
  const store = kept();
  store.texts.set("runstore.views.w", '[1, {"name": "x", "hash": "javascript:1"}, null]');
  assert.deepEqual(saved("w", store), []);
  store.texts.set("runstore.views.w", "{");
  assert.deepEqual(saved("w", store), []);
});
