import assert from "node:assert/strict";
import { test } from "node:test";
import { read, write } from "./url";
import { plain, type View } from "./view";

const full: View = {
  page: "runs",
  id: "7f/3 %",
  experiment: "mnist & more",
  where: `"val/loss" < 0.5 and note = 'a,b;#?'`,
  sort: [
    { column: "val/loss", descending: true },
    { column: "-odd", descending: false },
  ],
  columns: ["name", "-", "--x", "lr, β"],
  pinned: [],
  widths: { "a:b": 120, name: 200.5 },
  differs: true,
  band: "quantile",
  figure: "max",
  group: ["lr", "model.name"],
  open: ["lr=0.1\u001fmodel.name=\"x\""],
  drawn: 20,
  hidden: ["a"],
  shown: ["b", "c"],
  solo: ["c"],
  chosen: ["a", "b"],
  colours: { a: 3 },
  metrics: "/^val/",
  closed: ["", "val"],
  charts: ["loss", "val/{odd}"],
  look: { smoothing: 0.6, x: "relative" },
  looks: { "val/{odd}:1": { logY: true, x: "epoch}" } },
  zoom: { kind: "a:b", low: -0.5, high: 1e9 },
  full: "loss",
  split: 60,
  more: { tab: "metrics", "a=b": "&" },
};

test("a view that was written is read again", () => assert.deepEqual(read(write(full)), full));
test("the usual view is a short address", () => assert.equal(write(plain), "#/workspace"));
test("an empty address is the usual view", () => assert.deepEqual(read(""), plain));
test("no columns chosen and none shown are two things", () => {
  assert.deepEqual(read(write({ ...plain, columns: [] })).columns, []);
  assert.equal(read(write(plain)).columns, null);
});
test("an address that was cut short shows what it still says", () => {
  const view = read('#/runs?where=lr%3C1&look=%7B"smooth&split=x&width=oops&sort=');
  assert.equal(view.where, "lr<1");
  assert.deepEqual([view.look, view.split, view.widths, view.sort], [{}, plain.split, {}, []]);
});
test("a lone percent sign is part of the name", () => assert.equal(read("#/run/50%").id, "50%"));
