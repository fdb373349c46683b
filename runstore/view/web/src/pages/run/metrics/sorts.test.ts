import assert from "node:assert/strict";
import { test } from "node:test";

import type { Metric } from "../shapes";
import { sorted } from "./sorts";

const metric = (name: string, kind: string, count = 9) => ({ name, kind, count }) as Metric;
const names = (metrics: Metric[]) => metrics.map((one) => one.name);

test("each kind has its place, in the order of names", () => {
  const found = sorted([metric("t", "table"), metric("b10", "curve"), metric("b9", "curve"), metric("c", "confusion"), metric("v", "value")]);
  assert.deepEqual([found.tiles, found.curves, found.charts, found.tables].map(names), [["v"], ["b9", "b10"], ["c"], ["t"]]);
});

test("a curve of one point is a single value", () => {
  assert.deepEqual(names(sorted([metric("a", "curve", 1)]).tiles), ["a"]);
});

test("images and texts are not among the metrics", () => {
  assert.deepEqual(Object.values(sorted([metric("a", "image"), metric("b", "text")])).flat(), []);
});
