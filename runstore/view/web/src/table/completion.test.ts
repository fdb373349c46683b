import assert from "node:assert/strict";
import { test } from "node:test";
import type { Column } from "./columns";
import { complete } from "./completion";

const columns: Column[] = [
  { name: "status", label: "status", type: "text", of: "field" },
  { name: "lr", label: "lr", type: "number", of: "param" },
  { name: "val/loss", label: "val/loss", type: "number", of: "metric" },
];
const labels = (text: string, values?: unknown[]) => complete(text, text.length, columns, values).offers.map((one) => one.label);

test("at the beginning there are names", () => assert.deepEqual(labels(""), ["status", "lr", "val/loss"]));
test("a part of a name finds it", () => assert.deepEqual(labels("lo"), ["val/loss"]));
test("an offer is written as the condition wants it", () => {
  assert.equal(complete("lo", 2, columns).offers[0]?.text, 'last."val/loss"');
});
test("after a name there are signs that fit its type", () => {
  assert.deepEqual(labels("params.lr ").slice(0, 3), ["<", "<=", "="]);
  assert.equal(labels("status ")[0], "=");
});
test("after a sign there are values of the column", () => {
  assert.deepEqual(labels("status = ", ["Completed", "Failed"]), ["Completed", "Failed"]);
  assert.deepEqual(labels("status = 'Fa", ["Completed", "Failed"]), ["Failed"]);
  assert.equal(complete("status in ('x', ", 16, columns).values?.name, "status");
});
test("after a comparison there is a joint", () => assert.deepEqual(labels("lr < 1 "), ["and", "or"]));
test("what stands there already is not offered", () => assert.deepEqual(labels("status"), []));
test("only the word at the caret is replaced", () => {
  const { from, to } = complete("lr < 1 and sta", 14, columns);
  assert.deepEqual([from, to], [11, 14]);
});
