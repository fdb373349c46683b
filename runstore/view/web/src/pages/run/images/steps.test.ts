import assert from "node:assert/strict";
import { test } from "node:test";

import { at, byName, fitted, pixel, steps, zoomed } from "./steps";

const shot = (name: string, step: number | null, time = "t") => ({ name, step, time, path: `${name}/${step}` });

test("each name has its images in the order of steps", () => {
  const found = byName([shot("b", 2), shot("a", 10), shot("b", 1)]);
  assert.deepEqual(found.map((row) => [row.name, row.shots.map((one) => one.step)]), [["a", [10]], ["b", [1, 2]]]);
});

test("without steps, times tell the order", () => {
  assert.deepEqual(byName([shot("a", null, "2"), shot("a", null, "1")])[0]?.shots.map((one) => one.time), ["1", "2"]);
});

test("steps are told once each", () => {
  assert.deepEqual(steps([shot("a", 5), shot("b", 5), shot("a", 1), shot("c", null)]), [1, 5]);
});

test("at a step the newest that was there is shown, before the first the first", () => {
  const shots = [shot("a", 2), shot("a", 4)];
  assert.deepEqual([at(shots, 3)?.step, at(shots, 9)?.step, at(shots, 0)?.step, at([], 1)], [2, 4, 2, null]);
});

test("without a step the last image is shown", () => {
  assert.equal(at([shot("a", 1), shot("a", 2)], null)?.step, 2);
});

test("the pixel under a point is found, and none beside the image", () => {
  const view = { scale: 4, left: 10, top: 0 };
  const image = { width: 2, height: 2 };
  assert.deepEqual(pixel({ x: 15, y: 3 }, view, image), { x: 1, y: 0 });
  assert.equal(pixel({ x: 9, y: 3 }, view, image), null);
});

test("zooming holds the point under the pointer still", () => {
  const before = { scale: 1, left: 5, top: 5 };
  const point = { x: 20, y: 30 };
  const after = zoomed(before, point, 2);
  assert.deepEqual([(point.x - after.left) / after.scale, after.scale], [15, 2]);
});

test("a small image is enlarged by whole numbers only, a large one fits", () => {
  assert.equal(fitted({ width: 30, height: 30 }, { width: 100, height: 100 }).scale, 3);
  assert.equal(fitted({ width: 400, height: 200 }, { width: 100, height: 100 }).scale, 0.25);
});
