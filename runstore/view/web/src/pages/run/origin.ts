/** Where a run came from and what was said about it, brought into a form that can be shown, whatever it came as. */

import { plain } from "./said";
import type { Run, Values } from "./shapes";

export interface Note {
  text: string;
  time: string | null;
  author: string | null;
}

export function notes(run: Run): Note[] {
  const given = typeof run.notes === "string" ? [run.notes] : run.notes ?? [];
  return given
    .map((note) => (typeof note === "string" ? { text: note, time: null, author: null }
      : { text: note.text, time: note.time ?? null, author: note.author ?? null }))
    .filter((note) => note.text);
}

/** What a failed run said last: its error and what more is known of it. */
export function failureText(run: Run): string {
  if (run.status === "Completed") return "";
  const told = run.failure ?? {};
  const traceback = deepest(told, ["debug_stack_trace", "traceback", "stack", "stackTrace", "debugInfo", "exception"]);
  const message = deepest(told, ["message"]) || run.error || "";
  return [message, traceback === message ? "" : traceback].filter(Boolean).join("\n\n");
}

/** The first text under one of these names, at any depth. */
function deepest(told: Values, names: readonly string[], depth = 0): string {
  for (const [key, value] of Object.entries(told)) {
    if (names.includes(key) && typeof value === "string" && value) return value;
  }
  for (const value of Object.values(told)) {
    if (typeof value === "object" && value !== null && depth < 5) {
      const found = deepest(value as Values, names, depth + 1);
      if (found) return found;
    }
  }
  return "";
}

/** The command as it would be typed. */
export function commandLine(told: Values): string {
  const argv = told["argv"] ?? told["command"];
  if (typeof argv === "string") return argv;
  return Array.isArray(argv) ? argv.map((word) => shellWord(String(word))).join(" ") : "";
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

export function gitFacts(told: Values): Values {
  const git = told["git"];
  const found: Values = {};
  if (typeof git !== "object" || git === null || Array.isArray(git)) return found;
  for (const [key, value] of Object.entries(filled(git as Values))) {
    found[key.replaceAll("_", " ")] = Array.isArray(value) ? value.map(plain).join(", ") : value;
  }
  return found;
}

const ELSEWHERE = new Set(["git", "argv", "command"]);

/** All that is neither git nor the command: flat, with dots between the names. */
export function environment(told: Values): Values {
  const found: Values = {};
  for (const [key, value] of Object.entries(filled(told))) {
    if (ELSEWHERE.has(key)) continue;
    if (typeof value === "object" && !Array.isArray(value)) flatten(found, key, value as Values);
    else found[key] = value;
  }
  return found;
}

function flatten(found: Values, head: string, values: Values): void {
  for (const [key, value] of Object.entries(filled(values))) {
    if (typeof value === "object" && !Array.isArray(value)) flatten(found, `${head}.${key}`, value as Values);
    else found[`${head}.${key}`] = Array.isArray(value) ? value.map(plain).join(", ") : value;
  }
}

function filled(values: Values): Values {
  const entries = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "" &&
    !(Array.isArray(value) && !value.length));
  return Object.fromEntries(entries);
}
