// What charts share: the stretch of x that is zoomed to, the crosshair, and the run that stands out.

import { signal } from "@preact/signals";
import type { Range } from "./curve";

export class Linked {
  /** The zoom of all charts with this kind of x; null shows everything. */
  readonly range = signal<(Range & { kind: string }) | null>(null);
  /** Where the crosshair stands; `by` is the chart that the pointer or the keys are in. */
  readonly cursor = signal<{ kind: string; x: number; by: symbol } | null>(null);
  /** Whether the crosshair stays where it is. */
  readonly pinned = signal(false);
  /** The run or group that stands out everywhere. */
  readonly hovered = signal<string | null>(null);

  zoom(kind: string, range: Range | null): void {
    this.range.value = range === null ? null : { ...range, kind };
  }

  /** The zoom, if it is one of this kind of x. */
  zoomOf(kind: string): Range | null {
    const range = this.range.value;
    return range !== null && range.kind === kind ? range : null;
  }

  point(kind: string, x: number | null, by: symbol): void {
    if (this.pinned.value) return;
    this.cursor.value = x === null ? null : { kind, x, by };
  }

  /** Pin the crosshair where it stands, or let it go. */
  pin(): void {
    this.pinned.value = !this.pinned.value && this.cursor.value !== null;
  }

  release(): void {
    this.pinned.value = false;
    this.cursor.value = null;
  }
}
