import assert from "node:assert/strict";
import { test } from "node:test";

import { changed } from "./place";

test("what the address keeps is changed key by key, and null takes one away", () => {
  assert.deepEqual(changed({ tab: "logs", q: "x" }, { tab: "files", q: null, log: "a" }), { tab: "files", log: "a" });
});
