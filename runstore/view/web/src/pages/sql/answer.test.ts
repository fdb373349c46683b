import assert from "node:assert/strict";
import { test } from "node:test";

import { columns, csv, drawing, numbered, sorted } from "./answer";

test("columns are numbers or times when all their cells are", () => {
  const found = columns(["a", "b", "c", "d"], [[1, "2026-01-01T00:00:00", "x", null], [null, "2026-01-02 00:00:00", 1, null]]);
  assert.deepEqual(found.map((one) => [one.numeric, one.time]), [[true, false], [false, true], [false, false], [false, false]]);
});

test("NULL sorts last either way", () => {
  const rows = [[null], [2], [10]];
  assert.deepEqual(sorted(rows, 0, false), [[2], [10], [null]]);
  assert.deepEqual(sorted(rows, 0, true), [[10], [2], [null]]);
});

test("an ascending column with another is a line, else dots", () => {
  const draw = (rows: unknown[][]) => drawing(columns(["x", "y"], rows), rows)?.kind;
  assert.deepEqual([draw([[1, 5], [2, 3]]), draw([[2, 5], [1, 3]])], ["line", "scatter"]);
});

test("names with a number are bars, one row is nothing to draw", () => {
  const rows = [["a", 1], ["b", 2]];
  assert.deepEqual(drawing(columns(["n", "v"], rows), rows), { kind: "bars", x: 0, y: [1] });
  assert.equal(drawing(columns(["n"], [[1]]), [[1]]), null);
});

test("text with commas and quotes is quoted", () => {
  assert.equal(csv(["a,b"], [['say "x"'], [null]]), '"a,b"\r\n"say ""x"""\r\n\r\n');
});

test("NaN and the infinities are numbers again, and NaN comes last", () => {
  const rows = numbered(["DOUBLE", "VARCHAR"], [["NaN", "NaN"], [1, "a"], ["Infinity", "b"], [null, "c"]]);
  assert.deepEqual(rows.map((row) => row[0]), [NaN, 1, Infinity, null]);
  assert.equal(rows[0]![1], "NaN");
  assert.deepEqual(sorted(rows, 0, true).slice(0, 2).map((row) => row[1]), ["b", "a"]);
  assert.equal(columns(["n", "t"], rows)[0]!.numeric, true);
});
