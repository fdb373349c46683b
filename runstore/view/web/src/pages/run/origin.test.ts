import assert from "node:assert/strict";
import { test } from "node:test";

import { commandLine, environment, failureText, gitFacts, notes } from "./origin";
import type { Run } from "./shapes";

const run = (given: object) => ({ status: "Failed", error: null, ...given }) as Run;

test("a command is told as it would be typed", () => {
  assert.equal(commandLine({ argv: ["train.py", "--name", "it's me"] }), `train.py --name 'it'"'"'s me'`);
  assert.equal(commandLine({}), "");
});

test("a failure is its message and its traceback, however deep they lie", () => {
  const failure = { error: { message: "no", debugInfo: { stackTrace: "Traceback ..." } } };
  assert.equal(failureText(run({ failure })), "no\n\nTraceback ...");
  assert.equal(failureText(run({ error: "vanished" })), "vanished");
  const told = { code: "UserError", message: "no", debug_message: "n", debug_stack_trace: "Traceback ..." };
  assert.equal(failureText(run({ failure: told })), "no\n\nTraceback ...");
});

test("a run that completed has no failure", () => {
  assert.equal(failureText(run({ status: "Completed", error: "old" })), "");
});

test("the environment is flat and has neither git nor the command", () => {
  const told = { argv: ["a"], git: { commit: "1" }, python: "3.12", hardware: { cpu: { cores: 2 }, gpu: null } };
  assert.deepEqual(environment(told), { python: "3.12", "hardware.cpu.cores": 2 });
  assert.deepEqual(gitFacts(told), { commit: "1" });
});

test("notes may come as a text, as texts, or with who wrote them", () => {
  assert.deepEqual(notes(run({ notes: "a" })).map((note) => note.text), ["a"]);
  assert.deepEqual(notes(run({ notes: ["a", { text: "b", time: "t" }] }))[1], { text: "b", time: "t", author: null });
  assert.deepEqual(notes(run({})), []);
});
