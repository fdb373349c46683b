// Curves by what was asked for: the requests of one tick go out as one, answers are kept, what nobody waits for is
// stopped.

import { signal } from "@preact/signals";
import { rest } from "./asking";
import { answered, FIRST, named, numbered } from "./batch";
import { owner, type Series } from "./frame";
import type { CurveRequest, Source } from "./source";
import { fine, joined, tailFrom } from "./tail";

const KEPT = 200;
const AT_ONCE = 64; // requests that the server answers in one frame

interface Waiting {
  request: CurveRequest;
  done(series: Series[]): void;
  failed(error: unknown): void;
  signal: AbortSignal | undefined;
}

export class Curves {
  /** Grows whenever something that was asked for may have changed. */
  readonly version = signal(0);
  private readonly known = new Map<string, Series[]>();
  private readonly news = new Map<string, Set<string>>();
  private readonly anew = new Set<string>();
  private waiting: Waiting[] = [];
  private onTheWay = 0; // frames
  private resting = false;
  private due = false;
  private early: Promise<unknown> | null = null; // what was asked for before the page was there

  constructor(readonly source: Source) {}

  /** What is kept of this request, if anything is. */
  kept(request: CurveRequest): Series[] | null {
    return this.known.get(named(request)) ?? null;
  }

  /** The curves asked for; from the cache where they are there. */
  async get(request: CurveRequest, signal?: AbortSignal): Promise<Series[]> {
    const name = named(request);
    const old = this.known.get(name);
    const news = this.news.get(name);
    if (old === undefined) return this.again(request, signal);
    if (news === undefined) return this.keep(name, old);
    this.news.delete(name); // what comes from now on counts as news again
    try {
      return await this.refresh(request, news, signal);
    } catch (error) {
      this.news.set(name, new Set([...news, ...(this.news.get(name) ?? [])]));
      throw error;
    }
  }

  /**
   * Hear that runs have new points: what is shown of them is asked for again, what is not waits until it is. Where one of
   * them came or ended it is asked for whole: points of earlier steps may have come as well. While frames are on their
   * way news waits for them, so that all charts go on together, in one request.
   */
  heard(runs: readonly string[], listed = false): void {
    if (!runs.length) return;
    for (const name of this.known.keys()) {
      if (listed) this.anew.add(name);
      const news = this.news.get(name) ?? new Set<string>();
      for (const run of runs) news.add(run);
      this.news.set(name, news);
    }
    this.due = true;
    this.tell();
  }

  private tell(): void {
    if (!this.due || this.onTheWay > 0 || this.resting) return;
    this.due = false;
    this.version.value = this.version.peek() + 1; // whoever calls this in an effect must not hear of it there
  }

  private came(took: number): void {
    if (--this.onTheWay > 0) return;
    this.resting = true;
    setTimeout(() => ((this.resting = false), this.tell()), rest(took)); // charts take in first what has come
  }

  /** The curves as they are now: of the runs that changed the tail is asked for, the others are as they were. */
  private async refresh(request: CurveRequest, news: Iterable<string>, signal?: AbortSignal): Promise<Series[]> {
    const name = named(request);
    const old = this.known.get(name)!;
    const changed = new Set(news);
    const runs = (request.runs ?? []).filter((run) => changed.has(run));
    if (request.runs !== null && request.group === null && !runs.length) return old;
    const from = tailFrom(old.filter((one) => changed.has(owner(one))));
    const absent = runs.some((run) => !old.some((one) => one.run_id === run));
    const grouped = request.group !== null; // a group's buckets change anywhere
    const whole = grouped || request.runs === null || this.anew.has(name) || this.source.tails === false;
    if (whole || absent || from === null) return this.again(request, signal);
    const points = Math.max(20, Math.ceil(request.points / 4));
    const tails = await this.ask({ ...request, runs, low: from, points }, signal);
    const by = new Map(tails.map((tail) => [owner(tail), tail]));
    const tailOf = (one: Series): Series | undefined => by.get(owner(one));
    if (old.some((one) => tailOf(one) && !fine(one, tailOf(one)!, from))) return this.again(request, signal);
    return this.keep(name, old.map((one) => (tailOf(one) ? joined(one, tailOf(one)!, from) : one)));
  }

  /** Forget everything, as when runs were taken away. */
  clear(): void {
    this.known.clear();
    this.news.clear();
    this.anew.clear();
    this.version.value = this.version.peek() + 1;
  }

  private async again(request: CurveRequest, signal?: AbortSignal): Promise<Series[]> {
    const name = named(request);
    const ended = this.anew.delete(name); // what ends from now on counts again
    try {
      return this.keep(name, await this.ask(request, signal));
    } catch (error) {
      if (ended) this.anew.add(name);
      throw error;
    }
  }

  private keep(name: string, series: Series[]): Series[] {
    this.known.delete(name);
    this.known.set(name, series);
    for (const oldest of this.known.keys()) {
      if (this.known.size <= KEPT) break;
      this.known.delete(oldest);
      this.news.delete(oldest);
      this.anew.delete(oldest);
    }
    return series;
  }

  private ask(request: CurveRequest, signal: AbortSignal | undefined): Promise<Series[]> {
    const early = this.source.early?.(request);
    if (early) {
      this.early = early.catch(() => undefined);
      return early;
    }
    return new Promise((done, failed) => {
      this.waiting.push({ request, done, failed, signal });
      if (this.waiting.length === 1) setTimeout(() => void this.send(), 0);
    });
  }

  private async send(): Promise<void> {
    if (this.early) {
      await this.early; // the others would only be in its way
      this.early = null;
    }
    const sent = this.waiting.filter((one) => !one.signal?.aborted);
    for (const one of this.waiting) if (one.signal?.aborted) one.failed(one.signal.reason);
    if (!this.known.size && sent.length > FIRST) {
      this.waiting = sent.slice(FIRST); // what is asked for meanwhile goes out with these
      await this.together(sent.slice(0, FIRST));
      return this.send();
    }
    this.waiting = [];
    for (let at = 0; at < sent.length; at += AT_ONCE) void this.together(sent.slice(at, at + AT_ONCE));
  }

  /** Ask for them in one frame; it is stopped when nobody waits for any of them. */
  private async together(sent: readonly Waiting[]): Promise<void> {
    const stop = new AbortController();
    const left = (): void => {
      if (sent.every((one) => one.signal?.aborted)) stop.abort(sent[0]!.signal!.reason);
    };
    for (const one of sent) one.signal?.addEventListener("abort", left, { once: true });
    const begun = performance.now();
    this.onTheWay++;
    try {
      const frame = await this.source.frame(numbered(sent.map((one) => one.request)), stop.signal);
      sent.forEach((one, place) => {
        try {
          one.done(answered(frame, place, one.request));
        } catch (error) {
          one.failed(error);
        }
      });
    } catch (error) {
      for (const one of sent) one.failed(error);
    } finally {
      for (const one of sent) one.signal?.removeEventListener("abort", left);
      this.came(performance.now() - begun);
    }
  }
}
