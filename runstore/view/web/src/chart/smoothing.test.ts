import assert from "node:assert/strict";
import { test } from "node:test";
import { series } from "../data/sample";
import { sliderOf, smooth, weightOf } from "./smoothing";

const close = (found: ArrayLike<number>, wanted: number[], within = 1e-6): void =>
  wanted.forEach((value, at) => assert.ok(Math.abs(found[at]! - value) <= within, `${at}: ${found[at]} is not ${value}`));

/** The exponential mean over every point, corrected for its start. */
function everyPoint(values: number[], weight: number): number[] {
  let [mean, total] = [0, 0];
  return values.map((value) => {
    mean = weight * mean + (1 - weight) * value;
    total = weight * total + 1 - weight;
    return mean / total;
  });
}

test("without a weight the line is the bucket means", () => close(smooth(series([1, 2], [3, 5]), 0), [3, 5]));

test("buckets of one point are smoothed as points are", () => {
  const values = Array.from({ length: 200 }, (_, at) => Math.fround(Math.sin(at / 7) + (at % 3)));
  const xs = values.map((_, at) => at);
  close(smooth(series(xs, values), 0.9), everyPoint(values, 0.9), 1e-9);
});

test("buckets of many points end where smoothing every point ends", () => {
  const values = Array.from({ length: 10_000 }, (_, at) => 2 * Math.exp(-at / 2500) + 0.1 * Math.sin(at * 12.9898));
  const size = 20;
  const means = Array.from({ length: values.length / size }, (_, at) => values.slice(at * size, at * size + size).reduce((a, b) => a + b) / size);
  const buckets = series(means.map((_, at) => at), means, { count: new Float64Array(means.length).fill(size) });
  const exact = everyPoint(values, 0.99).filter((_, at) => at % size === size - 1);
  close(smooth(buckets, 0.99), exact, 0.02);
});

test("a gap stays a gap, and the line goes on behind it where it was", () => {
  const gap = series([1, 2, 3], [1, NaN, 1], { nan: Uint32Array.of(0, 1, 0) });
  const line = smooth(gap, 0.9);
  assert.ok(Number.isNaN(line[1]));
  close([line[0]!, line[2]!], [1, 1]);
});

test("values that are not finite do not count", () => {
  const odd = series([1, 2], [0, 10], { count: Float64Array.of(1, 5), nan: Uint32Array.of(0, 3), inf: Uint32Array.of(0, 1) });
  close(smooth(odd, 0.5), smoothArray([0, 10], 0.5));
});

const smoothArray = (values: number[], weight: number): number[] => everyPoint(values, weight);

test("the slider goes from nothing to nearly all, and back", () => {
  assert.equal(weightOf(0), 0);
  for (const at of [0.1, 0.5, 0.99]) assert.ok(Math.abs(sliderOf(weightOf(at)) - at) < 1e-9);
  assert.ok(weightOf(1) < 1);
});

test("what is constant stays exactly so", () => {
  const line = smooth(series(Array.from({ length: 500 }, (_, at) => at), Array(500).fill(0.1)), 0.98);
  assert.deepEqual([...new Set(line)], [Math.fround(0.1)]);
});
