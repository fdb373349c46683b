// The keyboard in a chart: the crosshair walks from bucket to bucket, + and - zoom.

import type { Curve, Range } from "./curve";
import { firstFrom } from "./curve";

export type Deed = "pin" | "release" | "reset" | "narrower" | "wider" | "up" | "down" | "log";

/** What a key does that is not a step of the crosshair. */
export function deedOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): Deed | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const deeds: Record<string, Deed> = {
    Enter: "pin",
    " ": "pin",
    Escape: "release",
    r: "reset",
    "0": "reset",
    "+": "narrower",
    "=": "narrower",
    "-": "wider",
    l: "log",
    ArrowUp: "up",
    ArrowDown: "down",
  };
  return deeds[event.key] ?? null;
}

/** Where the crosshair goes from x at this key; null if the key moves nothing. */
export function stepped(curves: readonly Curve[], range: Range, x: number | null, key: string, fast: boolean): number | null {
  const places = placesOf(curves, range);
  if (!places.length) return null;
  const last = places.length - 1;
  if (key === "Home") return places[0]!;
  if (key === "End") return places[last]!;
  const by = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
  if (!by) return null;
  if (x === null) return by > 0 ? places[0]! : places[last]!;
  const at = firstFrom(places, places.length, x);
  const exact = places[at] === x;
  const next = by > 0 ? (exact ? at + 1 : at) : at - 1;
  return places[Math.max(0, Math.min(last, next + by * (fast ? 9 : 0)))]!;
}

/** Every place of x that a curve has in the range, in order. */
function placesOf(curves: readonly Curve[], range: Range): Float64Array {
  const found = new Set<number>();
  for (const { series } of curves) {
    for (let at = 0; at < series.n; at++) {
      const x = series.x[at]!;
      if (x >= range.low && x <= range.high) found.add(x);
    }
  }
  return Float64Array.from(found).sort();
}
