// A notebook's kernel as a source: questions and answers are messages of the widget's comm, so no port is needed.
//
// A kernel may not hear a question as long as a cell runs. So a question that is on its way is never sent again, and
// the kernel sends answers that nobody asked for anew (`fresh`) when it hears nothing: they settle whoever waits.

import { decode } from "./frame";
import { Held, written } from "./http";
import { Refusal, type Changed, type CurveRequest, type Event, type Frame, type Query, type Source } from "./source";

/** What a widget's comm is to us. */
export interface Comm {
  send(message: object): void;
  /** Hear messages until the function returned is called. */
  hear(heard: (message: Said, buffers: readonly DataView[]) => void): () => void;
}

export type Said =
  | { kind: "answer"; ask: string; told: readonly Told[] }
  | { kind: "fresh"; told: readonly Told[] }
  | { kind: "changed"; changed: Changed };

/** How one question was answered. `buffer`: which one holds it; `part`: curves of several questions are one frame. */
interface Told {
  key: string;
  status: number;
  buffer?: number;
  part?: string;
  media_type?: string;
  error?: string;
  hint?: string | null;
}

interface Answer {
  told: Told;
  data: ArrayBuffer;
}

interface Waiter {
  done(answer: Answer): void;
  failed(error: unknown): void;
}

interface Sent {
  waiters: Set<Waiter>;
  /** Those who came when something had changed since: the answer that comes may not know it. */
  later: Set<Waiter>;
  old: boolean;
  since: number;
}

type Curves = Pick<Frame, "series"> & { refused?: string };

export class CommSource implements Source {
  readonly live = true;
  readonly finer = true;
  readonly tails = false; // the same question each time, so that the kernel can answer it unasked
  private readonly sent = new Map<string, Sent>();
  private readonly name = Math.random().toString(36).slice(2, 10); // several pages may hear one comm
  private readonly deaf: () => void;
  private heard: ((changed: Changed) => void) | null = null;
  private waiting: string[] = [];
  private count = 0;

  constructor(private readonly comm: Comm) {
    this.deaf = comm.hear((message, buffers) => this.take(message, buffers));
  }

  async json<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
    return parsed(await this.ask(["get", path + written(query)], signal)) as T;
  }

  async post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
    return parsed(await this.ask(["post", path, body], signal)) as T;
  }

  async text(path: string, query: Query = {}, signal?: AbortSignal): Promise<string> {
    return new TextDecoder().decode((await this.ask(["get", path + written(query)], signal)).data);
  }

  async frame(requests: readonly CurveRequest[], signal?: AbortSignal): Promise<Frame> {
    const answers = await Promise.all(requests.map((one) => this.curves(one, signal)));
    const series = answers.flatMap((one, at) => one.series.map((each) => ({ ...each, key: requests[at]!.key })));
    const errors = answers.flatMap(({ refused }, at) => (refused ? [{ key: requests[at]!.key, error: refused }] : []));
    return { cursor: null, series, errors };
  }

  async file(path: string, query: Query = {}): Promise<{ url: string; free(): void }> {
    const { told, data } = await this.ask(["file", path + written(query)]);
    return address(data, told.media_type ?? "");
  }

  events(heard: (event: Event) => void): () => void {
    const stop = new AbortController();
    const held = new Held((changed) => heard({ kind: "changed", changed }));
    document.addEventListener("visibilitychange", () => held.look(), { signal: stop.signal });
    this.heard = (changed) => held.take(changed);
    this.comm.send({ kind: "listen", view: this.name });
    return () => {
      stop.abort();
      this.heard = null;
      this.comm.send({ kind: "leave", view: this.name });
    };
  }

  /** For how long somebody has been waiting for an answer, in milliseconds. */
  waited(): number {
    const asked = [...this.sent.values()].filter((one) => one.waiters.size + one.later.size > 0);
    return performance.now() - Math.min(performance.now(), ...asked.map((one) => one.since));
  }

  /** Hear nothing any more; whoever waits is told so. */
  close(): void {
    this.deaf();
    const gone = new Refusal("the widget was closed", 499);
    for (const one of this.sent.values()) for (const waiter of [...one.waiters, ...one.later]) waiter.failed(gone);
    this.sent.clear();
  }

  private async curves(request: CurveRequest, signal?: AbortSignal): Promise<Curves> {
    try {
      const { told, data } = await this.ask(["curves", { ...request, key: "" }], signal);
      return { series: decode(data).series.filter((one) => one.key === told.part) };
    } catch (error) {
      if (error instanceof Refusal) return { series: [], refused: error.message };
      throw error;
    }
  }

  private ask(question: readonly unknown[], signal?: AbortSignal): Promise<Answer> {
    const key = JSON.stringify(question);
    return new Promise((done, failed) => {
      const waiter = { done, failed };
      const sent = this.sent.get(key);
      if (sent) (sent.old ? sent.later : sent.waiters).add(waiter);
      else this.send(key, new Set([waiter]));
      signal?.addEventListener("abort", () => {
        const now = this.sent.get(key);
        now?.waiters.delete(waiter);
        now?.later.delete(waiter);
        failed(signal.reason);
      }, { once: true }); // prettier-ignore
    });
  }

  /** What is asked in one tick goes out as one message. */
  private send(key: string, waiters: Set<Waiter>): void {
    this.sent.set(key, { waiters, later: new Set(), old: false, since: performance.now() });
    this.waiting.push(key);
    if (this.waiting.length > 1) return;
    queueMicrotask(() => {
      const keys = this.waiting.filter((one) => this.sent.has(one));
      this.waiting = [];
      if (keys.length) this.comm.send({ kind: "ask", ask: `${this.name}-${++this.count}`, view: this.name, keys });
    });
  }

  private take(message: Said, buffers: readonly DataView[]): void {
    if (message.kind === "changed") {
      for (const one of this.sent.values()) one.old = true;
      this.heard?.(message.changed);
      return;
    }
    const mine = message.kind === "fresh" || message.ask.startsWith(`${this.name}-`);
    if (!mine) return;
    const data = buffers.map(bytes);
    for (const told of message.told) {
      this.settle({ told, data: data[told.buffer ?? -1] ?? NOTHING }, message.kind === "fresh");
    }
  }

  /** Tell whoever waits for it. The question itself is on its way still if this is an answer that nobody asked for. */
  private settle(answer: Answer, unasked: boolean): void {
    const { key } = answer.told;
    const sent = this.sent.get(key);
    if (!sent) return;
    tell(sent.waiters, answer);
    if (unasked) {
      tell(sent.later, answer);
      sent.old = false;
      sent.since = performance.now();
      return;
    }
    this.sent.delete(key);
    if (sent.later.size) this.send(key, sent.later);
  }
}

function tell(waiters: Set<Waiter>, { told, data }: Answer): void {
  for (const one of waiters) {
    if (told.error === undefined) one.done({ told, data });
    else one.failed(new Refusal(told.error, told.status, told.hint ?? null));
  }
  waiters.clear();
}

function parsed({ data }: Answer): unknown {
  return JSON.parse(new TextDecoder().decode(data));
}

const NOTHING = new ArrayBuffer(0);

/** A buffer of its own: columns of a frame must begin where their numbers may. */
function bytes(view: DataView): ArrayBuffer {
  return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength) as ArrayBuffer;
}

const PASSIVE = /^(image\/(?!svg)|audio\/|video\/|text\/plain|application\/octet-stream)/;

/**
 * An address for a file that somebody logged. What can hold a script gets one that is of no origin wherever it is
 * opened, so that it never runs as a part of the notebook's page.
 */
function address(data: ArrayBuffer, mediaType: string): { url: string; free(): void } {
  if (PASSIVE.test(mediaType)) {
    const url = URL.createObjectURL(new Blob([data], { type: mediaType }));
    return { url, free: () => URL.revokeObjectURL(url) };
  }
  let text = "";
  const all = new Uint8Array(data);
  for (let at = 0; at < all.length; at += 1 << 15) text += String.fromCharCode(...all.subarray(at, at + (1 << 15)));
  return { url: `data:${mediaType || "application/octet-stream"};base64,${btoa(text)}`, free: () => undefined };
}
