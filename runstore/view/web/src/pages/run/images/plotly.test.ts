import assert from "node:assert/strict";
import { test } from "node:test";

import { chartOf, numbers, titleOf } from "./plotly";

test("traces of lines become lines, with the axes' titles", () => {
  const layout = { title: { text: "Fit" }, xaxis: { title: { text: "epoch" } }, yaxis: { title: "loss" } };
  const figure = { data: [{ type: "scatter", name: "a", x: [1, 2], y: [3, null] }], layout };
  const found = chartOf(figure);
  assert.deepEqual([found?.kind, found?.x, found?.y, found?.lines[0]?.points[0]], ["lines", "epoch", "loss", { x: 1, y: 3 }]);
  assert.equal(titleOf(figure), "Fit");
});

test("without x, places count; markers alone are dots", () => {
  const found = chartOf({ data: [{ y: [5, 6], mode: "markers" }] });
  assert.deepEqual([found?.kind, found?.lines[0]?.points[1]], ["dots", { x: 1, y: 6 }]);
});

test("packed arrays are read", () => {
  assert.deepEqual([...Array.from(numbers({ dtype: "i2", bdata: btoa("\x01\x00\x02\x00") })!)], [1, 2]);
});

test("what is packed badly is nothing", () => {
  assert.equal(numbers({ dtype: "f8", bdata: btoa("abc") }), null);
  assert.equal(numbers({ dtype: "x9", bdata: "" }), null);
});

test("maps, names across and mixed traces are left to Plotly", () => {
  for (const figure of [null, { data: [] }, { data: [{ type: "heatmap", z: [] }] }, { data: [{ x: ["a"], y: [1] }] }, { data: [{ y: [1] }, { type: "bar", y: [1] }] }]) {
    assert.equal(chartOf(figure), null);
  }
});
