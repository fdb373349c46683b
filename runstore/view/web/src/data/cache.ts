// Curves by what was asked for: the requests of one tick go out as one, answers are kept, what nobody waits for is
// stopped.

import { owner, type Series } from "./frame";
import type { CurveRequest, Source } from "./source";
import { joined, tailFrom } from "./tail";

const KEPT = 200;

interface Waiting {
  request: CurveRequest;
  done(series: Series[]): void;
  failed(error: unknown): void;
  signal: AbortSignal | undefined;
}

export class Curves {
  private readonly known = new Map<string, Series[]>();
  private waiting: Waiting[] = [];

  constructor(readonly source: Source) {}

  /** What is kept of this request, if anything is. */
  kept(request: CurveRequest): Series[] | null {
    return this.known.get(named(request)) ?? null;
  }

  /** The curves asked for; from the cache where they are there. */
  async get(request: CurveRequest, signal?: AbortSignal): Promise<Series[]> {
    const name = named(request);
    const found = this.known.get(name) ?? (await this.ask(request, signal));
    this.keep(name, found);
    return found;
  }

  /** The curves as they are now: of the runs that changed the tail is asked for, the others are as they were. */
  async refresh(request: CurveRequest, changed: ReadonlySet<string>, signal?: AbortSignal): Promise<Series[]> {
    const name = named(request);
    const old = this.known.get(name);
    if (old === undefined) return this.get(request, signal);
    if (request.group !== null) return this.again(request, signal); // a group's buckets change anywhere
    const runs = (request.runs ?? []).filter((run) => changed.has(run));
    if (request.runs !== null && !runs.length) return old;
    const from = lowest(old.filter((one) => changed.has(owner(one))));
    const absent = runs.some((run) => !old.some((one) => one.run_id === run));
    if (request.runs === null || absent || from === null) return this.again(request, signal);
    const points = Math.max(20, Math.ceil(request.points / 10));
    const tails = await this.ask({ ...request, runs, low: from, points }, signal);
    const by = new Map(tails.map((tail) => [owner(tail), tail]));
    const now = old.map((one) => (by.has(owner(one)) ? joined(one, by.get(owner(one))!, from) : one));
    this.keep(name, now);
    return now;
  }

  /** Forget everything, as when runs were taken away. */
  clear(): void {
    this.known.clear();
  }

  private async again(request: CurveRequest, signal?: AbortSignal): Promise<Series[]> {
    const found = await this.ask(request, signal);
    this.keep(named(request), found);
    return found;
  }

  private keep(name: string, series: Series[]): void {
    this.known.delete(name);
    this.known.set(name, series);
    for (const oldest of this.known.keys()) {
      if (this.known.size <= KEPT) break;
      this.known.delete(oldest);
    }
  }

  private ask(request: CurveRequest, signal: AbortSignal | undefined): Promise<Series[]> {
    return new Promise((done, failed) => {
      this.waiting.push({ request, done, failed, signal });
      if (this.waiting.length === 1) setTimeout(() => void this.send(), 0);
    });
  }

  private async send(): Promise<void> {
    const sent = this.waiting.filter((one) => !one.signal?.aborted);
    for (const one of this.waiting) if (one.signal?.aborted) one.failed(one.signal.reason);
    this.waiting = [];
    if (!sent.length) return;
    const stop = new AbortController();
    const left = (): void => {
      if (sent.every((one) => one.signal?.aborted)) stop.abort(sent[0]!.signal!.reason);
    };
    for (const one of sent) one.signal?.addEventListener("abort", left, { once: true });
    try {
      const numbered = sent.map((one, index) => ({ ...one.request, key: String(index) }));
      const { series } = await this.source.frame(numbered, stop.signal);
      sent.forEach((one, index) => {
        const mine = series.filter((found) => found.key === String(index));
        one.done(mine.map((found) => ({ ...found, key: one.request.key })));
      });
    } catch (error) {
      for (const one of sent) one.failed(error);
    } finally {
      for (const one of sent) one.signal?.removeEventListener("abort", left);
    }
  }
}

function lowest(series: readonly Series[]): number | null {
  let least: number | null = null;
  for (const one of series) {
    const from = tailFrom(one);
    if (from === null) return null;
    least = least === null ? from : Math.min(least, from);
  }
  return least;
}

function named({ key: _, ...request }: CurveRequest): string {
  return JSON.stringify(request);
}
