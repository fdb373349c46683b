import assert from "node:assert/strict";
import { test } from "node:test";

import { paragraphs, parts } from "./notes";

test("empty lines part paragraphs", () => {
  assert.equal(paragraphs("a\nb\n\n \nc\n").length, 2);
});

test("addresses become links, without the full stop after them", () => {
  assert.deepEqual(parts("see https://example.org/a_b."), [
    { text: "see ", href: null }, { text: "https://example.org/a_b", href: "https://example.org/a_b" },
    { text: ".", href: null },
  ]);
});

test("other schemes and markup stay text", () => {
  assert.deepEqual(parts("javascript:alert(1) <b>x</b>"), [{ text: "javascript:alert(1) <b>x</b>", href: null }]);
});
