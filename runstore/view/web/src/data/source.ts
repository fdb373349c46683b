// Where the page's data comes from. A server, a notebook's kernel and a report's own text answer the same questions,
// so nothing above this file knows which of them it is.

import type { Series } from "./frame";

/** Values of a query; null and undefined are left out, a list is joined by commas. */
export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

/** The curves of one metric: of runs, or of groups of runs. */
export interface CurveRequest {
  /** What the answer's series are called by; one request may have many series. */
  key: string;
  metric: string;
  runs: readonly string[] | null;
  group: readonly string[] | null;
  /** Of groups: what their band shows, and which runs are drawn beside them. */
  band?: string;
  seeds?: readonly string[];
  experiment?: string;
  where?: string;
  /** `step`, `time`, `relative`, or the name of another metric. */
  x: string;
  low: number | null;
  high: number | null;
  points: number;
  /** `system` asks for what the machine was measured at. */
  source?: "system";
}

/** What came: runs that have new points or facts; whether runs came or ended. */
export interface Changed {
  cursor: string;
  runs: string[];
  listed: boolean;
}

export type Event = { kind: "changed"; changed: Changed } | { kind: "live" } | { kind: "lost"; error: Error };

export interface Frame {
  cursor: string | null;
  series: Series[];
  /** Requests that were refused, by their key. */
  errors?: readonly { key: string; error: string }[];
}

export interface Source {
  /** Whether more can come: a report's data is all there is. */
  readonly live: boolean;
  /** Whether curves can be asked for more finely. */
  readonly finer: boolean;
  /** False where a curve that has grown is asked for whole; else its tail alone is. */
  readonly tails?: boolean;
  /** What x can be, where it can't be everything: `step`, `relative`, `time`. */
  readonly axes?: readonly string[];
  json<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T>;
  post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T>;
  frame(requests: readonly CurveRequest[], signal?: AbortSignal): Promise<Frame>;
  /** What was asked for already, before anybody wanted it, and nobody has taken yet. */
  early?(request: CurveRequest): Promise<Series[]> | undefined;
  /** Hear of changes until the function returned is called. */
  events(heard: (event: Event) => void): () => void;
  /** What is written in a file. */
  text(path: string, query?: Query, signal?: AbortSignal): Promise<string>;
  /** The address of a file for `<img>`, `<a>` and frames; the caller calls `free` when it is not shown any more. */
  file(path: string, query?: Query): Promise<{ url: string; free(): void }>;
}

/** What the other side said was wrong, with a hint where it gave one. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(
    message: string,
    readonly status: number,
    readonly hint: string | null = null,
  ) {
    super(message);
  }
}

/** What a refusal says can be done. Told by its name: the page's first module and the page each have a class of their own. */
export function hintOf(error: unknown): string | null {
  return error instanceof Error && error.name === "Refusal" ? (error as Refusal).hint : null;
}
