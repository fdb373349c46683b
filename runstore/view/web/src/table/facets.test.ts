import assert from "node:assert/strict";
import { test } from "node:test";
import { picked, toggled } from "./facets";

const status = { name: "status", of: "field" } as const;
const lr = { name: "lr", of: "param" } as const;

test("a click asks for a value and another for a second one", () => {
  const once = toggled("loss < 1", status, "Failed");
  assert.equal(once, "loss < 1 and status in ('Failed')");
  const twice = toggled(once, status, "it's");
  assert.equal(twice, "loss < 1 and status in ('Failed', 'it''s')");
  assert.deepEqual(picked(twice, status), ["'Failed'", "'it''s'"]);
});
test("a second click asks for it no more", () => {
  for (const value of ["x", -0.5, true, null]) assert.equal(toggled(toggled("", lr, value), lr, value), "");
});
test("values that are missing can be asked for beside others", () => {
  const both = toggled(toggled("", lr, -0.1), lr, null);
  assert.equal(both, "(params.lr in (-0.1) or params.lr is null)");
  assert.deepEqual(picked(both, lr), ["-0.1", "null"]);
  assert.equal(toggled(both, lr, -0.1), "params.lr is null");
});
test("what was written by hand stays", () => {
  assert.equal(toggled("a = 1 or b = 2", status, "x"), "(a = 1 or b = 2) and status in ('x')");
});
