import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode, owner } from "./frame";
import { series } from "./sample";

test("a frame says what was written", () => {
  const odd = series([1, 2, 3], [0.5, NaN, 1], { nan: Uint32Array.of(0, 1, 0), nanTotal: 1, low: 0, high: 9 });
  const grouped = series([1e9 + 0.25], [7], { run_id: null, group: { lr: 0.1, "größe": "×" }, band: "std", key: "1" });
  const read = decode(encode([odd, grouped], "c7"));
  assert.equal(read.cursor, "c7");
  assert.deepEqual(read.series, [odd, grouped]);
  assert.deepEqual(read.series.map(owner), ["run", '{"lr":0.1,"größe":"×"}']);
});

test("values that do not survive 32 bits come in 64", () => {
  const means = Float64Array.of(0.1, 1e300);
  const wide = series([1, 2], [0, 0], { mean: means, min: means, max: means, last: means });
  const read = decode(encode([wide])).series[0]!;
  assert.ok(read.mean instanceof Float64Array);
  assert.deepEqual([...read.mean], [0.1, 1e300]);
});

test("columns are read where they lie", () => {
  const bytes = encode([series([1, 2], [3, 4])]);
  assert.equal(decode(bytes).series[0]!.mean.buffer, bytes);
});

test("a frame without series, and series without points, are whole", () => {
  assert.deepEqual(decode(encode([])).series, []);
  assert.equal(decode(encode([series([], [])])).series[0]!.n, 0);
});

test("a frame that is cut short is refused", () => {
  assert.throws(() => decode(new ArrayBuffer(2)), /cut short/);
  assert.throws(() => decode(encode([series([1], [2])]).slice(0, 40)), /cut short/);
});
