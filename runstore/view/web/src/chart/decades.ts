// A logarithmic x axis shows the first points as wide as the last: buckets of one width would leave one for the whole
// left half. So each power of ten is asked for by itself.

import type { Column, Series } from "../data/frame";
import type { CurveRequest } from "../data/source";

const DOWN = 6; // powers of ten below the greatest x
const POINTS = 150; // buckets for each of them

/** A stretch of x; an end that is null is open. */
export interface Span {
  low: number | null;
  high: number | null;
}

/** The stretches to ask for, the lowest first; none where there is nothing to gain. */
export function spansOf(found: readonly Series[], { x: kind, low, high }: Pick<CurveRequest, "x" | "low" | "high">): Span[] {
  const ends = found.filter((one) => one.n > 0).map(({ x, n, points }) => ({ from: x[0]!, to: x[n - 1]!, points }));
  const from = Math.min(...ends.map((one) => one.from));
  const to = Math.max(...ends.map((one) => one.to));
  const whole = kind === "step";
  if (kind === "time" || !(to > 0) || (whole && to - from < 1.5 * ends[0]!.points)) return [];
  const least = Math.max(low ?? -Infinity, whole ? 1 : 0);
  const power = 10 ** Math.floor(Math.log10(to));
  const edges = Array.from({ length: DOWN }, (_, down) => power / 10 ** down).filter((edge) => edge > least);
  if (!edges.length) return [];
  const below = (edge: number): number => (whole ? edge - 1 : edge * (1 - 1e-12)); // so that no point counts twice
  const spans: Span[] = edges.map((edge, at) => ({ low: edge, high: at ? below(edges[at - 1]!) : high }));
  return [...spans, { low, high: below(edges[edges.length - 1]!) }].reverse();
}

/** Each series made of its pieces. */
export function stitched(found: readonly Series[], pieces: readonly (readonly Series[])[], same: (one: Series) => string): Series[] {
  return found.map((one) => laid(pieces.flatMap((piece) => piece.find((other) => same(other) === same(one)) ?? []), one));
}

const VALUES = ["mean", "min", "max", "last"] as const;
const COUNTS = ["nan", "inf"] as const;

/** Series one after another, with the facts of the whole. */
function laid(parts: readonly Series[], whole: Series): Series {
  const n = parts.reduce((sum, part) => sum + part.n, 0);
  const fill = <T extends Float64Array | Float32Array | Uint32Array>(made: T, of: (part: Series) => ArrayLike<number>): T => {
    let at = 0;
    for (const part of parts) {
      made.set(of(part), at);
      at += part.n;
    }
    return made;
  };
  const wide = parts.some((part) => part.mean instanceof Float64Array);
  const values = (key: (typeof VALUES)[number]): Column => fill(wide ? new Float64Array(n) : new Float32Array(n), (part) => part[key]);
  const counts = (key: (typeof COUNTS)[number]): Uint32Array => fill(new Uint32Array(n), (part) => part[key]);
  return {
    ...whole,
    n,
    x: fill(new Float64Array(n), (part) => part.x),
    count: fill(new Float64Array(n), (part) => part.count),
    ...{ mean: values("mean"), min: values("min"), max: values("max"), last: values("last") },
    ...{ nan: counts("nan"), inf: counts("inf") },
  };
}

export { POINTS as DECADE };
