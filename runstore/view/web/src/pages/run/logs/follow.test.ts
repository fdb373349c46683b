import assert from "node:assert/strict";
import { test } from "node:test";

import { after, cut } from "./follow";
import { NOTHING } from "./lines";

const start = { lines: NOTHING, from: 0, next: -10, size: 0, ended: false };

test("entered in the middle of a line, that line is left out, and so is its time", () => {
  const found = cut({ text: "älf\nwhole\n", offset: 90, next: 101, size: 101, ended: false, times: [[1, 5], [2, 7]] });
  assert.deepEqual([found.text, found.offset, found.times], ["whole\n", 95, [[1, 7]]]);
});

test("asked for from the end back, it says where it begins", () => {
  const found = after(start, { text: "whole\n", offset: 94, next: 100, size: 100, ended: false, times: [[1, 7]] });
  assert.deepEqual([found.lines.lines, found.lines.times, found.from], [["whole"], [7], 94]);
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
