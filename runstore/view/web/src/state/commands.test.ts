import assert from "node:assert/strict";
import { test } from "node:test";
import { Commands, keyOf } from "./commands";

const plain = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
const command = (label: string) => ({ label, keys: ["x"], of: "test", run: () => undefined });

test("keys are named as people write them", () => {
  assert.equal(keyOf({ ...plain, key: "?", shiftKey: true }), "?");
  assert.equal(keyOf({ ...plain, key: "k", metaKey: true }), "ctrl+k");
  assert.equal(keyOf({ ...plain, key: "Z", ctrlKey: true, shiftKey: true }), "ctrl+shift+z");
});
test("of two commands with one key the newer part's is meant, until that part goes", () => {
  const commands = new Commands();
  commands.add([command("old")]);
  const remove = commands.add([command("new")]);
  assert.equal(commands.of("x")?.label, "new");
  remove();
  assert.equal(commands.of("x")?.label, "old");
});
test("a key that is only listed is left to the part that hears it", () => {
  const commands = new Commands();
  commands.add([{ ...command("a"), listed: true }]);
  assert.equal(commands.of("x"), null);
});
