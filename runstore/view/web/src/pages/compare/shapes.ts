/** What a comparison of runs says, as it comes. */

import type { Named } from "./deltas";

export interface Compared {
  runs?: { run_id: string; name?: string | null; experiment?: string; status?: string }[];
  params?: Named[];
  metrics?: (Named & { deltas?: (number | null)[] })[];
  provenance?: Named[];
  first_divergence?: Parting[];
  code?: { path: string; diff: string | null }[];
  notes?: string[];
  verdict?: string | null;
}

/** Where a metric of a run first is not what the baseline's is. */
export interface Parting {
  run_id?: string | null;
  metric?: string;
  name?: string;
  step: number | null;
  a?: unknown;
  b?: unknown;
  baseline?: unknown;
  value?: unknown;
}

/** The runs that a page is about: named in its address, else those that were chosen. */
export function asked(id: string, chosen: readonly string[]): string[] {
  const ids = id ? id.split(",") : chosen;
  return [...new Set(ids.map((one) => one.trim()).filter(Boolean))].slice(0, 10);
}
