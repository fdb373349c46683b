import assert from "node:assert/strict";
import { test } from "node:test";

import { commented, indented, placeOf } from "./typing";

const all = (text: string) => ({ text, start: 0, end: text.length });

test("lines become comments, and lines again", () => {
  const once = commented(all("a\n  b"));
  assert.equal(once.text, "-- a\n--   b");
  assert.equal(commented(all(once.text)).text, "a\n  b");
});

test("only the lines of the selection change", () => {
  assert.equal(indented({ text: "a\nb\nc", start: 2, end: 3 }, false).text, "a\n  b\nc");
});

test("what was moved in can be moved out", () => {
  assert.equal(indented(all(indented(all("a\nb"), false).text), true).text, "a\nb");
});

test("an error's place is found by its line", () => {
  assert.equal(placeOf("Parser Error at line 2, column 3: no", "ab\ncdef"), 5);
  assert.equal(placeOf("LINE 2: no", "ab\ncdef"), 3);
  assert.equal(placeOf("too slow", "a"), null);
});
