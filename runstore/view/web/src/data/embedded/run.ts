// What a report knows of one run, by what the page asks of it.

import { Refusal, type Query } from "../source";
import type { LogChunk, RunAnswers } from "./shapes";
import { order } from "./filter";
import { page, text } from "./table";

const PLAIN = ["media", "system", "files", "snapshot", "logs"] as const;

/** The answer to `runs/ID/PART`. */
export function ofRun(known: RunAnswers, part: string, query: Query): unknown {
  if (part === "") return checked(known[""]);
  if (part === "media") return media(known, query);
  if (part === "log") return log(known.log[text(query, "name")], query);
  if (part === "rows") return rows(known.rows[text(query, "name")], query);
  if (part === "value") return value(known, query);
  const plain = PLAIN.find((one) => one === part);
  if (!plain) throw new Refusal(`a report doesn't hold ${part}`, 404);
  return checked(known[plain]);
}

/** An answer, unless it says why there is none. */
export function checked<T>(answer: T | { error: string } | null | undefined): T {
  if (answer === null || answer === undefined) throw new Refusal("this is not in the report", 404);
  if (typeof answer === "object" && "error" in answer && Object.keys(answer).length === 1) throw new Refusal(String(answer.error), 404);
  return answer as T;
}

function media(known: RunAnswers, query: Query) {
  const [kind, name] = [text(query, "kind"), text(query, "name")];
  const all = checked(known.media).items.filter((one) => (!kind || one["kind"] === kind) && (!name || one["name"] === name));
  return { items: page(all, query, 100), total: all.length };
}

/** The end of a log is there; what comes before it is not. */
function log(tail: LogChunk | undefined, query: Query): LogChunk {
  const known = checked(tail);
  const offset = Number(query["offset"] ?? 0);
  if (offset >= known.next) return { ...known, text: "", offset };
  if (offset >= 0 && offset < known.offset) throw new Refusal("a report holds the end of a log only", 404);
  return known;
}

function rows(table: RunAnswers["rows"][string] | undefined, query: Query) {
  const known = checked(table);
  const [sought, sort] = [text(query, "search").toLowerCase(), text(query, "sort")];
  const found = known.rows.filter((row) => !sought || row.some((cell) => String(cell ?? "").toLowerCase().includes(sought)));
  const at = known.columns.indexOf(sort);
  if (at >= 0) found.sort((a, b) => order(a[at + 3], b[at + 3]) * (query["desc"] ? -1 : 1)); // index, step, time come first
  return { columns: known.columns, rows: page(found, query, 100), total: sought ? found.length : known.total };
}

function value(known: RunAnswers, query: Query): unknown {
  const there = known.value[text(query, "name")] ?? [];
  const step = query["step"] ?? null;
  const found = step === null ? there[0] : there.find((one) => one.step === Number(step)); // the newest comes first
  if (!found) throw new Refusal("this is not in the report", 404);
  const steps = there.map((one) => one.step).filter((one) => one !== null);
  return { ...found, steps: steps.sort((a, b) => a - b) };
}
