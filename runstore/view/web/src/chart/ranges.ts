// Which stretch of y is shown: the line and what is usual of its band. A spike that would flatten everything is left out
// and counted, so that it can be said and asked for.

import { visible, type Curve, type Range } from "./curve";
import { quantile } from "./quantile";

const FEW = 24; // of so few values none is unusual
const LINE_REACH = 10; // a line is cut only where it goes beyond all measure
const BAND_REACH = 0.75; // of the line's spread and the band's thickness, beyond where bands usually end

export interface Shown extends Range {
  /** How many buckets reach beyond the range: each has one such point at least. */
  above: number;
  below: number;
  /** Whether one of those buckets is of several points, so that it is "at least" that many. */
  more: boolean;
  /** Buckets with values that a logarithmic axis cannot show, and whether one of those is of several points. */
  unplaced: number;
  unplacedMore: boolean;
}

/** The range of x that all curves take; null where none has a point. */
export function xRange(curves: readonly Curve[], log: boolean): Range | null {
  let low = Infinity;
  let high = -Infinity;
  for (const { series } of curves) {
    for (let place = 0; place < series.n; place++) {
      const x = series.x[place]!;
      if (log && x <= 0) continue;
      if (x < low) low = x;
      if (x > high) high = x;
    }
  }
  if (low > high) return null;
  if (low === high) return { low: log ? low / 2 : low - 0.5, high: log ? high * 2 : high + 0.5 };
  const air = log ? (high / low) ** 0.008 : (high - low) * 0.008; // so that the first and last dots show whole
  return log ? { low: low / air, high: high * air } : { low: low - air, high: high + air };
}

/** How many points lie where a logarithmic x axis cannot show them. */
export function unplacedX(curves: readonly Curve[]): number {
  let found = 0;
  for (const { series } of curves) {
    for (let place = 0; place < series.n && series.x[place]! <= 0; place++) found += series.count[place]!;
  }
  return found;
}

/** The range of y for what is shown of x. `everything` leaves no spike out. */
export function yRange(curves: readonly Curve[], x: Range, log: boolean, everything: boolean): Shown {
  const values = gathered(curves, x, log);
  const { low, high } = everything ? values.all : usual(values);
  const padded = log ? pad(Math.exp(low), Math.exp(high), log) : pad(low, high, log);
  return { ...padded, ...beyond(curves, x, padded, log), unplaced: values.unplaced, unplacedMore: values.inMany };
}

/** What there is of y within a stretch of x, as the axis measures it: of a logarithmic one the logarithms. */
interface Values {
  line: Float64Array;
  all: Range;
  least: Float64Array;
  greatest: Float64Array;
  unplaced: number;
  inMany: boolean;
}

function gathered(curves: readonly Curve[], x: Range, log: boolean): Values {
  const seen = curves.map(({ series }) => visible(series, x));
  const many = seen.reduce((sum, [from, to]) => sum + Math.max(0, to - from), 0);
  const columns = [new Float64Array(many), new Float64Array(many), new Float64Array(many)] as const;
  const filled = [0, 0, 0];
  const add = (which: 0 | 1 | 2, value: number): void => {
    const told = log ? logarithm(value) : value;
    if (Number.isFinite(told)) columns[which][filled[which]!++] = told;
  };
  let [unplaced, inMany] = [0, false];
  curves.forEach(({ series, line }, at) => {
    const [from, to] = seen[at]!;
    for (let place = from; place < to; place++) {
      if (log && series.min[place]! <= 0) (unplaced++, (inMany ||= series.count[place]! > 1));
      add(0, line[place]!);
      add(1, series.min[place]!);
      add(2, series.max[place]!);
    }
  });
  const [line, least, greatest] = columns.map((column, which) => column.subarray(0, filled[which])) as [Float64Array, Float64Array, Float64Array];
  const [drawn, low, high] = [ends(line), ends(least).low, ends(greatest).high]; // a smoothed line may lie beyond the band for a while
  const all = { low: lesser(drawn.low, low), high: -lesser(-drawn.high, -high) };
  return { line, least, greatest, all, unplaced, inMany };
}

/** The lesser of two numbers of which either may be missing. */
function lesser(one: number, other: number): number {
  return Number.isNaN(one) ? other : Number.isNaN(other) ? one : Math.min(one, other);
}

function logarithm(value: number): number {
  return value > 0 ? Math.log(value) : NaN;
}

/** The line's ends and those of its band, without what lies beyond all measure. */
function usual({ line, least, greatest, all }: Values): Range {
  if (line.length < FEW) return all;
  const [low, high] = [quantile(line, 0.02), quantile(line, 0.98)];
  const spread = high - low;
  const thick = Math.max(0, quantile(greatest, 0.5) - quantile(least, 0.5)) || 0;
  const size = spread + thick;
  if (!(size > 0)) return all;
  const drawn = within(line, low - LINE_REACH * size, high + LINE_REACH * size);
  const bottom = within(least, quantile(least, 0.1) - BAND_REACH * size, Infinity).low;
  const top = within(greatest, -Infinity, quantile(greatest, 0.9) + BAND_REACH * size).high;
  return { low: Math.min(drawn.low, bottom), high: Math.max(drawn.high, top) };
}

/** The ends of what lies between two numbers, both included; without any, ends that take no part. */
function within(values: Float64Array, low: number, high: number): Range {
  const found = { low: Infinity, high: -Infinity };
  for (const value of values) {
    if (value < low || value > high) continue;
    if (value < found.low) found.low = value;
    if (value > found.high) found.high = value;
  }
  return found;
}

function ends(values: Float64Array): Range {
  return values.length ? within(values, -Infinity, Infinity) : { low: NaN, high: NaN };
}

/** A little air around; a range of one value becomes one that can be drawn. */
export function pad(low: number, high: number, log: boolean): Range {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return log ? { low: 0.1, high: 10 } : { low: 0, high: 1 };
  if (log) {
    const share = low === high ? 2 : (high / low) ** 0.04;
    return { low: low / share, high: high * share };
  }
  if (high - low <= 1e-13 * Math.abs(high)) { // less than that is no difference but a rounded one
    const air = Math.abs(low) * 0.1 || 1;
    return { low: low - air, high: high + air };
  }
  const air = (high - low) * 0.04;
  return { low: low >= 0 && low - air < 0 ? 0 : low - air, high: high + air };
}

/** What lies outside of a range of y. */
export function beyond(
  curves: readonly Curve[], x: Range, y: Range, log: boolean,
): { above: number; below: number; more: boolean } { // prettier-ignore
  let above = 0;
  let below = 0;
  let more = false;
  for (const { series } of curves) {
    const [from, to] = visible(series, x);
    for (let place = from; place < to; place++) {
      if (series.x[place]! < x.low || series.x[place]! > x.high) continue;
      const over = series.max[place]! > y.high;
      const under = series.min[place]! < y.low && (!log || series.min[place]! > 0);
      if (over) above++;
      if (under) below++;
      if ((over || under) && series.count[place]! > 1) more = true;
    }
  }
  return { above, below, more };
}

/** The range around `at`, made wider (above 1) or narrower by a factor, as the eye measures it. */
export function zoomed(range: Range, at: number, factor: number, log: boolean): Range {
  if (log && range.low > 0 && at > 0) {
    const made = zoomed({ low: Math.log(range.low), high: Math.log(range.high) }, Math.log(at), factor, false);
    return { low: Math.exp(made.low), high: Math.exp(made.high) };
  }
  return { low: at - (at - range.low) * factor, high: at + (range.high - at) * factor };
}

/** The range moved by a share of its width. */
export function moved(range: Range, share: number, log: boolean): Range {
  if (log && range.low > 0) {
    const by = (range.high / range.low) ** share;
    return { low: range.low * by, high: range.high * by };
  }
  const by = (range.high - range.low) * share;
  return { low: range.low + by, high: range.high + by };
}
