// Curves of groups of runs: the mean of the runs' curves in each bucket, and one standard deviation around it.

import type { Series } from "../frame";
import type { CurveRequest } from "../source";

export interface Member {
  series: Series;
  /** What its run has in the columns that runs are grouped by. */
  group: Record<string, unknown>;
}

/** One series for each group, in the order in which the groups are met; all on the same buckets. */
export function grouped(members: readonly Member[], { key, metric, x, points }: CurveRequest): Series[] {
  const ends = members.flatMap(({ series }) => (series.n ? [series.x[0]!, series.x[series.n - 1]!] : []));
  if (!ends.length) return [];
  const low = Math.min(...ends);
  const high = Math.max(...ends);
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const name = JSON.stringify(member.group);
    groups.set(name, [...(groups.get(name) ?? []), member]);
  }
  const about = { key, metric, xKind: x, low, high, points, run_id: null, band: "std" as const };
  return [...groups.values()].map((some) => ({ ...about, group: some[0]!.group, ...together(some, low, high, points) }));
}

type Columns = Pick<Series, "n" | "countTotal" | "nanTotal" | "infTotal" | "x" | "count" | "mean" | "min" | "max" | "last" | "nan" | "inf">;

function together(members: readonly Member[], low: number, high: number, points: number): Columns {
  const buckets: { x: number; mean: number }[][] = Array.from({ length: points }, () => []);
  for (const { series } of members) {
    for (const [bucket, one] of inBuckets(series, low, high, points)) buckets[bucket]!.push(one);
  }
  const rows = buckets.filter((some) => some.length > 0).map(spread);
  const column = (of: "mean" | "low" | "high"): Float64Array => Float64Array.from(rows, (row) => row[of]);
  return {
    n: rows.length,
    countTotal: rows.reduce((sum, row) => sum + row.count, 0),
    nanTotal: 0,
    infTotal: 0,
    x: Float64Array.from(rows, (row) => row.x),
    count: Float64Array.from(rows, (row) => row.count),
    mean: column("mean"),
    min: column("low"),
    max: column("high"),
    last: column("mean"),
    nan: new Uint32Array(rows.length),
    inf: new Uint32Array(rows.length),
  };
}

/** A run's own buckets laid into those of all: where x is in the mean, and the mean of its points. */
function inBuckets(series: Series, low: number, high: number, points: number): Map<number, { x: number; mean: number }> {
  const sums = new Map<number, { x: number; mean: number; count: number }>();
  const width = (high - low) / points || 1;
  for (let at = 0; at < series.n; at++) {
    const mean = series.mean[at]!;
    if (!Number.isFinite(mean)) continue;
    const bucket = Math.min(points - 1, Math.floor((series.x[at]! - low) / width));
    const sum = sums.get(bucket) ?? { x: 0, mean: 0, count: 0 };
    const count = series.count[at]!;
    sums.set(bucket, { x: sum.x + series.x[at]! * count, mean: sum.mean + mean * count, count: sum.count + count });
  }
  return new Map([...sums].map(([bucket, { x, mean, count }]) => [bucket, { x: x / count, mean: mean / count }]));
}

function spread(some: readonly { x: number; mean: number }[]) {
  const count = some.length;
  const mean = some.reduce((sum, one) => sum + one.mean, 0) / count;
  const off = some.reduce((sum, one) => sum + (one.mean - mean) ** 2, 0);
  const std = count > 1 ? Math.sqrt(off / (count - 1)) : 0;
  return { x: some.reduce((sum, one) => sum + one.x, 0) / count, count, mean, low: mean - std, high: mean + std };
}
