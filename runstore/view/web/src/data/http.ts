// The server of `runstore ui` as a source.

import { answered, named, numbered } from "./batch";
import { decode, type Series } from "./frame";
import { Refusal, type Changed, type CurveRequest, type Event, type Frame, type Query, type Source } from "./source";
import { Messages, pause, type Message } from "./sse";

const SOON = 10_000; // milliseconds for which what was asked ahead is kept
const SILENT = 40_000; // a beat comes every 15 s; after more than two the connection counts as lost

export class HttpSource implements Source {
  readonly live = true;
  readonly finer = true;
  /** Called when the server knows no such token. */
  locked: () => void = () => undefined;
  private cursor: string | null = null;
  private readonly asked = new Map<string, { answer: Promise<unknown>; until: number }>();

  constructor(
    private readonly token: string,
    private readonly root = "api/",
  ) {}

  async json<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
    return (this.taken(path + written(query)) ?? this.got(path, query, signal)) as Promise<T>;
  }

  /** Ask before whoever wants to know is there. The first to ask just that gets this answer, and nobody else. */
  ahead<T>(path: string, query: Query): Promise<T> {
    return this.kept(path + written(query), this.got(path, query) as Promise<T>);
  }

  /** The same of curves. */
  framesAhead(requests: readonly CurveRequest[]): void {
    const frame = this.frame(numbered(requests));
    requests.forEach((one, place) => void this.kept(named(one), frame.then((found) => answered(found, place, one))));
  }

  early(request: CurveRequest): Promise<Series[]> | undefined {
    return this.taken(named(request)) as Promise<Series[]> | undefined;
  }

  async post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
    return (await (await this.ask(path, {}, posted(body, signal))).json()) as T;
  }

  async frame(requests: readonly CurveRequest[], signal?: AbortSignal): Promise<Frame> {
    return decode(await (await this.ask("curves", {}, posted({ requests }, signal))).arrayBuffer());
  }

  async text(path: string, query: Query = {}, signal?: AbortSignal): Promise<string> {
    return (await this.ask(path, query, { signal })).text();
  }

  /** An address with a ticket in it: a frame, a picture and a download can't send the token. */
  async file(path: string, query: Query = {}): Promise<{ url: string; free(): void }> {
    const wanted = new URL(this.root + path + written(query), document.baseURI);
    const { urls } = await this.post<{ urls: string[] }>("tickets", { urls: [wanted.pathname + wanted.search] });
    return { url: urls[0]!, free: () => undefined };
  }

  events(heard: (event: Event) => void): () => void {
    const stop = new AbortController();
    const held = new Held((changed) => heard({ kind: "changed", changed }));
    document.addEventListener("visibilitychange", () => held.look(), { signal: stop.signal });
    void this.listen((event) => (event.kind === "changed" ? held.take(event.changed) : heard(event)), stop.signal);
    return () => stop.abort();
  }

  private async got(path: string, query: Query, signal?: AbortSignal): Promise<unknown> {
    const answer = await this.ask(path, query, { signal });
    this.cursor ??= answer.headers.get("runstore-cursor"); // whatever comes from then on is heard of
    return answer.json();
  }

  /** Keep an answer for whoever asks for it soon. */
  private kept<T>(name: string, answer: Promise<T>): Promise<T> {
    answer.catch(() => undefined); // who asks is told
    this.asked.set(name, { answer, until: performance.now() + SOON });
    return answer;
  }

  private taken(name: string): Promise<unknown> | undefined {
    const found = this.asked.get(name);
    this.asked.delete(name);
    return found && performance.now() < found.until ? found.answer : undefined;
  }

  private async ask(path: string, query: Query, init: RequestInit): Promise<Response> {
    const headers = { ...init.headers, Authorization: `Bearer ${this.token}` };
    const answer = await fetch(this.root + path + written(query), { ...init, headers, cache: "no-store" });
    if (answer.status === 401) this.locked();
    if (!answer.ok) throw await refusal(answer);
    return answer;
  }

  /** Hear of changes, connecting again whenever the stream ends; a hidden tab does not ask. */
  private async listen(heard: (event: Event) => void, stop: AbortSignal): Promise<void> {
    let tries = 0;
    while (!stop.aborted) {
      await visible(stop);
      try {
        await this.stream(heard, stop, () => (tries = 0));
      } catch (error) {
        if (stop.aborted) return;
        heard({ kind: "lost", error: error as Error });
      }
      await sleep(pause(++tries), stop);
    }
  }

  private async stream(heard: (event: Event) => void, stop: AbortSignal, alive: () => void): Promise<void> {
    const silence = new AbortController();
    const end = (): void => silence.abort();
    stop.addEventListener("abort", end, { once: true });
    let timer = setTimeout(end, SILENT);
    try {
      const answer = await this.ask("events", { cursor: this.cursor }, { signal: silence.signal });
      heard({ kind: "live" });
      const messages = new Messages();
      const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        clearTimeout(timer);
        timer = setTimeout(end, SILENT);
        alive();
        for (const message of messages.take(piece.value)) this.tell(message, heard);
      }
    } finally {
      clearTimeout(timer);
      stop.removeEventListener("abort", end);
      silence.abort();
    }
  }

  private tell(message: Message, heard: (event: Event) => void): void {
    if (message.event !== "changed") return;
    const changed = JSON.parse(message.data) as Changed;
    this.cursor = changed.cursor;
    heard({ kind: "changed", changed });
  }
}

/** Changes that come while the tab is hidden wait, and are told as one when it is looked at. */
export class Held {
  private waiting: Changed | null = null;

  constructor(
    private readonly tell: (changed: Changed) => void,
    private readonly hidden = () => document.visibilityState === "hidden",
  ) {}

  take(changed: Changed): void {
    const { waiting } = this;
    const runs = [...new Set([...(waiting?.runs ?? []), ...changed.runs])];
    this.waiting = { cursor: changed.cursor, runs, listed: changed.listed || (waiting?.listed ?? false) };
    this.look();
  }

  look(): void {
    if (this.waiting === null || this.hidden()) return;
    const told = this.waiting;
    this.waiting = null;
    this.tell(told);
  }
}

function posted(body: unknown, signal?: AbortSignal): RequestInit {
  return { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" }, signal };
}

/** A query as the end of an address. */
export function written(query: Query): string {
  const found = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined) continue;
    if (typeof value === "boolean") found.set(name, value ? "1" : "0");
    else if (Array.isArray(value) && value.some((one) => one.includes(","))) {
      for (const one of [...value, ""]) found.append(name, one); // said more than once, it is not cut at commas
    } else found.set(name, Array.isArray(value) ? value.join(",") : String(value));
  }
  const text = found.toString();
  return text ? `?${text}` : "";
}

async function refusal(answer: Response): Promise<Refusal> {
  const text = await answer.text();
  try {
    const told = JSON.parse(text) as { error?: string; hint?: string | null };
    if (told.error) return new Refusal(told.error, answer.status, told.hint ?? null);
  } catch {
    // not ours: a proxy may have answered
  }
  return new Refusal(answer.statusText || `the server answered ${answer.status}`, answer.status);
}

function visible(stop: AbortSignal): Promise<void> {
  if (document.visibilityState !== "hidden") return Promise.resolve();
  return new Promise((done) => {
    const look = (): void => {
      if (document.visibilityState === "hidden" && !stop.aborted) return;
      document.removeEventListener("visibilitychange", look);
      done();
    };
    document.addEventListener("visibilitychange", look);
    stop.addEventListener("abort", look, { once: true });
  });
}

function sleep(milliseconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, milliseconds);
    stop.addEventListener("abort", () => (clearTimeout(timer), done()), { once: true });
  });
}
