// New points of a live run: only the tail is asked for, and laid over the end of what is there.

import type { Column, Series } from "./frame";

/** From where on to ask: the start of the last bucket, which may have been filled further. Null asks for all. */
export function tailFrom(series: Series): number | null {
  const { n, low, high, points } = series;
  if (!n || low === null || high === null) return null;
  if (n > 2 * points) return null; // many tails: cut it anew
  const last = series.x[n - 1]!;
  const whole = series.xKind === "step";
  const width = (high - low + (whole ? 1 : 0)) / points;
  if (!(width > 0) || last > high) return lastWhole(series);
  const start = low + Math.floor((last - low) / width) * width;
  return whole ? Math.ceil(start) : start;
}

/** A tail has buckets of its own; each ends where the next begins, so the middle between them is a safe place to cut. */
function lastWhole(series: Series): number {
  const { n, x, xKind } = series;
  const before = n > 1 ? x[n - 2]! : x[n - 1]!;
  const cut = (before + x[n - 1]!) / 2;
  return xKind === "step" ? Math.ceil(cut) : cut;
}

/** The series with everything from `from` on replaced by the tail. */
export function joined(series: Series, tail: Series, from: number): Series {
  let kept = series.n;
  while (kept > 0 && series.x[kept - 1]! >= from) kept--;
  const n = kept + tail.n;
  const both = <T extends Column | Uint32Array>(old: T, more: T): T => {
    const wide = old instanceof Float64Array || more instanceof Float64Array;
    const made = old instanceof Uint32Array ? new Uint32Array(n) : wide ? new Float64Array(n) : new Float32Array(n);
    made.set(old.subarray(0, kept));
    made.set(more, kept);
    return made as T;
  };
  const dropped = sum(series.count, kept), odd = sum(series.nan, kept), endless = sum(series.inf, kept);
  return {
    ...series,
    n,
    countTotal: series.countTotal - dropped + tail.countTotal,
    nanTotal: series.nanTotal - odd + tail.nanTotal,
    infTotal: series.infTotal - endless + tail.infTotal,
    x: both(series.x, tail.x),
    count: both(series.count, tail.count),
    mean: both(series.mean, tail.mean),
    min: both(series.min, tail.min),
    max: both(series.max, tail.max),
    last: both(series.last, tail.last),
    nan: both(series.nan, tail.nan),
    inf: both(series.inf, tail.inf),
  };
}

function sum(column: ArrayLike<number>, from: number): number {
  let total = 0;
  for (let index = from; index < column.length; index++) total += column[index]!;
  return total;
}
