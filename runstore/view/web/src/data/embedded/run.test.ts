import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../source";
import { ofRun } from "./run";
import type { RunAnswers } from "./shapes";

const known: RunAnswers = {
  "": { run_id: "a" },
  media: { items: [{ name: "cat", kind: "image" }, { name: "dog", kind: "image" }], total: 2 },
  system: { metrics: [] },
  files: { error: "damaged" },
  snapshot: {},
  logs: {},
  log: { "out.txt": { text: "the end\n", offset: 100, next: 108, size: 108, ended: true } },
  rows: { t: { columns: ["x"], rows: [[0, 0, "", 2], [1, 1, "", 1]], total: 2 } },
  value: { cm: [{ step: 2 }, { step: 1 }] },
};

test("a part of a run, and of lists a page", () => {
  assert.deepEqual(ofRun(known, "", {}), { run_id: "a" });
  assert.deepEqual(ofRun(known, "media", { name: "dog" }), { items: [{ name: "dog", kind: "image" }], total: 1 });
  assert.deepEqual(ofRun(known, "rows", { name: "t", sort: "x", limit: 1 }), { columns: ["x"], rows: [[1, 1, "", 1]], total: 2 });
});

test("the end of a log, nothing after it, and no beginning", () => {
  assert.equal((ofRun(known, "log", { name: "out.txt", offset: -64 }) as { text: string }).text, "the end\n");
  assert.equal((ofRun(known, "log", { name: "out.txt", offset: 108 }) as { text: string }).text, "");
  assert.throws(() => ofRun(known, "log", { name: "out.txt", offset: 0 }), Refusal);
});

test("a value is the newest, or that of a step", () => {
  assert.deepEqual(ofRun(known, "value", { name: "cm" }), { step: 2, steps: [1, 2] });
  assert.deepEqual(ofRun(known, "value", { name: "cm", step: 1 }), { step: 1, steps: [1, 2] });
});

test("what can't be had says why", () => {
  assert.throws(() => ofRun(known, "files", {}), /damaged/);
  assert.throws(() => ofRun(known, "archive", {}), Refusal);
  assert.throws(() => ofRun(known, "log", { name: "gone" }), /not in the report/);
});
