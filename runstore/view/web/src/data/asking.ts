// One question that is asked again and again, as news comes.

const QUICK = 100; // milliseconds: who answers that fast may be asked at once again

/** How long a source that took so long is left alone, so that a slow one is not kept busy. */
export function rest(took: number): number {
  return took >= QUICK ? took : 0;
}

/** News that comes while an answer is awaited waits for it, however slow it is: so no answer is thrown away. */
export class Asking<T> {
  private readonly over = new AbortController();
  private busy = false;
  private again = false;

  constructor(
    private readonly get: (signal: AbortSignal) => Promise<T>,
    private readonly done: (answer: T) => void,
    private readonly failed: (error: Error) => void,
    /** Whether the source is left alone for a while after each answer. */
    private readonly rests = false,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  ask(): void {
    if (this.over.signal.aborted) return;
    this.again = this.busy;
    if (!this.busy) void this.once();
  }

  stop(): void {
    this.over.abort(new DOMException("no longer shown", "AbortError"));
  }

  private async once(): Promise<void> {
    const { signal } = this.over;
    const begun = this.clock();
    this.busy = true;
    try {
      const answer = await this.get(signal);
      if (!signal.aborted) this.done(answer);
    } catch (error) {
      if (!signal.aborted) this.failed(error as Error);
    }
    const left = this.rests && !signal.aborted ? rest(this.clock() - begun) : 0;
    if (left > 0) await new Promise((rested) => setTimeout(rested, left));
    this.busy = false;
    if (this.again) this.ask();
  }
}
