import assert from "node:assert/strict";
import { test } from "node:test";

import { changes, lines } from "./patch";

const PATCH = `diff --git a/t.py b/t.py
--- a/t.py
+++ b/t.py
@@ -3,4 +3,4 @@ def main():
 import x
-lr = 0.1
+lr = 0.01
 done
\\ No newline at end of file
`;

test("lines have their numbers on both sides", () => {
  assert.deepEqual(lines(PATCH).map((line) => [line.kind, line.old, line.new]), [
    ["hunk", null, null], ["same", 3, 3], ["removed", 4, null], ["added", null, 4], ["same", 5, 5],
    ["note", null, null],
  ]);
});

test("what changed inside a line is marked", () => {
  const found = lines(PATCH).find((line) => line.kind === "added")!;
  assert.equal(found.text.slice(found.from, found.to), "0");
});

test("lines with little in common are not marked inside", () => {
  assert.equal(lines("@@ -1 +1 @@\n-alpha beta\n+something else\n")[1]?.from, undefined);
});

test("a removed line that looks like a head is a line", () => {
  assert.deepEqual(changes(lines("@@ -1 +0,0 @@\n--- old\n")), { added: 0, removed: 1 });
});

test("what is said without hunks is a note", () => {
  assert.deepEqual(lines("Binary files differ")[0]?.kind, "note");
});

test("of more lines that came than went, the first are paired", () => {
  const found = lines("@@ -1 +1,2 @@\n-value = 10\n+value = 20\n+more\n");
  assert.deepEqual(found.slice(1).map((line) => line.from), [8, 8, undefined]);
});
