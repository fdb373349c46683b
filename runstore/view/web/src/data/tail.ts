// New points of a live run: only the tail is asked for, and laid over the end of what is there. Buckets are never cut:
// each knows where it begins, and neighbours become one where there are too many.

import type { Column, Series } from "./frame";

const TAILS = 100; // after so many it is asked for whole: points of earlier steps may have come as well
const CROWDED = 1.5; // times as many buckets as were asked for

/** Where each bucket begins. Where nobody says how it was cut: between its points and those before. */
export function begins(series: Series): Float64Array {
  if (series.begins) return series.begins;
  const { n, low, high, points, x, count } = series;
  const parts = PARTS[series.xKind] ?? 0; // what the server counts in: whole steps, whole microseconds
  const round = (start: number): number => (parts ? Math.ceil(start - 1e-6) / parts + 0 : start);
  const [least, most] = [low ?? NaN, high ?? NaN].map((end) => (parts ? Math.round(end * parts) : end)) as [number, number];
  const width = (most - least + (parts ? 1 : 0)) / points;
  const found = new Float64Array(n);
  for (let at = 0; at < n; at++) {
    const here = x[at]! * (parts || 1);
    if (width > 0) found[at] = round(least + Math.floor((here - least) / width) * width);
    else found[at] = at ? round(between(x, count, at) * (parts || 1)) : x[0]!;
  }
  return found;
}

const PARTS: Record<string, number> = { step: 1, time: 1e6, relative: 1e6 };

/** Of points that are evenly spread the place is exact. */
function between(x: ArrayLike<number>, count: ArrayLike<number>, at: number): number {
  const [before, last] = [count[at - 1]!, count[at]!];
  return x[at - 1]! + ((x[at]! - x[at - 1]!) * before) / (before + last);
}

/**
 * From where on to ask for the tail of all of these: where a last bucket begins, which may have been filled further,
 * and where a bucket begins in each of the others that reach as far. Null asks for all.
 */
export function tailFrom(many: readonly Series[]): number | null {
  if (!many.length || many.some((one) => one.n < 2 || (one.tails ?? 0) >= TAILS)) return null;
  const starts = many.map(begins);
  let from = Math.min(...starts.map((own) => own[own.length - 1]!));
  for (let tries = 0; tries < 8; tries++) {
    const before = Math.min(from, ...starts.map((own) => own[last(own, from)]!));
    if (before === from) return from;
    from = before;
  }
  return null;
}

/** The place of the last bucket that begins at `from` or before; the first where none does. */
function last(starts: Float64Array, from: number): number {
  let at = starts.length - 1;
  while (at > 0 && starts[at]! > from) at--;
  return at;
}

/** Whether a tail is cut as finely as what it is laid over; it is not where much has come meanwhile. */
export function fine(series: Series, tail: Series, from: number): boolean {
  if (tail.high === null) return true;
  return (tail.high - from) / tail.points <= Math.max(1, 2 * span(series, tail.high));
}

/** The series with everything from `from` on replaced by the tail. */
export function joined(series: Series, tail: Series, from: number): Series {
  const own = begins(series);
  let kept = series.n;
  while (kept > 0 && own[kept - 1]! >= from) kept--;
  const both = <T extends Column | Uint32Array>(old: T, more: T): T => {
    const wide = old instanceof Float64Array || more instanceof Float64Array;
    const n = kept + tail.n;
    const made = old instanceof Uint32Array ? new Uint32Array(n) : wide ? new Float64Array(n) : new Float32Array(n);
    made.set(old.subarray(0, kept));
    made.set(more, kept);
    return made as T;
  };
  const made = {
    ...series,
    n: kept + tail.n,
    high: tail.high ?? series.high,
    countTotal: series.countTotal - sum(series.count, kept) + tail.countTotal,
    nanTotal: series.nanTotal - sum(series.nan, kept) + tail.nanTotal,
    infTotal: series.infTotal - sum(series.inf, kept) + tail.infTotal,
    begins: both(own, begins(tail)),
    tails: (series.tails ?? 0) + 1,
    x: both(series.x, tail.x),
    count: both(series.count, tail.count),
    mean: both(series.mean, tail.mean),
    min: both(series.min, tail.min),
    max: both(series.max, tail.max),
    last: both(series.last, tail.last),
    nan: both(series.nan, tail.nan),
    inf: both(series.inf, tail.inf),
  };
  const width = span(series, made.n ? made.x[made.n - 1]! : NaN);
  const alike = coarser(made, kept, width);
  return alike.n > CROWDED * series.points ? coarser(alike, 0, 2 * width) : alike;
}

/** How wide a bucket is where all of the series, as far as `high`, is cut into as many as were asked for. */
function span(series: Series, high: number): number {
  const low = series.low ?? (series.n ? series.x[0]! : NaN);
  return (high - low) / series.points;
}

/** The series with neighbours made one from a place on, each at most so wide; the last one, which may be filled further, stays. */
export function coarser(series: Series, from: number, width: number): Series {
  const starts = series.begins!;
  const firsts: number[] = [];
  for (let at = 0; at < series.n; at++) {
    const group = firsts[firsts.length - 1];
    const fits = at > from && at < series.n - 1 && group !== undefined && group >= from;
    if (!fits || !(starts[at + 1]! - starts[group]! <= width)) firsts.push(at);
  }
  if (firsts.length === series.n) return series;
  const ends = [...firsts.slice(1), series.n];
  const filled = <T extends Column | Uint32Array>(old: T, figure: (first: number, end: number) => number): T => {
    const made = new (old.constructor as new (n: number) => T)(firsts.length);
    firsts.forEach((first, at) => (made[at] = figure(first, ends[at]!)));
    return made;
  };
  const { x, count, mean, min, max, last, nan, inf } = series;
  const finite = (at: number): number => count[at]! - nan[at]! - inf[at]!;
  return {
    ...series,
    n: firsts.length,
    begins: filled(starts, (first) => starts[first]!),
    x: filled(x, (first, end) => weighted(x, (at) => count[at]!, first, end)),
    count: filled(count, (first, end) => sum(count, first, end)),
    mean: filled(mean, (first, end) => weighted(mean, finite, first, end)),
    min: filled(min, (first, end) => least(min, first, end)),
    max: filled(max, (first, end) => greatest(max, first, end)),
    last: filled(last, (_, end) => last[end - 1]!),
    nan: filled(nan, (first, end) => sum(nan, first, end)),
    inf: filled(inf, (first, end) => sum(inf, first, end)),
  };
}

function sum(column: ArrayLike<number>, from: number, end = column.length): number {
  let total = 0;
  for (let at = from; at < end; at++) total += column[at]!;
  return total;
}

/** The mean of the buckets' figures by how many points each has; NaN where none has a point. */
function weighted(column: ArrayLike<number>, weight: (at: number) => number, from: number, end: number): number {
  if (end - from === 1) return column[from]!;
  let total = 0;
  let mean = 0;
  for (let at = from; at < end; at++) {
    const own = weight(at);
    if (own <= 0) continue;
    total += own;
    mean += (column[at]! - mean) * (own / total);
  }
  return total > 0 ? mean : NaN;
}

function least(column: ArrayLike<number>, from: number, end: number): number {
  let found = NaN;
  for (let at = from; at < end; at++) if (!(column[at]! >= found)) found = Number.isNaN(column[at]!) ? found : column[at]!;
  return found;
}

function greatest(column: ArrayLike<number>, from: number, end: number): number {
  let found = NaN;
  for (let at = from; at < end; at++) if (!(column[at]! <= found)) found = Number.isNaN(column[at]!) ? found : column[at]!;
  return found;
}
