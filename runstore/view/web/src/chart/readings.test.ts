import assert from "node:assert/strict";
import { test } from "node:test";
import { series } from "../data/sample";
import type { Curve } from "./curve";
import { deedOf, stepped } from "./keys";
import { readings, spoken, summary } from "./readings";
import { csv, fileName, svg } from "./export";

const curve = (id: string, xs: number[], means: number[]): Curve => ({
  id,
  label: id,
  look: { colour: "#2563c9", dash: [6, 3], hue: "blue" },
  series: series(xs, means, { run_id: id }),
  line: Float64Array.from(means),
});
const both = [curve("a", [0, 10, 20], [3, 2, 1]), curve("b", [0, 10], [5, 4])];

test("the crosshair's rows come greatest first, without curves that ended", () => {
  assert.deepEqual(readings(both, 10).map((row) => [row.curve.id, row.value]), [["b", 4], ["a", 2]]); // prettier-ignore
  assert.deepEqual(readings(both, 26).map((row) => row.curve.id), ["a"]);
});

test("what is read out is short", () => {
  assert.equal(spoken(both, 10, "step"), "step 10: b 4, a 2");
  assert.equal(spoken(both, 10, "step", 1), "step 10: b 4, and 1 more");
  assert.equal(spoken([], 10, "step"), "step 10: no values");
});

test("a chart says in one sentence what it shows", () => {
  assert.equal(summary("loss", both, "step"), "loss, 2 runs, lowest 1 by a at step 20, highest 5");
  assert.equal(summary("loss", [], "step"), "loss, no curves");
  const odd = curve("c", [1], [NaN]);
  odd.series.nanTotal = 1;
  assert.equal(summary("loss", [odd], "step"), "loss, 1 run, no finite values");
});

test("keys walk from bucket to bucket of any curve", () => {
  const range = { low: 0, high: 20 };
  const walk = (x: number | null, key: string, fast = false) => stepped(both, range, x, key, fast);
  assert.deepEqual([walk(null, "ArrowRight"), walk(0, "ArrowRight"), walk(4, "ArrowLeft"), walk(20, "ArrowRight")], [0, 10, 0, 20]);
  assert.deepEqual([walk(5, "Home"), walk(5, "End"), walk(0, "ArrowRight", true), walk(5, "x")], [0, 20, 20, null]);
  assert.equal(deedOf({ key: "Enter", ctrlKey: false, metaKey: false, altKey: false }), "pin");
  assert.equal(deedOf({ key: "r", ctrlKey: true, metaKey: false, altKey: false }), null);
});

test("numbers as CSV hold every bucket, and no formula", () => {
  const lines = csv("loss", "step", [curve('=1+"x"', [1], [NaN])]).split("\r\n");
  assert.equal(lines[0], "curve,step,points,loss smoothed,mean,min,max,last,nan,inf");
  assert.equal(lines[1], "\"'=1+\"\"x\"\"\",1,1,NaN,NaN,NaN,NaN,NaN,0,0");
});

test("a picture holds names as text only", () => {
  const nasty = curve("<img src=x onerror=alert(1)>", [0, 1], [1, NaN]);
  const range = { low: 0, high: 1 };
  const drawn = svg({ title: "a & b", kind: "step", x: range, y: range, logX: false, logY: false, curves: [nasty], dark: false });
  assert.ok(!drawn.includes("<img") && drawn.includes("&lt;img") && drawn.includes("a &amp; b"));
  assert.ok(!/NaN/.test(drawn));
});

test("files are called what any system takes", () => {
  assert.equal(fileName("train/loss: α", "csv"), "train_loss_α.csv");
  assert.equal(fileName("///", "png"), "_.png");
});
