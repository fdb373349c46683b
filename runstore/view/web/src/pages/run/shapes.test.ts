import assert from "node:assert/strict";
import { test } from "node:test";

import { lastOf, names, runPath, type Metric } from "./shapes";

const metric = (given: object) => ({ name: "a", kind: "curve", last: null, count: 2, ...given }) as Metric;

test("a metric of nothing but NaN was NaN last", () => {
  assert.ok(Number.isNaN(lastOf(metric({ nan_count: 2 }))));
  assert.equal(lastOf(metric({ inf_count: 2 })), Infinity);
});

test("where something finite was logged too, nothing is guessed", () => {
  assert.equal(lastOf(metric({ nan_count: 1 })), null);
  assert.equal(lastOf(metric({ last: 3, nan_count: 1 })), 3);
});

test("columns may be names or have names", () => {
  assert.deepEqual(names(["a", { name: "b" }]), ["a", "b"]);
});

test("an id with a slash stays one part of an address", () => {
  assert.equal(runPath("a/b", "files"), "runs/a%2Fb/files");
});
