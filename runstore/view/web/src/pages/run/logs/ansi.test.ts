import assert from "node:assert/strict";
import { test } from "node:test";

import { bare, drawn, pieces, PLAIN, settled } from "./ansi";

const RED = "\x1b[31m";
const OFF = "\x1b[0m";

test("a line without escapes is one plain piece", () => {
  assert.deepEqual(pieces("hello").pieces, [{ text: "hello", look: PLAIN }]);
});

test("a colour holds until it is taken back", () => {
  const found = pieces(`a${RED}b${OFF}c`).pieces;
  assert.deepEqual(found.map((piece) => [piece.text, piece.look.fg]), [["a", null], ["b", 1], ["c", null]]);
});

test("a colour that nothing takes back goes on in the next line", () => {
  const { end } = pieces(`${RED}b`);
  assert.equal(pieces("next", end).pieces[0]?.look.fg, 1);
});

test("several looks come in one escape", () => {
  const { end } = pieces("\x1b[1;4;97;41m");
  assert.deepEqual([end.bold, end.underline, end.fg, end.bg], [true, true, 15, 1]);
});

test("colours of 256 become one of 16 or a colour by its numbers", () => {
  assert.equal(pieces("\x1b[38;5;9m").end.fg, 9);
  assert.equal(pieces("\x1b[38;5;196m").end.fg, "#ff0000");
  assert.equal(pieces("\x1b[38;5;255m").end.fg, "#eeeeee");
});

test("a colour of 16 million is taken as it is, and what follows it counts", () => {
  const { end } = pieces("\x1b[48;2;1;2;300;1m");
  assert.deepEqual([end.bg, end.bold], ["#0102ff", true]);
});

test("cursor moves, titles and stray controls are not shown", () => {
  assert.equal(bare("\x1b]0;title\x07a\x1b[2Kb\x1b[1;5Hc\x08\x00"), "abc");
});

test("markup in a log stays text", () => {
  assert.equal(pieces("<img src=x onerror=alert(1)>").pieces[0]?.text, "<img src=x onerror=alert(1)>");
});

test("a progress bar shows what it wrote last", () => {
  assert.equal(settled("10%\r20%\r30%"), "30%");
  assert.equal(settled("windows line\r"), "windows line");
});

test("a look set before the return to the line's start still holds", () => {
  assert.equal(pieces(`${RED}10%\r20%`).pieces[0]?.look.fg, 1);
});

test("inverse exchanges the two colours", () => {
  assert.equal(drawn(pieces("\x1b[7;31m").end).classes, "ansi-fg-inverse ansi-bg-1");
});

test("colours of the 16 are classes, others are styles", () => {
  assert.deepEqual(drawn({ ...PLAIN, fg: 2, bg: "#010203", bold: true }), {
    classes: "ansi-fg-2 ansi-bold", style: { backgroundColor: "#010203" },
  });
  assert.deepEqual(drawn({ ...PLAIN, fg: "#ff8700" }), { classes: "ansi-own", style: { "--own": "#ff8700" } });
});
