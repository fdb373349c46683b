import assert from "node:assert/strict";
import { test } from "node:test";
import type { Query, Source } from "../../data/source";
import type { Column } from "../../table/columns";
import { cell, csv, python, reported, sql } from "./take";

const view = { where: "a = 1 or b = 2", experiment: "it's", sort: [{ column: "last.loss", descending: true }] };
const loss: Column = { name: "last.loss", label: "loss", type: "number", of: "metric" };

test("the same runs in Python", () => {
  assert.ok(
    python("/data/ws", view).endsWith(
      'ws = runstore.Workspace("/data/ws")\nruns = ws.runs(where="experiment = \'it\'\'s\' and (a = 1 or b = 2)", sort="last.loss desc")\n',
    ),
  );
});
test("the same runs in SQL", () => {
  assert.equal(
    sql(view, [loss], [loss]),
    "SELECT run_id, last.loss\nFROM runs\nWHERE experiment = 'it''s' and (a = 1 or b = 2)\nORDER BY last.loss DESC NULLS LAST",
  );
});
test("bare names of the filter are written whole in SQL", () => {
  const where = sql({ ...view, where: "loss < 1 and status = 'loss'", experiment: "" }, [], [loss]).split("\n")[2];
  assert.equal(where, "WHERE last.loss < 1 and status = 'loss'");
});
test("all pages are in the table that is taken", async () => {
  const json = (_: string, query: Query) =>
    Promise.resolve({ total: 1500, columns: [{ name: "run_id" }], rows: Array.from({ length: query["offset"] ? 500 : 1000 }, () => ["x"]) });
  const taken = await csv({ json } as unknown as Source, view, [loss]);
  assert.equal(taken.split("\r\n").length, 1502);
});
test("no cell runs as a formula, and commas stay inside", () => {
  assert.deepEqual(['=1+1', 'a,"b"', -1, null].map(cell), ["'=1+1", '"a,""b"""', "-1", ""]);
});

test("a report is asked of the chosen runs, else of those that are listed", () => {
  assert.deepEqual(reported({ ...view, chosen: ["a", "b"] }), { runs: ["a", "b"] });
  assert.deepEqual(reported({ ...view, chosen: [] }), { where: view.where, experiment: "it's", sort: ["last.loss desc"] });
  assert.deepEqual(reported({ where: "", experiment: "", sort: [], chosen: [] }), { where: null, experiment: null, sort: null });
});
