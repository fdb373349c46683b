import assert from "node:assert/strict";
import { test } from "node:test";
import type { Column } from "./columns";
import { at, branches, branchOf, flat, keyOf, layOut, lines, ownerOf, root } from "./group";

const lr: Column = { name: "lr", label: "lr", type: "number", of: "param" };
const seed: Column = { name: "seed", label: "seed", type: "number", of: "param" };
const tree = branches(lr, [{ value: 0.1, count: 3 }, { value: null, count: 2 }], root("a or b"));
const [first, second] = tree as [(typeof tree)[0], (typeof tree)[0]];

test("a group's runs fulfil the filter and have its value", () => {
  assert.equal(first.where, "(a or b) and params.lr in (0.1)");
  assert.equal(second.where, "(a or b) and params.lr is null");
});
test("closed groups are one line each", () => assert.equal(lines(layOut(tree, new Set(), 1)), 2));
test("an open group shows its runs", () => {
  const found = layOut(tree, new Set([first.key]), 1);
  assert.equal(lines(found), 5);
  assert.equal(at(found, 3)?.kind, "runs");
  assert.equal(at(found, 4)?.kind, "group");
  assert.equal(at(found, 5), null);
});
test("a group whose groups are not known yet waits for them", () => {
  assert.equal(layOut(tree, new Set([first.key]), 2)[1]?.kind, "wait");
});
test("groups lie within groups", () => {
  const inner = branches(seed, [{ value: 1, count: 1 }], first);
  const whole = [{ ...first, branches: inner }, second];
  assert.equal(branchOf(whole, inner[0]?.key ?? "")?.depth, 1);
  assert.equal(lines(layOut(whole, new Set([first.key, inner[0]?.key ?? ""]), 2)), 4);
});
test("runs that are not grouped are one stretch", () => assert.equal(lines(flat("", 100_000)), 100_000));
test("a group has the same name in the table and among the curves", () => {
  const owner = JSON.stringify({ lr: 0.1, seed: null });
  assert.equal(ownerOf(keyOf(owner, [lr, seed])), owner);
  assert.equal(keyOf('{"lr":0.1}', [lr]), first.key);
});
