import assert from "node:assert/strict";
import { test } from "node:test";

import { asked, dropped, read, saved, write } from "./saved";

const none = { saved: [], recent: [] };

test("what was written is read again, for its workspace only", () => {
  const kept = new Map<string, string>();
  const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, text: string) => void kept.set(key, text) };
  const one = asked(saved(none, "mine", "SELECT 1"), "SELECT 2");
  write(storage, "a", one);
  assert.deepEqual(read(storage, "a"), one);
  assert.deepEqual(read(storage, "b"), none);
});

test("nonsense in the storage is nothing", () => {
  for (const text of ["{", "null", '{"saved":3}', '{"saved":[null,{"name":1}],"recent":[4]}']) {
    assert.deepEqual(read({ getItem: () => text }, "a"), none);
  }
});

test("a name is saved once", () => {
  assert.deepEqual(saved(saved(none, "a", "1"), "a", "2").saved, [{ name: "a", query: "2" }]);
  assert.deepEqual(dropped(saved(none, "a", "1"), "a").saved, []);
});

test("a query asked again moves to the head, blanks are none", () => {
  assert.deepEqual(asked(asked(asked(none, "a"), "b"), " a ").recent, ["a", "b"]);
  assert.equal(asked(none, "  "), none);
});

test("a storage that refuses breaks nothing", () => {
  assert.doesNotThrow(() => write({ setItem: () => { throw new Error("full"); } }, "a", none));
});
