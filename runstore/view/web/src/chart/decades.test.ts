import assert from "node:assert/strict";
import { test } from "node:test";
import { series } from "../data/sample";
import type { Series } from "../data/frame";
import type { CurveRequest } from "../data/source";
import { fetched } from "./fetching";
import { spansOf } from "./decades";

const STEPS = 1_000_000;
const request: CurveRequest = { key: "loss", metric: "loss", runs: ["run"], group: null, x: "step", low: null, high: null, points: 500 };

/** Buckets of a run that logged its step at each step. */
function cut({ low, high, points }: Pick<CurveRequest, "low" | "high" | "points">): Series {
  const [from, to] = [low ?? 0, high ?? STEPS - 1];
  const buckets = new Map<number, number[]>();
  for (let step = Math.max(0, from); step <= Math.min(STEPS - 1, to); step++) {
    const place = Math.floor(((step - from) * points) / (to - from + 1));
    const bucket = buckets.get(place) ?? [0, 0];
    buckets.set(place, [bucket[0]! + 1, bucket[1]! + step]);
  }
  const xs = [...buckets.values()].map(([n, sum]) => sum! / n!);
  const count = Float64Array.from([...buckets.values()].map(([n]) => n!));
  return series(xs, xs, { low: from, high: to, points, count, countTotal: STEPS });
}

test("on a logarithmic axis the first steps are as fine as the last, and no point counts twice", async () => {
  const source = { finer: true } as never;
  const found = await fetched({ source, get: async (asked) => [cut(asked)] }, request, true);
  const { x, n, count } = found[0]!;
  assert.equal(n, x.length);
  assert.equal(count.reduce((sum, one) => sum + one, 0), STEPS);
  for (let at = 1; at < n; at++) assert.ok(x[at]! > x[at - 1]!);
  for (const from of [1, 10, 100, 1000, 10_000, 100_000]) {
    const inside = x.filter((one) => one >= from && one < 10 * from).length;
    assert.ok(inside >= Math.min(9 * from, 100), `${inside} buckets from ${from} on`);
  }
});

test("times and steps that have a bucket each ask for nothing more", () => {
  const open = { low: null, high: null };
  const one = series([0, 99_999], [1, 2], { points: 500 });
  const spans = spansOf([one], { x: "step", ...open });
  assert.deepEqual(spans.map(({ low, high }) => [low, high]), [[null, 9], [10, 99], [100, 999], [1000, 9999], [10_000, null]]); // prettier-ignore
  assert.deepEqual(spansOf([one], { x: "time", ...open }), []);
  assert.deepEqual(spansOf([series([0, 99], [1, 2], { points: 500 })], { x: "step", ...open }), []);
  assert.deepEqual(spansOf([], { x: "step", ...open }), []);
});

test("a zoom asks within its ends", () => {
  const one = series([400, 99_999], [1, 2], { points: 1000 });
  const spans = spansOf([one], { x: "step", low: 400, high: 99_999 });
  assert.deepEqual(spans.map(({ low, high }) => [low, high]), [[400, 999], [1000, 9999], [10_000, 99_999]]); // prettier-ignore
});

test("a metric as the axis is cut without gaps", () => {
  const spans = spansOf([series([0.01, 19.99], [1, 2], { points: 500 })], { x: "epoch", low: null, high: null });
  spans.slice(1).forEach((span, at) => assert.ok(Math.abs(span.low! - spans[at]!.high!) < 1e-9));
  assert.equal(spans.length, 7);
});
