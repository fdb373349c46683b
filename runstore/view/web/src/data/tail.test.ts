import assert from "node:assert/strict";
import { test } from "node:test";
import type { Series } from "./frame";
import { series } from "./sample";
import { coarser, fine, joined, tailFrom } from "./tail";

test("a tail takes the place of the last bucket, and is counted once", () => {
  const old = series([0, 10, 20], [1, 2, 3], { count: Float64Array.of(5, 5, 2), countTotal: 12, points: 3, low: 0, high: 29 });
  assert.equal(tailFrom([old]), 20);
  const tail = series([20, 25], [3.5, 4], { count: Float64Array.of(5, 1), countTotal: 6 });
  const now = joined(old, tail, 20);
  assert.deepEqual([...now.mean], [1, 2, 3.5, 4]);
  assert.equal(now.countTotal, 16);
});

test("where nobody says how it was cut, the last bucket begins between two points", () => {
  // steps 0..9 and 10..12
  const old = series([4.5, 11], [1, 1], { count: Float64Array.of(10, 3), low: null, high: null, points: 2 });
  assert.equal(tailFrom([old]), 10);
});

test("after many tails a curve is asked for whole", () => {
  const old = series([1, 2, 3], [1, 1, 1]);
  assert.equal(tailFrom([{ ...old, tails: 99 }]), 3);
  assert.equal(tailFrom([{ ...old, tails: 100 }]), null);
});

test("the tail of several curves begins where in each of them a bucket does", () => {
  const one = series([5, 15, 25], [1, 1, 1], { begins: Float64Array.of(0, 10, 20) });
  const other = series([6, 18, 40], [1, 1, 1], { begins: Float64Array.of(0, 12, 30) });
  assert.equal(tailFrom([one]), 20);
  assert.equal(tailFrom([one, other]), 0); // 20 lies in the other's second bucket, 12 in this one's second, 10 in its first
  assert.equal(tailFrom([one, { ...other, begins: Float64Array.of(0, 20, 30) }]), 20);
});

/** What a server says of points at these steps, each as great as its step. */
function cut(steps: number[], low: number, points: number): Series {
  const high = Math.max(...steps);
  const width = (high - low + 1) / points;
  const buckets = new Map<number, number[]>();
  for (const step of steps) {
    const place = Math.floor((step - low) / width);
    buckets.set(place, [...(buckets.get(place) ?? []), step]);
  }
  const own = [...buckets.entries()].sort(([a], [b]) => a - b).map(([, values]) => values);
  const mean = own.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  return series(mean, mean, {
    low, high, points, count: Float64Array.from(own, (values) => values.length), countTotal: steps.length,
    min: Float32Array.from(own, (values) => values[0]!), max: Float32Array.from(own, (values) => values.at(-1)!),
    last: Float32Array.from(own, (values) => values.at(-1)!),
  }); // prettier-ignore
}

test("however many tails are laid over, every point is in one bucket, and there are not too many buckets", () => {
  const steps = Array.from({ length: 40 }, (_, step) => step);
  let now = cut(steps, 0, 20);
  for (let more = 1; more <= 90; more++) {
    const size = 1 + ((more * 7) % 50);
    for (let at = 0; at < size; at++) steps.push(steps.length);
    const from = tailFrom([now])!;
    const tail = cut(steps.filter((step) => step >= from), from, 10);
    now = joined(now, tail, from);
    assert.equal(now.countTotal, steps.length);
    assert.equal(now.count.reduce((sum, count) => sum + count, 0), steps.length);
    assert.equal(now.high, steps.length - 1);
    assert.ok(now.n <= 40, `${now.n} buckets`);
    for (let at = 0; at < now.n; at++) {
      const [begin, end] = [now.begins![at]!, now.begins![at + 1] ?? steps.length];
      assert.deepEqual([now.min[at], now.max[at], now.last[at], now.count[at]], [begin, end - 1, end - 1, end - begin]);
      assert.equal(now.x[at], (begin + end - 1) / 2);
    }
  }
});

test("neighbours that become one keep every spike and every odd value", () => {
  const old = series([0, 1, 2, 3, 4], [1, 9, NaN, 3, 5], {
    begins: Float64Array.of(0, 1, 2, 3, 4), nan: Uint32Array.of(0, 0, 1, 0, 0), min: Float32Array.of(-7, 9, NaN, 3, 5),
  }); // prettier-ignore
  const now = coarser(old, 0, 3);
  assert.deepEqual([[...now.begins!], [...now.count], [...now.nan]], [[0, 3, 4], [3, 1, 1], [1, 0, 0]]); // prettier-ignore
  assert.deepEqual([[...now.mean], [...now.min], [...now.max], [...now.x]], [[5, 3, 5], [-7, 3, 5], [9, 3, 5], [1, 3, 4]]); // prettier-ignore
});

test("a tail is fine unless much has come at once", () => {
  const old = series([0, 10, 20, 30], [1, 1, 1, 1], { low: 0, high: 30, points: 4 });
  assert.ok(fine(old, series([30], [1], { high: 60, points: 2 }), 30));
  assert.ok(!fine(old, series([30], [1], { high: 600, points: 1 }), 30));
});
