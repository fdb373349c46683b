import assert from "node:assert/strict";
import { test } from "node:test";

import { ALL, asked, read, turned, written } from "./join";

test("what is wanted comes back from an address, and nonsense is everything", () => {
  const wanted = { ...ALL, sort: "score", desc: true, of: 2, change: true, typed: { id: "s1" } };
  assert.deepEqual(read(written(wanted) ?? ""), wanted);
  assert.equal(written(ALL), null);
  assert.deepEqual([read("["), read('{"of": -1, "differs": "x"}')], [ALL, ALL]);
});

test("a head that is pressed sorts by its run: down, up, and no more", () => {
  const first = turned(ALL, "score", 1);
  const second = turned(first, "score", 1);
  assert.deepEqual([first.desc, second.desc, turned(second, "score", 1)], [true, false, ALL]);
  assert.equal(turned(first, "score", 2).of, 2);
});

test("what is typed is asked as conditions, of a run that is there", () => {
  const told = asked(["a", "b"], "t", null, { ...ALL, of: 9, typed: { score: "> 1" } }, 5);
  assert.deepEqual([told.of, told.where, told.runs], [1, '[["score",">","1"]]', ["a", "b"]]);
});
