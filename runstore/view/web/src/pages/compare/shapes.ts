/** What a comparison of runs says, as it comes. */

import type { Named } from "./deltas";

export interface Compared {
  runs: { run_id: string; name: string | null; experiment: string; status: string }[];
  baseline: string;
  params: Named[];
  metrics: Named[];
  provenance: Named[];
  first_divergence: Parting[];
  code: Code[];
  notes: string[];
}

/** Where the metrics of a run first are not what the baseline's are. */
export interface Parting {
  run_id: string;
  verdict: string;
  /** How many metrics never part. */
  same: number;
  metrics: { name: string; step: number; baseline: unknown; other: unknown; common: number; parted: number }[];
}

/** What a run's code has other than the baseline's. */
export interface Code {
  run_id: string;
  files: { path: string; how: string; diff: string; cut: boolean }[];
  git: { name: string; baseline: unknown; other: unknown }[];
}

/** The runs that a page is about: named in its address, else those that were chosen. */
export function asked(id: string, chosen: readonly string[]): string[] {
  const ids = id ? id.split(",") : chosen;
  return [...new Set(ids.map((one) => one.trim()).filter(Boolean))].slice(0, 10);
}
