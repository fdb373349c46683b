import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, counted, duration, magnitude, place, tick, value, whole } from "./numbers";

test("values are read at a glance", () => {
  const told = [0, 0.21344, 12345.6, 1.234e-7, -0.5, NaN, Infinity, -Infinity, 1e20, 0.1].map((one) => value(one));
  assert.deepEqual(told, ["0", "0.2134", "12,346", "1.234e-7", "−0.5", "NaN", "∞", "−∞", "1e20", "0.1"]);
});

test("ticks of one axis are in one unit", () => {
  assert.deepEqual([0, 5000, 10_000, 15_000].map((at) => tick(at, 5000, 15_000)), ["0", "5k", "10k", "15k"]);
  assert.deepEqual([2500, 5000, 7500].map((at) => tick(at, 2500, 7500)), ["2500", "5000", "7500"]);
  assert.deepEqual([0.2, 0.4].map((at) => tick(at, 0.2, 0.4)), ["0.2", "0.4"]);
  assert.deepEqual([12.25, 12.5].map((at) => tick(at, 0.25, 12.5)), ["12.25", "12.50"]);
  assert.equal(tick(2e-5, 1e-5, 4e-5), "2e-5");
});

test("ticks of a logarithmic axis are short", () => {
  assert.deepEqual([1e-7, 0.001, 1, 10_000, 1e9].map(magnitude), ["1e-7", "0.001", "1", "10k", "1G"]);
});

test("durations are told in two units", () => {
  const told = [0.25, 42, 185, 7800, 273_600, 3600].map(duration);
  assert.deepEqual(told, ["0.25 s", "42 s", "3m 05s", "2h 10m", "3d 4h", "1h"]);
});

test("a place says what its axis is", () => {
  assert.equal(place(8400, "step"), "step 8,400");
  assert.equal(place(65, "relative"), "1m 05s");
  assert.equal(place(3, "epoch"), "epoch 3");
  assert.match(place(1.7e9, "time"), /^2023-11-1[45] \d\d:\d\d:\d\d$/);
});

test("a time axis tells the time of day, and at midnight the day", () => {
  const at = (hour: number, minute = 0) => new Date(2026, 10, 25, hour, minute).getTime() / 1000;
  assert.deepEqual([clock(at(0), 3600), clock(at(9, 5), 300), clock(at(9, 5), 10), clock(at(0), 40 * 86_400)], ["Nov 25", "09:05", "09:05:00", "Nov 2026"]);
});

test("counts have their noun", () => {
  assert.deepEqual([counted(1, "point"), counted(1200, "point"), counted(2, "NaN", "NaN")], ["1 point", "1,200 points", "2 NaN"]);
  assert.equal(whole(1234567), "1,234,567");
});
