import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, chooseRange, drawn, drawnOf, invert, solo, toggle } from "./eyes";

const listed = ["a", "b", "c", "d"];
const eyes = { drawn: 2, hidden: [] as string[], shown: [] as string[], solo: [] as string[] };

test("the first runs are drawn without being asked for", () => assert.deepEqual(drawnOf(eyes, listed), ["a", "b"]));
test("an eye that was switched twice is as before", () => {
  for (const [index, id] of listed.entries()) {
    const once = { ...eyes, ...toggle(eyes, id, index) };
    assert.equal(drawn(once, id, index), !drawn(eyes, id, index));
    assert.deepEqual({ ...once, ...toggle(once, id, index) }, eyes);
  }
});
test("a run that is not listed any more is still drawn when it was asked for", () => {
  assert.deepEqual(drawnOf({ ...eyes, shown: ["x", "c"] }, listed), ["a", "b", "c", "x"]);
});
test("solo draws one run, and once more all as before", () => {
  const alone = { ...eyes, ...solo(eyes, "c") };
  assert.deepEqual(drawnOf(alone, listed), ["c"]);
  assert.deepEqual({ ...alone, ...solo(alone, "c") }, eyes);
});
test("an eye in solo adds to what is drawn alone", () => {
  assert.deepEqual(toggle({ ...eyes, solo: ["c"] }, "d", 3).solo, ["c", "d"]);
});
test("inverted twice is as before", () => {
  const once = { ...eyes, ...invert(eyes, listed) };
  assert.deepEqual(drawnOf(once, listed), ["c", "d"]);
  assert.deepEqual({ ...once, ...invert(once, listed) }, eyes);
});
test("a range is chosen whichever end was first", () => {
  assert.deepEqual(chooseRange(["d"], listed, 2, 1), ["d", "b", "c"]);
  assert.deepEqual(choose(choose([], "a"), "a"), []);
});
