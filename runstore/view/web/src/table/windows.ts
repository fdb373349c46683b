// Rows by the hundred, as the table's window needs them: the server orders and filters, only what is looked at is here.

import { signal } from "@preact/signals";
import type { Source } from "../data/source";
import { queryOf, WINDOW, type RunsQuestion } from "./question";
import { rowsOf, type Row, type RunsAnswer } from "./rows";

const KEPT = 60;

interface Window {
  rows: Row[];
  total: number;
  version: number;
}

export class Windows {
  /** Counts up whenever something came. */
  readonly came = signal(0);
  readonly error = signal<Error | null>(null);
  private question: RunsQuestion = { experiment: "", sort: [], columns: [] };
  private version = 0;
  private readonly windows = new Map<string, Window>();
  private readonly asking = new Map<string, { stop: AbortController; version: number; failed: boolean }>();
  private soon = false;

  constructor(private readonly source: Source) {}

  /** Ask otherwise from now on. Rows that are here stay until the new ones have come. */
  ask(question: RunsQuestion): void {
    if (JSON.stringify(question) === JSON.stringify(this.question)) return;
    this.question = question;
    this.renew();
  }

  /** What is here may be old: ask again for what is looked at. */
  renew(): void {
    this.soon = false;
    this.version++;
    for (const asked of this.asking.values()) asked.stop.abort();
    this.asking.clear();
    this.came.value++;
  }

  /** Ask again when nothing is on its way any more: changes that come faster than answers never stop these. */
  renewSoon(): void {
    this.soon = [...this.asking.values()].some((asked) => asked.version === this.version && !asked.failed);
    if (!this.soon) this.renew();
  }

  /** The row at a place among those that fulfil the condition; null while it is on its way. */
  row(where: string, place: number): Row | null {
    const window = this.window(where, Math.floor(place / WINDOW));
    return window?.rows[place % WINDOW] ?? null;
  }

  /** Whether the first rows that fulfil the condition have come; they are asked for if not. */
  has(where: string): boolean {
    return this.window(where, 0) !== null;
  }

  /** How many rows fulfil the condition; null until it is known. */
  total(where: string): number | null {
    return this.window(where, 0)?.total ?? null;
  }

  /** The first rows that fulfil the condition, at least so many if there are, as far as they are here. */
  first(where: string, count = WINDOW): Row[] {
    const found: Row[] = [];
    const whole = Math.min(count, this.total(where) ?? WINDOW);
    for (let number = 0; number * WINDOW < whole; number++) {
      const rows = this.window(where, number)?.rows;
      if (!rows) break;
      found.push(...rows);
    }
    return found;
  }

  /** Whether the first rows are those of the present question. */
  fresh(where: string): boolean {
    return this.windows.get(named(where, 0))?.version === this.version;
  }

  close(): void {
    for (const asked of this.asking.values()) asked.stop.abort();
  }

  private window(where: string, number: number): Window | null {
    const name = named(where, number);
    const found = this.windows.get(name);
    if (found) {
      this.windows.delete(name); // the newest looked at last, so that the oldest goes first
      this.windows.set(name, found);
    }
    if (found?.version !== this.version && this.asking.get(name)?.version !== this.version) {
      void this.fetch(name, where, number);
    }
    return found ?? null;
  }

  private async fetch(name: string, where: string, number: number): Promise<void> {
    const stop = new AbortController();
    const version = this.version;
    const asked = { stop, version, failed: false };
    this.asking.set(name, asked);
    try {
      const answer = await this.source.json<RunsAnswer>("runs", queryOf(this.question, where, number), stop.signal);
      if (stop.signal.aborted) return;
      this.keep(name, { rows: rowsOf(answer), total: answer.total, version });
      this.error.value = null;
      this.asking.delete(name);
    } catch (error) {
      if (stop.signal.aborted) return;
      asked.failed = true;
      this.error.value = error as Error; // it stays among what is asked: trying again is for the person to say
    }
    this.came.value++;
    if (this.soon) this.renewSoon();
  }

  private keep(name: string, window: Window): void {
    this.windows.set(name, window);
    for (const oldest of this.windows.keys()) {
      if (this.windows.size <= KEPT) return;
      this.windows.delete(oldest);
    }
  }
}

function named(where: string, number: number): string {
  return `${number}\u001f${where}`;
}
