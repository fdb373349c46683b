// What changes while one looks: heard from the source, held back while paused.

import { signal } from "@preact/signals";
import type { Changed, Event, Source } from "../data/source";

export type Liveness = "live" | "paused" | "lost" | "still";

export class Live {
  /** `still` is a source whose data is all there is. */
  readonly state = signal<Liveness>("still");
  /** The newest change; a new object each time. */
  readonly changed = signal<Changed | null>(null);
  /** Counts up whenever runs came or ended. */
  readonly listed = signal(0);
  /** Why the connection was lost. */
  readonly reason = signal("");
  private held: Changed | null = null;
  private connected = true;
  private begun = false;
  private readonly stop: () => void;

  constructor(source: Source) {
    if (source.live) this.state.value = "live";
    this.stop = source.live ? source.events((event) => this.hear(event)) : () => undefined;
  }

  toggle(): void {
    if (this.state.value === "still") return;
    const paused = this.state.value === "paused";
    this.state.value = !paused ? "paused" : this.connected ? "live" : "lost";
    if (paused && this.held) this.tell(this.held);
    this.held = null;
  }

  close(): void {
    this.stop();
  }

  private hear(event: Event): void {
    const paused = this.state.value === "paused";
    if (event.kind === "changed") {
      const first = !this.begun;
      this.begun = true;
      if (first && !event.changed.runs.length && !event.changed.listed) return; // where the source stands: all was asked for just now
      if (paused) this.held = both(this.held, event.changed);
      else this.tell(event.changed);
      return;
    }
    this.connected = event.kind === "live";
    this.reason.value = event.kind === "lost" ? event.error.message : "";
    if (!paused) this.state.value = this.connected ? "live" : "lost";
  }

  private tell(changed: Changed): void {
    if (changed.listed) this.listed.value++;
    this.changed.value = changed;
  }
}

/** Two changes as one. */
export function both(earlier: Changed | null, later: Changed): Changed {
  if (!earlier) return later;
  return {
    cursor: later.cursor,
    runs: [...new Set([...earlier.runs, ...later.runs])],
    listed: earlier.listed || later.listed,
  };
}
