import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsOf, shortOf } from "./rows";

const ID = "88846597-0c1d-4e2f-8a3b-5c6d7e8f9a0b";

test("a run without a name is called by the beginning of its id", () => {
  const [row] = rowsOf({ columns: [{ name: "run_id", label: "", type: "text", of: "field" }], rows: [[ID]] });
  assert.equal(row?.name, "88846597");
});
test("the trials of a sweep are told apart", () => assert.equal(shortOf(`${ID}_12`), "88846597_12"));
test("an id that somebody gave is kept whole", () => assert.equal(shortOf("my-run-of-today"), "my-run-of-today"));
