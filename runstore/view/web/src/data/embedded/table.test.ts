import assert from "node:assert/strict";
import { test } from "node:test";
import type { Column } from "../../table/columns";
import { metrics, Table } from "./table";

const columns = [["run_id", "field", "text"], ["experiment", "field", "text"], ["params.lr", "param", "number"]].map(
  ([name, of, type]) => ({ name, label: name!.replace("params.", ""), of, type }) as Column,
);
const rows = [["a", "e", 0.1], ["b", "e", null], ["c", "f", 0.01], ["d", "e", 0.1]]; // prettier-ignore
const table = new Table(columns, { total: 4, columns, rows });
const ids = (query: object): unknown[] => table.runs({ ...query, columns: ["run_id"] }).rows.map(([id]) => id);

test("runs come as they lie, unless an order is asked", () => {
  assert.deepEqual(ids({}), ["a", "b", "c", "d"]);
  assert.deepEqual(ids({ sort: ["lr asc"] }), ["c", "a", "d", "b"]);
  assert.deepEqual(ids({ sort: ["params.lr desc", "run_id desc"] }), ["d", "a", "c", "b"]);
  assert.deepEqual(ids({ sort: "run_id", desc: true }), ["d", "c", "b", "a"]);
});

test("a page of what the filter leaves, and how many that is", () => {
  const found = table.runs({ where: "lr is not null", experiment: "e", limit: 1, offset: 1, columns: "params.lr,unknown" });
  assert.equal(found.total, 2);
  assert.deepEqual(found.columns.map((one) => one.name), ["run_id", "params.lr", "unknown"]);
  assert.deepEqual(found.rows, [["d", 0.1, null]]);
});

test("facets count values, those without one too", () => {
  const found = table.facets({ column: "params.lr", limit: 2 });
  assert.deepEqual(found.values.map(({ value, count }) => [value, count]), [[0.1, 2], [0.01, 1]]);
  assert.deepEqual([found.min, found.max, found.different, found.without], [0.01, 0.1, 2, 1]);
});

test("a metric that is a curve in one run is a curve", () => {
  const of = {
    a: [{ name: "loss", kind: "value", points: 1, last_step: null }, { name: "cm", kind: "confusion", points: 2, last_step: 3 }],
    b: [{ name: "loss", kind: "curve", points: 9, last_step: 8 }],
  };
  const found = metrics(of, ["a", "b", "none"], {});
  assert.deepEqual(found.metrics.map((one) => [one.name, one.kind, one.runs, one.points, one.last_step]), [
    ["cm", "confusion", 1, 2, 3], ["loss", "curve", 2, 10, 8],
  ]); // prettier-ignore
  assert.equal(metrics(of, ["a"], { search: "LO" }).total, 1);
});

test("a value tells what other columns are among its runs", () => {
  const [e, f] = table.facets({ column: "experiment", figures: ["params.lr", "experiment"] }).values;
  assert.deepEqual(e!.figures!["params.lr"], { n: 2, mean: 0.1, std: 0, min: 0.1, max: 0.1, same: null });
  assert.equal(e!.figures!["experiment"]!.same, "e");
  assert.deepEqual(f!.figures!["params.lr"], { n: 1, mean: 0.01, std: null, min: 0.01, max: 0.01, same: 0.01 });
});
