import assert from "node:assert/strict";
import { test } from "node:test";

import { best, correlation, params, progress, ranked } from "./trials";

const trial = (run_id: string, value: number | null, given: Record<string, unknown> = {}, started = run_id) => ({
  run_id, value, started, params: given, status: "Completed",
});

test("the best is the smallest or the largest, as the goal says", () => {
  const all = [trial("a", 2), trial("b", 1), trial("c", null)];
  assert.deepEqual([best(all, "minimize")?.run_id, best(all, "maximize")?.run_id], ["b", "a"]);
});

test("trials without a value, and NaN, come last", () => {
  const all = [trial("a", null), trial("b", NaN), trial("c", 3), trial("d", 5)];
  assert.deepEqual(ranked(all, "maximize").slice(0, 2).map((one) => one.run_id), ["d", "c"]);
});

test("no value, no best", () => {
  assert.equal(best([trial("a", null)], "minimize"), null);
});

test("the best so far never gets worse", () => {
  const found = progress([trial("a", 3), trial("b", 5), trial("c", 1)], "minimize");
  assert.deepEqual(found.map((one) => one.best), [3, 3, 1]);
});

test("params with one value only are fixed", () => {
  const all = [trial("a", 1, { lr: 1, depth: 2 }), trial("b", 1, { lr: 2, depth: 2 })];
  assert.deepEqual(params(all), { varied: ["lr"], fixed: ["depth"] });
});

test("a param that the value rises with has correlation 1", () => {
  const all = [1, 2, 3, 4].map((n) => trial(String(n), n * n, { lr: n, other: 1 }));
  assert.equal(correlation(all, "lr"), 1);
  assert.equal(correlation(all, "other"), null);
  assert.equal(correlation(all.slice(0, 3), "lr"), null);
});
