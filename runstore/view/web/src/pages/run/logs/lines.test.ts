import assert from "node:assert/strict";
import { test } from "node:test";

import { appended, errors, joined, level, lineAt, matcher, matches, next, NOTHING } from "./lines";

test("chunks may end anywhere in a line", () => {
  const found = appended(appended(appended(NOTHING, "a\nb"), "c\n"), "d");
  assert.deepEqual([found.lines, found.open], [["a", "bc", "d"], true]);
});

test("a line feed of its own ends the line that was open", () => {
  const found = appended(appended(NOTHING, "a"), "\n");
  assert.deepEqual([found.lines, found.open], [["a"], false]);
});

test("empty lines are lines", () => {
  assert.deepEqual(appended(NOTHING, "\n\na\n").lines, ["", "", "a"]);
});

test("what was shown before is not changed by what comes", () => {
  const before = appended(NOTHING, "a");
  appended(before, "b");
  assert.deepEqual(before.lines, ["a"]);
});

test("the oldest lines go at the limit, and the numbers stay right", () => {
  const found = appended(NOTHING, "1\n2\n3\n4\n", [], 2);
  assert.deepEqual([found.lines, found.first], [["3", "4"], 3]);
});

test("errors and warnings are told by what tools print", () => {
  assert.equal(level("ValueError: no"), "error");
  assert.equal(level("\x1b[31mERROR\x1b[0m disk full"), "error");
  assert.equal(level("UserWarning: old"), "warning");
  assert.equal(level("mean error rate 0.2"), null);
});

test("a traceback counts as one error, at its head", () => {
  const lines = ["ok", "Traceback (most recent call last):", '  File "a.py"', "    raise", "ValueError: no", "ERROR two"];
  assert.deepEqual(errors(lines), [1, 5]);
});

test("a search finds text whatever its case and colour, or a pattern between slashes", () => {
  const lines = ["Loss 1", "acc 2", "l\x1b[1mos\x1b[0ms 3"];
  assert.deepEqual(matches(lines, "loss"), [0, 2]);
  assert.deepEqual(matches(lines, "/^acc \\d/"), [1]);
});

test("a pattern that is none finds nothing", () => {
  assert.equal(matcher("/(/"), null);
});

test("the next match goes round at both ends", () => {
  assert.deepEqual([next([2, 5], 2), next([2, 5], 5), next([2, 5], 2, true), next([], 0)], [5, 2, 5, null]);
});

test("lines have the time at which they were there; one that goes on has that of its end", () => {
  const first = appended(NOTHING, "a\nb\nc\nd", [[1, 10], [3, 20]]);
  assert.deepEqual(first.times, [10, 20, 20, null]);
  const second = appended(first, "d\ne\n", [[2, 30]]);
  assert.deepEqual([second.lines, second.times], [["a", "b", "c", "dd", "e"], [10, 20, 20, 30, 30]]);
});

test("earlier lines stand before what is there, with their times", () => {
  const found = joined(appended(NOTHING, "a\n", [[1, 1]]), appended(NOTHING, "b", [[1, 2]]));
  assert.deepEqual([found.lines, found.times, found.open], [["a", "b"], [1, 2], true]);
});

test("a time leads to the first line from then on, or to the last one before", () => {
  const times = [10, null, 20, 20, null];
  assert.deepEqual([5, 10, 11, 20, 21].map((time) => lineAt(times, time)), [0, 0, 2, 2, 3]);
  assert.equal(lineAt([null], 1), null);
});
