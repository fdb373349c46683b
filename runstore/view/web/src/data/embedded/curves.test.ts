import assert from "node:assert/strict";
import { test } from "node:test";
import { encode } from "../frame";
import { series } from "../sample";
import type { CurveRequest } from "../source";
import { EmbeddedCurves } from "./curves";

const frames = [
  encode([series([0, 1, 2], [4, 4, 4], { run_id: "a", key: "" }), series([100, 101, 102], [4, 4, 4], { run_id: "a", key: "", xKind: "time" })]),
  encode([series([0, 1, 2], [2, 2, 2], { run_id: "b", key: "" }), series([0, 1], [9, 9], { run_id: "a", key: "system", xKind: "time" })]),
];
const runs = { ids: () => ["a", "b"], value: (run: string, column: string) => (column === "one" ? "all" : run), began: () => 100 };
const known = new EmbeddedCurves(frames, runs);
const request: CurveRequest = { key: "k", metric: "loss", runs: ["a", "b"], group: null, x: "step", low: null, high: null, points: 3 };
const asked = (more: Partial<CurveRequest>) => known.frame([{ ...request, ...more }]);

test("curves of the runs asked, under the key asked", () => {
  assert.deepEqual(asked({}).series.map((one) => [one.key, one.run_id]), [["k", "a"], ["k", "b"]]);
  assert.deepEqual(asked({ runs: ["none"] }).series, []);
});

test("time since the start is told from time", () => {
  assert.deepEqual([...asked({ x: "relative", runs: ["a"] }).series[0]!.x], [0, 1, 2]);
});

test("what the machine was measured at is apart", () => {
  assert.deepEqual([...asked({ x: "time", runs: ["a"], source: "system" }).series[0]!.mean], [9, 9]);
});

test("another axis is refused, the other charts of the frame are drawn", () => {
  const { series: found, errors } = known.frame([{ ...request, key: "odd", x: "epoch" }, request]);
  assert.equal(found.length, 2);
  assert.deepEqual(errors!.map((one) => one.key), ["odd"]);
});

test("groups have the mean of their runs and one deviation around it", () => {
  const [one] = asked({ runs: null, group: ["one"] }).series;
  assert.deepEqual(one!.group, { one: "all" });
  assert.deepEqual([[...one!.x], [...one!.mean], [...one!.count]], [[0, 1, 2], [3, 3, 3], [2, 2, 2]]);
  assert.ok(Math.abs(one!.max[0]! - 3 - Math.SQRT2) < 1e-12);
  assert.deepEqual(asked({ runs: null, group: ["run"] }).series.map((each) => each.group), [{ run: "a" }, { run: "b" }]);
});

test("groups have the band that is asked, and their own runs beside them", () => {
  const [one, seed] = asked({ runs: null, group: ["one"], band: "minmax", seeds: ["b"] }).series;
  assert.deepEqual([one!.band, one!.mean[0], one!.min[0], one!.max[0]], ["minmax", 3, 2, 4]);
  assert.deepEqual([seed!.run_id, seed!.group, seed!.band], ["b", null, "minmax"]);
  const [quartiles] = asked({ runs: null, group: ["one"], band: "quantile" }).series;
  assert.deepEqual([quartiles!.mean[0], quartiles!.min[0], quartiles!.max[0]], [3, 2.5, 3.5]);
});
