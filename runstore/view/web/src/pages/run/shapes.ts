/** What the page's data says about one run, as it comes. What an older or newer store leaves out may be missing. */

export interface Metric {
  name: string;
  kind: string;
  last: unknown;
  min: number | null;
  max: number | null;
  mean: number | null;
  count: number | null;
  last_step: number | null;
  nan_count?: number | null;
  inf_count?: number | null;
}

/** A warning or an error that the run's program gave. */
export interface Warned {
  time: string | null;
  level: string | null;
  logger: string | null;
  text: string;
  exception: string | null;
}

export type Values = Record<string, unknown>;

export interface Run {
  run_id: string;
  name: string | null;
  experiment: string;
  number: number | null;
  status: string;
  type: string | null;
  started: string | null;
  ended: string | null;
  duration_s: number | null;
  error: string | null;
  failure?: Values | null;
  /** The first warnings and errors, and how many of each there are. */
  warnings?: Warned[];
  warnings_total?: number;
  errors?: number;
  description?: string | null;
  notes?: ({ text: string; time?: string | null; author?: string | null } | string)[] | string | null;
  tags?: Values;
  properties?: Values;
  params?: Values;
  metrics?: Metric[];
  metrics_total?: number;
  children?: number;
  parent_id?: string | null;
  /** The files of other runs that it said it used. */
  inputs?: { run_id: string; name: string; version: number }[];
  attempts?: Values[];
  writers?: Values[];
  provenance?: Values | null;
  snapshot_id?: string | null;
  heartbeat_age_s?: number | null;
  archived?: boolean;
  deleted?: string | null;
}

export interface Item {
  name: string;
  step: number | null;
  time: string | null;
  kind: string;
  path: string;
  media_type: string | null;
  size: number | null;
  width?: number | null;
  height?: number | null;
}

export interface FileRow {
  path: string;
  size: number | null;
  sha256?: string | null;
  time?: string | null;
  kind?: string | null;
  media_type?: string | null;
  /** Recorded by reference: the bytes are not in the store. */
  elsewhere?: boolean;
}

export interface Table {
  columns: (string | { name: string })[];
  rows: unknown[][];
  total?: number;
}

const ENDED = new Set(["Completed", "Failed", "Canceled", "NotResponding"]);

/** Whether more can come of a run. */
export function ended(run: Run): boolean {
  return ENDED.has(run.status);
}

/** The last value; JSON has no NaN and no infinity, so where only such were logged that is said. */
export function lastOf(metric: Metric): unknown {
  if (metric.last !== null || !metric.count) return metric.last;
  if ((metric.nan_count ?? 0) >= metric.count) return NaN;
  return (metric.inf_count ?? 0) >= metric.count ? Infinity : null;
}

/** What people call a run. */
export function title(run: { name?: string | null; run_id: string }): string {
  return run.name || run.run_id;
}

/** The names of a table's columns, however they are told. */
export function names(columns: Table["columns"]): string[] {
  return columns.map((column) => (typeof column === "string" ? column : column.name));
}

export function runPath(runId: string, rest = ""): string {
  return `runs/${encodeURIComponent(runId)}${rest && `/${rest}`}`;
}
