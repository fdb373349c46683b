import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf } from "./colours";

test("runs that follow each other have different colours", () => {
  const places = Array.from({ length: 10 }, (_, index) => placeOf("x", index + 1, {}));
  assert.equal(new Set(places).size, 10);
});
test("a run without a number always has the same colour", () => {
  assert.equal(placeOf("8e1c", null, {}), placeOf("8e1c", null, {}));
});
test("a colour chosen by hand wins", () => assert.equal(placeOf("x", 1, { x: 7 }), 7));
