// New points of a live run: only the tail is asked for, and laid over the end of what is there.

import type { Column, Series } from "./frame";

/** From where on to ask: the start of the last bucket, which may have been filled further. Null asks for all. */
export function tailFrom(series: Series): number | null {
  const { n, low, high, points, x, xKind } = series;
  if (n < 2 || n > 1.5 * points) return null; // after many tails it is cut anew
  const whole = xKind === "step";
  const width = low === null || high === null ? NaN : (high - low + (whole ? 1 : 0)) / points;
  const last = x[n - 1]!;
  const start = width > 0 && last <= high! ? low! + Math.floor((last - low!) / width) * width : between(series);
  return whole ? Math.ceil(start) : start;
}

/**
 * Where the last bucket begins if nobody says so: between its first point and the one before. Of points that are evenly
 * spread the place is exact.
 */
function between({ n, x, count }: Series): number {
  const [before, last] = [count[n - 2]!, count[n - 1]!];
  return x[n - 2]! + ((x[n - 1]! - x[n - 2]!) * before) / (before + last);
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
