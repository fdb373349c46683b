import assert from "node:assert/strict";
import { test } from "node:test";
import { series } from "../data/sample";
import { nearest, visible, type Curve } from "./curve";
import { moved, pad, unplacedX, xRange, yRange, zoomed } from "./ranges";

const curve = (xs: number[], means: number[], max = means, min = means): Curve => {
  const made = series(xs, means, { max: Float32Array.from(max), min: Float32Array.from(min) });
  return { id: "a", label: "a", look: { colour: "#000000", dash: [], hue: "" }, series: made, line: Float64Array.from(means) };
};
const many = (of: (at: number) => number): number[] => Array.from({ length: 200 }, (_, at) => of(at));
const xs = many((at) => at);
const all = { low: 0, high: 199 };

test("a spike does not flatten the line, and is counted", () => {
  const shown = yRange([curve(xs, many(() => 1).map((one, at) => one + at / 1000), many((at) => (at === 50 ? 1e6 : 1.3)))], all, false, false);
  assert.ok(shown.high < 2);
  assert.equal(shown.above, 1);
});

test("a band that is always wide is shown, however little the line moves", () => {
  const wide = curve(xs, many((at) => 0.5 + 0.001 * Math.sin(at)), many(() => 1), many((at) => (at === 9 ? -500 : 0)));
  const shown = yRange([wide], all, false, false);
  assert.deepEqual([shown.above, shown.below], [0, 1]);
  assert.ok(shown.low <= 0 && shown.low > -1);
});

test("everything shows the spike", () => {
  const shown = yRange([curve(xs, many((at) => 1 + at / 1000), many((at) => (at === 50 ? 1e6 : 1.3)))], all, false, true);
  assert.ok(shown.high >= 1e6);
  assert.equal(shown.above + shown.below, 0);
});

test("a curve that falls far is shown from its beginning", () => {
  const shown = yRange([curve(xs, many((at) => 10 * Math.exp(-at / 10)))], all, false, false);
  assert.ok(shown.high >= 10);
  assert.equal(shown.above, 0);
});

test("of few values none is unusual", () => {
  assert.ok(yRange([curve([0, 1, 2], [1, 1, 1000])], { low: 0, high: 2 }, false, false).high >= 1000);
});

test("a logarithmic axis leaves out what it cannot show, and says how much", () => {
  const shown = yRange([curve([0, 1, 2], [0, -1, 10])], { low: 0, high: 2 }, true, false);
  assert.equal(shown.unplaced, 2);
  assert.ok(shown.low > 0 && shown.high >= 10);
  assert.equal(unplacedX([curve([-1, 0, 1], [1, 1, 1])]), 2);
  const x = xRange([curve([0, 1, 4], [1, 1, 1])], true)!;
  assert.ok(x.low > 0.9 && x.low < 1 && x.high > 4 && x.high < 4.1);
});

test("on a logarithmic axis what is usual is measured as the axis does", () => {
  const line = many((at) => 10 ** (-at / 100));
  const dips = many((at) => (at === 120 ? 1e-30 : line[at]! * 0.9));
  const shown = yRange([curve(xs, line, line, dips)], all, true, false);
  assert.ok(shown.low > 1e-4 && shown.low < 0.011 && shown.high >= 1);
  assert.equal(shown.below, 1);
  assert.ok(yRange([curve(xs, line, line, dips)], all, true, true).low <= 1e-30);
});

test("curves without a finite value have a range all the same", () => {
  const none = curve([0, 1], [NaN, NaN]);
  for (const log of [false, true]) {
    const { low, high } = yRange([none], { low: 0, high: 1 }, log, false);
    assert.ok(low < high && Number.isFinite(low) && Number.isFinite(high));
  }
  assert.equal(xRange([], false), null);
});

test("a range of one value becomes one that can be drawn", () => {
  for (const value of [0, 5, -3]) assert.ok(pad(value, value, false).low < pad(value, value, false).high);
  assert.deepEqual(xRange([curve([7], [1])], false), { low: 6.5, high: 7.5 });
});

test("zooming holds the place under the pointer, on both kinds of axis", () => {
  assert.deepEqual(zoomed({ low: 0, high: 100 }, 25, 0.5, false), { low: 12.5, high: 62.5 });
  const log = zoomed({ low: 1, high: 10_000 }, 100, 0.5, true);
  assert.ok(Math.abs(log.low - 10) < 1e-9 && Math.abs(log.high - 1000) < 1e-6);
  assert.deepEqual(moved({ low: 0, high: 10 }, 0.5, false), { low: 5, high: 15 });
});

test("the crosshair finds the nearest bucket, and none far from the curve", () => {
  const { series: ten } = curve([0, 10, 20], [1, 1, 1]);
  assert.deepEqual([-1, 4, 6, 19, 24, 80].map((x) => nearest(ten, x)), [0, 0, 1, 2, 2, -1]);
  assert.deepEqual(visible(ten, { low: 8, high: 12 }), [0, 3]);
});

test("a difference that only rounding made is none", () => {
  const { low, high } = pad(3, 3 + 4e-16, false);
  assert.ok(low < 2.8 && high > 3.2);
  assert.ok(pad(1e9, 1e9 + 0.002, false).high < 1e9 + 0.01);
});
