import assert from "node:assert/strict";
import { test } from "node:test";

import { after } from "./follow";
import { NOTHING } from "./lines";

const start = { lines: NOTHING, from: 0, next: -10, size: 0, ended: false };

test("entered in the middle, the line that was cut is left out", () => {
  const found = after(start, { text: "alf\nwhole\n", offset: 90, next: 100, size: 100, ended: false });
  assert.deepEqual([found.lines.lines, found.from], [["whole"], 94]);
});

test("entered at the beginning, the first line is whole", () => {
  const found = after(start, { text: "first\n", offset: 0, next: 6, size: 6, ended: true });
  assert.deepEqual([found.lines.lines, found.from, found.ended], [["first"], 0, true]);
});

test("what comes later goes on where the last chunk ended", () => {
  const first = after(start, { text: "a\nb", offset: 0, next: 3, size: 3, ended: false });
  const second = after(first, { text: "c\n", offset: 3, next: 5, size: 5, ended: false });
  assert.deepEqual([second.lines.lines, second.next], [["a", "bc"], 5]);
});
