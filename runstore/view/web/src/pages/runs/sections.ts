// The charts of the runs page: which metrics, in which sections.

import type { Query } from "../../data/source";
import type { View } from "../../state/view";

export interface MetricFacts {
  name: string;
  kind: string;
  runs: number;
  points: number;
}

export interface MetricsAnswer {
  metrics: MetricFacts[];
  total: number;
}

const ASKED = 1000;
const MATCHED = 20_000; // names that a pattern is tried on: the server knows words only
const COUNTED = 100; // runs whose metrics are asked for

/** How the metrics of the drawn runs are asked for; null: those of all. */
export function metricsOf({ experiment, metrics: search }: Pick<View, "experiment" | "metrics">, drawn: readonly string[] | null): Query {
  return {
    runs: drawn?.slice(0, COUNTED) ?? null,
    experiment: drawn === null ? experiment || null : null,
    search: search && !expression(search) ? search.trim() : null,
    limit: limitOf(search),
  };
}

/** How many metrics are asked for at most. */
export function limitOf(search: string): number {
  return expression(search) ? MATCHED : ASKED;
}

/** The metrics of an answer that are curves and fit what was searched. */
export function curvesOf(answer: MetricsAnswer | null, search: string): string[] {
  return (answer?.metrics ?? []).filter((one) => one.kind === "curve" && fits(one.name, search)).map((one) => one.name);
}

/** The fold of the pinned charts, which no metric's prefix is. */
export const PINNED = "*";

/** The pinned charts that are shown. */
export function shown({ charts, metrics, closed }: Pick<View, "charts" | "metrics" | "closed">): string[] {
  return closed.includes(PINNED) ? [] : charts.filter((name) => fits(name, metrics));
}

export interface Section {
  /** The part of the names before the first slash; empty for names without one. */
  prefix: string;
  metrics: string[];
}

/** Whether a metric's name is what was searched: a text, or a pattern between slashes or with its signs. */
export function fits(name: string, search: string): boolean {
  const text = search.trim();
  if (!text) return true;
  const pattern = expression(text);
  return pattern ? pattern.test(name) : name.toLowerCase().includes(text.toLowerCase());
}

/** The pattern that a search is, or null where it is plain text. */
export function expression(search: string): RegExp | null {
  const inner = /^\/(.+)\/$/.exec(search)?.[1] ?? (/[\\^$*+?|()[\]{}]/.test(search) ? search : null);
  if (inner === null) return null;
  try {
    return new RegExp(inner, "i");
  } catch {
    return null; // half a pattern is looked for as it stands
  }
}

/** The metrics in sections by their prefix, those without one first. */
export function sections(metrics: readonly string[]): Section[] {
  const found = new Map<string, string[]>();
  for (const name of metrics) {
    const slash = name.indexOf("/");
    const prefix = slash > 0 ? name.slice(0, slash) : "";
    const list = found.get(prefix);
    if (list) list.push(name);
    else found.set(prefix, [name]);
  }
  const names = [...found.keys()].sort((left, right) => left.localeCompare(right));
  return names.map((prefix) => ({ prefix, metrics: found.get(prefix) ?? [] }));
}

/** The metric before or after another one, round and round. */
export function beside(metrics: readonly string[], name: string, step: 1 | -1): string {
  const place = metrics.indexOf(name);
  if (place < 0) return name;
  return metrics[(place + step + metrics.length) % metrics.length] ?? name;
}
