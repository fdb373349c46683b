import assert from "node:assert/strict";
import { test } from "node:test";
import { plain } from "../state/view";
import { ago, duration, figure, shown } from "./cells";
import { headingOf, moved, shownColumns, sqlName, usual, type Column } from "./columns";
import { move } from "./moves";
import { clicked } from "./order";

const columns: Column[] = [
  { name: "run_id", label: "id", type: "text", of: "field" },
  { name: "name", label: "name", type: "text", of: "field" },
  { name: "lr", label: "lr", type: "number", of: "param", differs: true },
  { name: "epochs", label: "epochs", type: "number", of: "param", differs: false },
  { name: "loss", label: "loss", type: "number", of: "metric", differs: true },
];

test("what is the same in all runs is not shown at first", () => assert.deepEqual(usual(columns), ["name", "loss", "lr"]));
test("of many columns those are shown that tell most, then those of the newest runs", () => {
  const metric = (name: string, newest: number): Column => ({ name, label: name, type: "number", of: "metric", newest });
  const many = [..."abcdefg"].map((name, place) => metric(name, place));
  assert.deepEqual(usual([...many, metric("val/loss", 1), metric("old/loss", 0)]), ["val/loss", "g", "f", "e", "d", "c"]);
});
test("where the newest runs have nothing, what others have is shown", () => {
  assert.deepEqual(usual([{ name: "a", label: "a", type: "number", of: "metric", newest: 0 }]), ["a"]);
});
test("two columns that are called the same say where they are from", () => {
  const [param, metric] = ["params.lr", "last.lr"].map((name) => ({ ...(columns[2] as Column), name, label: "lr" }));
  assert.equal(headingOf(param as Column, [param, metric] as Column[]), "params.lr");
  assert.equal(headingOf(param as Column, [param] as Column[]), "lr");
});
test("pinned columns come first and names of nothing are left out", () => {
  const view = { ...plain, columns: ["lr", "gone", "name", "epochs"], pinned: ["name"] };
  assert.deepEqual(shownColumns(columns, view).map((one) => one.name), ["name", "lr", "epochs"]);
  assert.deepEqual(shownColumns(columns, { ...view, differs: true }).map((one) => one.name), ["name", "lr"]);
});
test("a column is asked for as the filter's grammar has it", () => {
  assert.equal(sqlName({ name: "val/loss", of: "metric" }), 'last."val/loss"');
  assert.equal(sqlName({ name: "params.lr", of: "param" }), "params.lr");
  assert.equal(sqlName({ name: "team", of: "tag" }), "tags['team']");
});
test("a column is moved to another one's place", () => {
  assert.deepEqual(moved(["a", "b", "c"], "a", "c"), ["b", "c", "a"]);
  assert.deepEqual(moved(["a", "b", "c"], "c", "a"), ["c", "a", "b"]);
});
test("a heading is clicked: falling, rising, not at all", () => {
  const falling = clicked([], "a", false);
  const rising = clicked(falling, "a", false);
  assert.deepEqual([falling[0]?.descending, rising[0]?.descending], [true, false]);
  assert.deepEqual(clicked(rising, "a", false), []);
});
test("with shift the other columns stay in the order", () => {
  const both = clicked(clicked([], "a", false), "b", true);
  assert.deepEqual(both.map((key) => key.column), ["a", "b"]);
  assert.deepEqual(clicked(both, "a", true).map((key) => key.descending), [false, true]);
});
test("keys stay inside the table", () => {
  const bounds = { lines: 10, columns: 3, page: 4 };
  assert.deepEqual(move({ line: 9, column: 2 }, "ArrowDown", false, bounds), { line: 9, column: 2 });
  assert.deepEqual(move({ line: 0, column: 0 }, "ArrowUp", false, bounds), { line: -1, column: 0 });
  assert.deepEqual(move({ line: 1, column: 1 }, "End", true, bounds), { line: 9, column: 2 });
  assert.deepEqual(move({ line: 1, column: 1 }, "PageDown", false, bounds), { line: 5, column: 1 });
  assert.equal(move({ line: 1, column: 1 }, "q", false, bounds), null);
});
test("numbers keep the digits that tell something", () => {
  assert.deepEqual([0.1, 1 / 3, 1e-7, 123456, NaN].map(figure), ["0.1", "0.33333", "1.000e-7", "123,456", "NaN"]);
});
test("spans and moments are read at a glance", () => {
  assert.deepEqual([0.02, 7.25, 65, 3700, 90000].map(duration), ["20 ms", "7.3 s", "1 min 5 s", "1 h 1 min", "1 d 1 h"]);
  const now = Date.parse("2026-01-10T12:00:00Z");
  assert.equal(ago("2026-01-10T11:58:00", now), "2 min ago");
  assert.equal(ago("2026-01-01T00:00:00Z", now), "2026-01-01 00:00");
  assert.equal(shown(null, "number"), "");
});
