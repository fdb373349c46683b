import assert from "node:assert/strict";
import { test } from "node:test";
import type { CurveRequest, Query } from "../../data/source";
import { plain, type View } from "../../state/view";
import { opening } from "./opening";

/** What is asked for of a workspace with these runs and metrics. */
async function asked(change: Partial<View>, runs: string[], metrics: string[]) {
  const questions: [string, Query][] = [];
  const requests: CurveRequest[] = [];
  const answers: Record<string, unknown> = {
    runs: { total: runs.length, columns: [{ name: "run_id" }], rows: runs.map((id) => [id]) },
    metrics: { total: metrics.length, metrics: metrics.map((name) => ({ name, kind: name.startsWith("table") ? "table" : "curve" })) },
  };
  const source = {
    ahead: async <T,>(path: string, query: Query) => (questions.push([path, query]), answers[path] as T),
    framesAhead: (all: readonly CurveRequest[]) => void requests.push(...all),
  };
  await opening(source, { ...plain, page: "runs", ...change });
  return { paths: questions.map(([path]) => path), questions, charts: requests.map((one) => one.metric), requests };
}

test("the curves of the first two charts are asked for, of the runs that are drawn", async () => {
  const { paths, charts, requests } = await asked({ drawn: 2, hidden: ["a"], shown: ["c"] }, ["a", "b", "c", "d"], ["table", "x", "y", "z"]);
  assert.deepEqual([paths, charts], [["runs", "metrics"], ["x", "y"]]);
  assert.deepEqual(requests[0]!.runs, ["b", "c"]);
});

test("pinned charts come first, folded sections never, and of a full one there is one", async () => {
  const metrics = ["val/a", "val/b", "loss"];
  assert.deepEqual((await asked({ charts: ["val/b"] }, ["a"], metrics)).charts, ["val/b"]);
  assert.deepEqual((await asked({ closed: ["", "*"], charts: ["loss"] }, ["a"], metrics)).charts, ["val/a", "val/b"]);
  const { requests } = await asked({ full: "val/a", zoom: { kind: "step", low: 2, high: 9 } }, ["a"], metrics);
  assert.deepEqual(requests.map(({ metric, low, high, points }) => [metric, low, high, points]), [["val/a", 2, 9, 1000]]);
});

test("nothing is asked for that the page may ask otherwise", async () => {
  assert.deepEqual((await asked({ page: "sql" }, ["a"], ["x"])).paths, []);
  assert.deepEqual((await asked({ group: ["params.lr"] }, ["a"], ["x"])).paths, ["runs"]);
  assert.deepEqual((await asked({ solo: ["gone"] }, ["a"], ["x"])).paths, ["runs"]);
  assert.deepEqual((await asked({}, [], [])).paths, ["runs"]);
});
