import assert from "node:assert/strict";
import { test } from "node:test";
import { logMarks, logNames, names, stepOf, ticks } from "./ticks";

test("ticks are round", () => {
  assert.deepEqual(ticks({ low: 0.3, high: 9.7 }, false), [2, 4, 6, 8]);
  assert.deepEqual(ticks({ low: 0.5, high: 2000 }, true), [1, 10, 100, 1000]);
  assert.deepEqual(ticks({ low: 0.018, high: 2.4 }, true), [0.03, 0.1, 0.3, 1]);
  assert.deepEqual(ticks({ low: 0.018, high: 2.4 }, true, 8), [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]);
});

test("a logarithmic axis of many decades names every so many", () => {
  assert.deepEqual(ticks({ low: 1e-12, high: 1e12 }, true, 5), [1e-10, 1e-5, 1, 1e5, 1e10]);
  assert.deepEqual(logMarks({ low: 1e-12, high: 1e12 }, [1, 1e5]), [1, 1e5]);
});

test("a logarithmic axis without a whole decade has ticks all the same", () => {
  assert.deepEqual(ticks({ low: 1.5, high: 6 }, true, 5), [2, 3, 4, 5, 6]);
  assert.ok(ticks({ low: 9.99999e8, high: 1.000001e9 }, true, 5).length >= 3);
  assert.deepEqual(logMarks({ low: 8, high: 30 }, [10]), [8, 9, 10, 20, 30]);
});

test("ticks far from 0 are told from the roundest of them", () => {
  const places = [999_999_999.999, 999_999_999.9995, 1e9, 1_000_000_000.0005, 1_000_000_000.001];
  assert.deepEqual(names(places, 0.0005), ["−0.001", "−0.0005", "1,000,000,000", "+0.0005", "+0.001"]);
  assert.deepEqual(logNames(places)[2], "1,000,000,000");
});

test("ticks near 0 are told as they are", () => {
  assert.deepEqual(names([0, 5e11, 1e12, 1.5e12], 5e11), ["0", "0.5T", "1.0T", "1.5T"]);
  assert.deepEqual(names([0, 5e-13, 1e-12], 5e-13), ["0", "5e-13", "1e-12"]);
  assert.deepEqual(logNames([2e12, 5e12]), ["2T", "5T"]);
  assert.equal(stepOf([3]), 3);
});
