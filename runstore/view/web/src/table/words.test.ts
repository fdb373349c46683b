import assert from "node:assert/strict";
import { test } from "node:test";
import { all, clauses, named, quoted, words } from "./words";

test("a condition is cut into its words", () => {
  const found = words(`last."val/loss" <= 1e-3 and note = 'it''s' or x in (1, 2)`);
  assert.deepEqual(
    found.map((word) => word.text),
    ['last."val/loss"', "<=", "1e-3", "and", "note", "=", "'it''s'", "or", "x", "in", "(", "1", ",", "2", ")"],
  );
  assert.deepEqual(found.slice(0, 4).map((word) => word.kind), ["name", "sign", "number", "word"]);
});
test("parts that all have to hold are told apart", () => {
  assert.deepEqual(clauses("a < 1 and (b = 2 and c = 3) and d between 1 and 2 and e = 'x and y'"), [
    "a < 1",
    "(b = 2 and c = 3)",
    "d between 1 and 2",
    "e = 'x and y'",
  ]);
});
test("what an or joins is one part", () => assert.deepEqual(clauses("a = 1 and b = 2 or c = 3"), ["a = 1 and b = 2 or c = 3"]));
test("joining keeps the meaning of an or", () => {
  assert.equal(all(["a or b", "", "c"]), "(a or b) and c");
  assert.equal(all(["a or b"]), "a or b");
});
test("names and texts are quoted when they have to be", () => {
  assert.equal(named("lr"), "lr");
  assert.equal(named('val/"x"'), '"val/""x"""');
  assert.equal(named("order by"), '"order by"');
  assert.equal(quoted("it's"), "'it''s'");
});
