import assert from "node:assert/strict";
import { test } from "node:test";

import { ago, duration, moment, number, plain, short, signed, size } from "./said";

test("sizes have two figures and a unit", () => {
  assert.deepEqual([0, 999, 1500, 12_400_000, 999_960].map(size), ["0 B", "999 B", "1.5 kB", "12 MB", "1.0 MB"]);
});

test("numbers keep six figures, thousands stand apart", () => {
  assert.deepEqual([1234567, 0.123456789, 1e-9, 2.5e12 + 0.5, -0.5].map(number),
    ["1,234,567", "0.123457", "1e-9", "2.5e12", "-0.5"]);
});

test("NaN, infinity and nothing are told", () => {
  assert.deepEqual([number(NaN), number(-Infinity), number(null)], ["NaN", "-Infinity", "–"]);
});

test("differences always have a sign", () => {
  assert.deepEqual([0.5, -2, 0].map(signed), ["+0.5", "−2", "0"]);
});

test("durations have two units", () => {
  assert.deepEqual([0.25, 4, 59.6, 61, 7320, 90_000].map(duration),
    ["250 ms", "4.0 s", "1 min 0 s", "1 min 1 s", "2 h 2 min", "1 d 1 h"]);
});

test("how long ago is told roughly", () => {
  const now = Date.parse("2026-01-02T00:00:00Z");
  assert.equal(ago("2026-01-01T23:59:58Z", now), "just now");
  assert.equal(ago("2026-01-01T22:00:00Z", now), "2 hours ago");
  assert.equal(ago("nonsense", now), "nonsense");
});

test("a moment that is none is shown as it came", () => {
  assert.equal(moment("yesterday"), "yesterday");
});

test("an id made of random digits is told by its beginning, one that says something whole", () => {
  assert.equal(short("0190f3a2-1b2c-7d3e-8f40-51627384950a"), "0190f3a2");
  assert.equal(short("mnist_1700000000_ab"), "mnist_1700000000_ab");
});

test("any value is one line", () => {
  assert.deepEqual([null, true, 1, "a", { a: [1] }].map(plain), ["–", "true", "1", "a", '{"a":[1]}']);
});
