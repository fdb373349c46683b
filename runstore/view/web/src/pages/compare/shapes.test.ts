import assert from "node:assert/strict";
import { test } from "node:test";

import { asked } from "./shapes";

test("runs named in the address count before those chosen, each once", () => {
  assert.deepEqual(asked("a, b,a,", ["c"]), ["a", "b"]);
  assert.deepEqual(asked("", ["c"]), ["c"]);
});

test("no more than ten are compared", () => {
  assert.equal(asked(Array.from({ length: 12 }, (_, n) => n).join(","), []).length, 10);
});
