// Some of a report's runs compared, out of what is known of all of them against the first.

import { Refusal } from "../source";
import type { Beside, Line } from "./shapes";

const LEAST = 2;
const MOST = 10;

/** What the compare page asks: these runs, in this order, against one of them. */
export function beside(known: Beside, runs: readonly string[], baseline: string | null) {
  if (runs.length < LEAST || runs.length > MOST) throw new Refusal(`from ${LEAST} to ${MOST} runs are compared`, 400);
  const places = runs.map((run) => known.runs.findIndex((one) => one.run_id === run));
  const absent = runs.find((_, at) => places[at]! < 0);
  if (absent !== undefined) throw new Refusal(`run ${absent} is not in this report`, 404);
  const first = baseline ?? runs[0]!;
  const base = runs.indexOf(first);
  const own = first === known.baseline;
  const others = <T extends { run_id: string }>(all: readonly T[]): T[] =>
    own ? all.filter((one) => one.run_id !== first && runs.includes(one.run_id)) : [];
  const notes = own ? [] : [`Where metrics part and how the code differs is known against ${nameOf(known)} only.`];
  return {
    baseline: first,
    runs: places.map((place) => known.runs[place]),
    params: known.params.map((line) => chosen(line, places)).filter(anywhere),
    metrics: known.metrics.map((line) => measured(chosen(line, places), line.better ?? null, base)).filter(anywhere),
    provenance: known.provenance.map((line) => chosen(line, places)).filter((line) => anywhere(line) && (line.differs || !line.name.startsWith("package "))),
    first_divergence: others(known.first_divergence),
    code: others(known.code),
    notes: [...known.notes, ...notes],
  };
}

function nameOf(known: Beside): string {
  return known.runs.find((one) => one.run_id === known.baseline)?.name ?? known.baseline;
}

function chosen(line: Line, places: readonly number[]) {
  const values = places.map((place) => line.values[place] ?? null);
  const given = places.map((place) => line.given[place] ?? false);
  const said = values.map((value, at) => (given[at] ? JSON.stringify(value) : ""));
  return { name: line.name, values, given, differs: new Set(said).size > 1 };
}

function anywhere(line: { given: readonly boolean[] }): boolean {
  return line.given.some(Boolean);
}

function measured(line: ReturnType<typeof chosen>, better: "min" | "max" | null, base: number) {
  const values = line.values.map((value) => (typeof value === "number" ? value : null));
  const from = values[base] ?? null;
  const deltas = values.map((value) => (value === null || from === null ? null : value - from));
  const percents = deltas.map((delta) => (delta === null || !from ? null : (100 * delta) / Math.abs(from)));
  const there = values.filter((value) => value !== null);
  const best = better === null || !there.length ? null : Math[better](...there);
  return { ...line, values, deltas, percents, best };
}
