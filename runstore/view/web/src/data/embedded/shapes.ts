// What a report holds: the feed's own answers, by what they answer.

import type { Column } from "../../table/columns";
import type { RunsAnswer } from "../../table/rows";

export type Values = Record<string, unknown>;

export interface MetricOf {
  name: string;
  kind: string;
  points: number | null;
  last_step: number | null;
}

export interface LogChunk {
  text: string;
  offset: number;
  next: number;
  size: number;
  ended: boolean;
}

/** What is known of one run; an `error` in the place of an answer says why there is none. */
export interface RunAnswers {
  "": Values;
  media: { items: Values[]; total: number };
  system: Values;
  files: Values;
  snapshot: Values;
  logs: Values;
  log: Record<string, LogChunk>;
  rows: Record<string, { columns: string[]; rows: unknown[][]; total: number }>;
  value: Record<string, { step: number | null }[]>;
}

export interface Line {
  name: string;
  values: unknown[];
  given: boolean[];
  better?: "min" | "max" | null;
}

/** All runs against the first; `values` are in the order of `runs`. */
export interface Beside {
  runs: { run_id: string; name: string | null; experiment: string; status: string }[];
  baseline: string;
  params: Line[];
  metrics: Line[];
  provenance: Line[];
  first_divergence: { run_id: string }[];
  code: { run_id: string }[];
  notes: string[];
}

export interface Answers {
  workspace: Values;
  experiments: Values[];
  columns: Column[];
  table: RunsAnswer;
  runs: Record<string, RunAnswers>;
  metrics: Record<string, MetricOf[]>;
  sweeps: Record<string, Values>;
  compare: Beside | { error: string } | null;
}
