import assert from "node:assert/strict";
import { test } from "node:test";

import { above, opened, rows, tree } from "./tree";

const files = (...paths: string[]) => paths.map((path) => ({ path, size: 1 }));
const shown = (paths: string[], ...open: string[]) => rows(tree(files(...paths)), new Set(open)).map((row) => row.name);

test("folders come before files, numbers in names by their size", () => {
  assert.deepEqual(shown(["b10", "b9", "z/a"]), ["z", "b9", "b10"]);
});

test("what is in a folder is shown when it is open", () => {
  assert.deepEqual(shown(["a/x", "a/y"], "a"), ["a", "x", "y"]);
});

test("folders that hold nothing but a folder are one row", () => {
  assert.deepEqual(shown(["a/b/c/x", "a/b/c/y"], "a/b/c"), ["a/b/c", "x", "y"]);
});

test("a folder knows how many files are below it, and how large they are", () => {
  const root = tree(files("a/x", "a/b/y", "z"));
  assert.deepEqual([root.count, root.size, root.folders[0]?.count], [3, 3, 2]);
});

test("a path's folders are those above it", () => {
  assert.deepEqual(above("a/b/c"), ["a", "a/b"]);
});

test("a small tree opens whole, of a large one only small folders", () => {
  assert.deepEqual([...opened(tree(files("a/b/x", "a/y")))], ["a", "a/b"]);
  const many = Array.from({ length: 100 }, (_, n) => `big/${n}`);
  assert.deepEqual([...opened(tree(files(...many, "small/x")))], ["small"]);
});

test("names that mean something to objects are names", () => {
  assert.deepEqual(shown(["__proto__/constructor"], "__proto__"), ["__proto__", "constructor"]);
});
