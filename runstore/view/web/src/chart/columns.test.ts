import assert from "node:assert/strict";
import { test } from "node:test";
import { contrast } from "../theme/palettes";
import { columnOf, placed, ramp, shareOf, together } from "./columns";

test("numbers that span powers of ten are on a logarithmic axis, texts are categories", () => {
  assert.equal(columnOf("lr", "lr", [1e-5, 1e-2])?.scale, "log");
  assert.equal(columnOf("dropout", "dropout", [0.0001, 0.1, 0.2, 0.3, 0.4, 0.5])?.scale, "number");
  assert.equal(columnOf("depth", "depth", [2, 8, null])?.scale, "number");
  assert.deepEqual(columnOf("opt", "opt", ["sgd", "adam", "sgd"])?.categories, ["adam", "sgd"]);
  assert.deepEqual(columnOf("flag", "flag", [true, false])?.categories, ["false", "true"]);
});

test("a column that says nothing has no axis", () => {
  for (const cells of [[], [1, 1], [null, 3], ["a", "a"], [NaN, 1], Array.from({ length: 50 }, (_, at) => `name ${at}`)]) {
    assert.equal(columnOf("x", "x", cells), null);
  }
});

test("a cell without a place on its axis is left out", () => {
  const log = columnOf("lr", "lr", [0.001, 1])!;
  assert.deepEqual([0.1, 0, -1, null, "x", NaN].map((cell) => placed(log, cell)), [0.1, null, null, null, null, null]);
  const texts = columnOf("opt", "opt", ["a", "b"])!;
  assert.deepEqual(["a", "b", "c"].map((cell) => placed(texts, cell)), [0, 1, null]);
});

test("columns that rise together by rank are 1, against each other -1", () => {
  assert.equal(together([1, 2, 3, 4], [1, 10, 100, 1000])?.r, 1);
  assert.equal(together([1, 2, 3], [3, 2, 1])?.r, -1);
  assert.ok(Math.abs(together([1, 2, 2, 3], [1, 2, 3, 4])!.r - 0.9486832980505138) < 1e-12);
});

test("of too few runs, and of a column that does not change, nothing is said", () => {
  assert.equal(together([1, 2], [1, 2]), null);
  assert.equal(together([1, 1, 1], [1, 2, 3]), null);
  assert.equal(together([1, null, 3, NaN], [1, 2, 3, 4]), null);
});

test("every shade of the ramp stands out from its ground", () => {
  const hex = (colour: string): string => "#" + [...colour.matchAll(/\d+/g)].map(([one]) => Number(one).toString(16).padStart(2, "0")).join("");
  for (let at = 0; at <= 20; at++) {
    assert.ok(contrast(hex(ramp(at / 20, false)), "#ffffff") >= 3, `light ${at}`);
    assert.ok(contrast(hex(ramp(at / 20, true)), "#20252d") >= 3, `dark ${at}`);
  }
});

test("a share goes from the least to the greatest, as the axis measures", () => {
  const log = columnOf("lr", "lr", [0.001, 1, 1000])!;
  assert.deepEqual([0.001, 1, 1000, null].map((cell) => shareOf(log, [0.001, 1, 1000], cell)), [0, 0.5, 1, null]);
});
