import assert from "node:assert/strict";
import { test } from "node:test";

import { make, undoing } from "./edits";
import type { Place } from "./place";
import type { Run } from "./shapes";

const run = { run_id: "r", name: "first", tags: { stage: "old" }, description: null } as unknown as Run;

test("a new tag is taken back by removing it, a changed one by its old value", () => {
  assert.deepEqual(undoing(run, { change: "tag", key: "new", value: 1 }), { change: "untag", key: "new" });
  assert.deepEqual(undoing(run, { change: "tag", key: "stage", value: 1 }), { change: "tag", key: "stage", value: "old" });
});

test("tags called as objects' own parts are tags", () => {
  assert.deepEqual(undoing(run, { change: "tag", key: "constructor" }), { change: "untag", key: "constructor" });
});

test("deleting is taken back by restoring, a note by nothing", () => {
  assert.deepEqual(undoing(run, { change: "delete" }), { change: "restore" });
  assert.equal(undoing(run, { change: "note", text: "x" }), null);
});

test("an edit is sent with the run it is of, and undone by another", async () => {
  const sent: unknown[] = [];
  let undo: (() => void) | undefined;
  const place = {
    source: { post: (_: string, body: unknown) => Promise.resolve(sent.push(body)) },
    say: (_: string, back?: () => void) => { undo = back; },
  } as unknown as Place;
  assert.equal(await make(place, run, { change: "archive" }, () => undefined), true);
  undo?.();
  assert.deepEqual(sent, [{ run_id: "r", change: "archive" }, { run_id: "r", change: "reactivate" }]);
});

test("what is refused is said, and nothing is offered to take back", async () => {
  const said: string[] = [];
  const place = {
    source: { post: () => Promise.reject(new Error("read only")) },
    say: (text: string) => void said.push(text),
  } as unknown as Place;
  assert.equal(await make(place, run, { change: "archive" }, () => undefined), false);
  assert.deepEqual(said, ["Not saved: read only"]);
});
