// What the curves say at a place of x: the rows of the crosshair's table, and the words of a chart.

import { nearest, type Curve } from "./curve";
import { counted, place, value } from "./numbers";

export interface Reading {
  curve: Curve;
  bucket: number;
  x: number;
  /** The line's value: the smoothed mean of the bucket. */
  value: number;
  mean: number;
  min: number;
  max: number;
  count: number;
}

/** What each curve says near x, the greatest value first; a curve that is not there says nothing. */
export function readings(curves: readonly Curve[], x: number): Reading[] {
  const found: Reading[] = [];
  for (const curve of curves) {
    const bucket = nearest(curve.series, x);
    if (bucket < 0) continue;
    const { series, line } = curve;
    found.push({
      curve,
      bucket,
      x: series.x[bucket]!,
      value: line[bucket]!,
      mean: series.mean[bucket]!,
      min: series.min[bucket]!,
      max: series.max[bucket]!,
      count: series.count[bucket]!,
    });
  }
  return found.sort((one, other) => ranked(other.value) - ranked(one.value));
}

function ranked(number: number): number {
  return Number.isFinite(number) ? number : -Infinity;
}

/** What is read out when the crosshair stands at x. */
export function spoken(curves: readonly Curve[], x: number, kind: string, most = 5): string {
  const rows = readings(curves, x);
  if (!rows.length) return `${place(x, kind)}: no values`;
  const told = rows.slice(0, most).map((row) => `${row.curve.label} ${value(row.value)}`);
  const rest = rows.length > most ? `, and ${rows.length - most} more` : "";
  return `${place(x, kind)}: ${told.join(", ")}${rest}`;
}

/** A chart in one sentence: "loss, 20 runs, from 0.21 by run-7 at step 8,400 to 2.3". */
export function summary(title: string, curves: readonly Curve[], kind: string, grouped = false): string {
  if (!curves.length) return `${title}, no curves`;
  let least: { value: number; label: string; x: number } | null = null;
  let most = -Infinity;
  let odd = 0;
  for (const { series, line, label } of curves) {
    odd += series.nanTotal + series.infTotal;
    for (let bucket = 0; bucket < series.n; bucket++) {
      const at = line[bucket]!;
      if (!Number.isFinite(at)) continue;
      if (least === null || at < least.value) least = { value: at, label, x: series.x[bucket]! };
      if (at > most) most = at;
    }
  }
  const many = counted(curves.length, grouped ? "group" : "run");
  if (least === null) return `${title}, ${many}, no finite values`;
  const ends = `lowest ${value(least.value)} by ${least.label} at ${place(least.x, kind)}, highest ${value(most)}`;
  return `${title}, ${many}, ${ends}${odd ? `, ${counted(odd, "value")} not finite` : ""}`;
}
