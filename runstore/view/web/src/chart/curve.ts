// A curve as it is drawn: what came, smoothed, with its look.

import type { Series } from "../data/frame";
import type { Look } from "../theme/palettes";

export interface Curve {
  /** The run's id, or its group as a text. */
  id: string;
  label: string;
  look: Look;
  series: Series;
  /** The line: bucket means, smoothed; NaN where a bucket has no finite point. */
  line: Float64Array;
  /** Drawn thin, without a band. */
  thin?: boolean;
}

export interface Range {
  low: number;
  high: number;
}

/** The bucket nearest to x; -1 where the curve does not reach that far. */
export function nearest(series: Series, x: number): number {
  const { n } = series;
  if (!n) return -1;
  const after = firstFrom(series.x, n, x);
  const before = after - 1;
  const place =
    after >= n ? before : before < 0 ? after : x - series.x[before]! <= series.x[after]! - x ? before : after;
  const away = Math.abs(series.x[place]! - x);
  return (x > series.x[n - 1]! || x < series.x[0]!) && away > 1.5 * spacing(series) ? -1 : place;
}

/** The first place in a rising column that is not below `x`. */
export function firstFrom(column: ArrayLike<number>, n: number, x: number): number {
  let from = 0;
  let to = n;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (column[middle]! < x) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The buckets that are in the range, and one on each side of it: [from, to). */
export function visible(series: Series, range: Range): [number, number] {
  const from = firstFrom(series.x, series.n, range.low);
  let to = firstFrom(series.x, series.n, range.high);
  if (to < series.n && series.x[to] === range.high) to++;
  return [Math.max(0, from - 1), Math.min(series.n, to + 1)];
}

function spacing({ x, n, low, high, points }: Series): number {
  const mean = n > 1 ? (x[n - 1]! - x[0]!) / (n - 1) : 1;
  return low === null || high === null ? mean : Math.max(mean, (high - low) / points);
}

/** How many finite points a bucket has. */
export function finite(series: Series, place: number): number {
  return series.count[place]! - series.nan[place]! - series.inf[place]!;
}
