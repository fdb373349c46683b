// The curves that a report holds: of each run its own buckets, along steps and along time.

import { decode, type Series } from "../frame";
import type { CurveRequest, Frame } from "../source";
import { grouped, type Member } from "./groups";

/** What curves need to know of the runs. */
export interface Runs {
  /** The ids of the runs that an experiment and a filter leave. */
  ids(experiment: string, where: string): string[];
  /** What a run has in a column. */
  value(run: string, column: string): unknown;
  /** When a run began, in seconds. */
  began(run: string): number;
}

export class EmbeddedCurves {
  private readonly known = new Map<string, Series>();

  constructor(
    frames: readonly ArrayBuffer[],
    private readonly runs: Runs,
  ) {
    for (const buffer of frames) {
      for (const one of decode(buffer).series) this.known.set(named(one.key, one.metric, one.xKind, one.run_id ?? ""), one);
    }
  }

  frame(requests: readonly CurveRequest[]): Frame {
    const series: Series[] = [];
    const errors: { key: string; error: string }[] = [];
    for (const request of requests) {
      try {
        series.push(...this.answer(request));
      } catch (error) {
        errors.push({ key: request.key, error: (error as Error).message });
      }
    }
    return { cursor: null, series, errors };
  }

  private answer(request: CurveRequest): Series[] {
    const { experiment = "", where = "", group, metric, x } = request;
    if (!["step", "time", "relative"].includes(x)) throw new Error("a report has curves along steps and time only");
    const ids = group ? this.runs.ids(experiment, where) : (request.runs ?? this.runs.ids(experiment, where));
    const found = ids.flatMap((run) => this.of(request.source ?? "", metric, x, run) ?? []);
    if (!group) return found.map((one) => ({ ...one, key: request.key }));
    const members = found.map((one): Member => {
      const values = group.map((column) => [column, this.runs.value(one.run_id ?? "", column) ?? null]);
      return { series: one, group: Object.fromEntries(values) as Record<string, unknown> };
    });
    const seeds = (request.seeds ?? []).flatMap((run) => this.of("", metric, x, run) ?? []);
    return [...grouped(members, request), ...seeds.map((one) => ({ ...one, key: request.key }))];
  }

  private of(source: string, metric: string, x: string, run: string): Series | null {
    if (x !== "relative") return this.known.get(named(source, metric, x, run)) ?? null;
    const told = this.known.get(named(source, metric, "time", run));
    const began = this.runs.began(run);
    return told ? { ...told, xKind: x, x: told.x.map((time) => time - began) } : null;
  }
}

function named(source: string, metric: string, x: string, run: string): string {
  return JSON.stringify([source, metric, x, run]);
}
