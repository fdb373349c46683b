import assert from "node:assert/strict";
import { test } from "node:test";
import { python, sql, type Asking } from "./statements";

const asked: Asking = { metric: "val/loss", runs: ["a", "b"], group: null, x: "step", smoothing: 0, zoom: null };

test("runs' curves are asked for in Python as they are drawn", () => {
  const said = python("/w", { ...asked, smoothing: 0.9, zoom: { low: 10, high: 20 } });
  assert.match(said, /ws = runstore.Workspace\("\/w"\)/);
  assert.match(said, /ws.curves\("val\/loss", \["a", "b"\], x="step", points=500, smoothing=0.9, low=10, high=20\)/);
});

test("groups' curves are asked for in Python with their filter", () => {
  const said = python("/w", { ...asked, runs: null, group: ["params.lr"], experiment: "e", where: "lr < 1" });
  assert.match(said, /ws.group_curves\("val\/loss", \["params.lr"\], experiment="e", where="lr < 1", x="step", points=500\)/);
});

test("SQL asks for every point of the stretch", () => {
  const lines = sql({ ...asked, runs: ["a"], metric: "it's", zoom: { low: 10, high: 20 } }).split("\n");
  assert.deepEqual(lines, [
    "SELECT p.run_id, p.step AS x, p.value", "FROM curve_points p",
    "WHERE p.name = 'it''s'", "  AND p.run_id IN ('a')", "  AND p.step BETWEEN 10 AND 20", "ORDER BY p.run_id, x",
  ]); // prettier-ignore
});

test("SQL joins what x is made of", () => {
  assert.match(sql({ ...asked, x: "epoch" }), /a.value AS x[^]*JOIN curve_points a ON [^]* AND a.name = 'epoch'/);
  assert.match(sql({ ...asked, x: "relative" }), /epoch\(p.time\) - epoch\(r.started\) AS x/);
  assert.match(sql({ ...asked, source: "system" }), /FROM system_metrics p/);
});

test("SQL of groups takes runs together", () => {
  const said = sql({ ...asked, runs: null, group: ["params.lr"], groupSql: ["params.lr"], whereSql: "experiment = 'e'" });
  assert.match(said, /SELECT r.group_1, p.step AS x, avg\(p.value\) AS mean, stddev\(p.value\) AS std/);
  assert.match(said, /params.lr AS group_1 FROM runs WHERE experiment = 'e'\) r/);
  assert.match(said, /GROUP BY ALL\nORDER BY r.group_1, x$/);
});
