// Curves of groups of runs: in each bucket the mean of the runs' curves and their band, as the server tells it.

import type { Series } from "../frame";
import type { CurveRequest } from "../source";

export interface Member {
  series: Series;
  /** What its run has in the columns that runs are grouped by. */
  group: Record<string, unknown>;
}

/** One series for each group, in the order in which the groups are met; all on the same buckets. */
export function grouped(members: readonly Member[], { key, metric, x, points, band = "std" }: CurveRequest): Series[] {
  const ends = members.flatMap(({ series }) => (series.n ? [series.x[0]!, series.x[series.n - 1]!] : []));
  if (!ends.length) return [];
  const low = Math.min(...ends);
  const high = Math.max(...ends);
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const name = JSON.stringify(member.group);
    groups.set(name, [...(groups.get(name) ?? []), member]);
  }
  const told = band in BANDS ? (band as Series["band"]) : "std";
  const about = { key, metric, xKind: x, low, high, points, run_id: null, band: told };
  return [...groups.values()].map((some) => ({ ...about, group: some[0]!.group, ...together(some, low, high, points, BANDS[told]) }));
}

type Columns = Pick<Series, "n" | "countTotal" | "nanTotal" | "infTotal" | "x" | "count" | "mean" | "min" | "max" | "last" | "nan" | "inf">;

function together(members: readonly Member[], low: number, high: number, points: number, band: Band): Columns {
  const buckets: { x: number; mean: number }[][] = Array.from({ length: points }, () => []);
  for (const { series } of members) {
    for (const [bucket, one] of inBuckets(series, low, high, points)) buckets[bucket]!.push(one);
  }
  const rows = buckets.filter((some) => some.length > 0).map((some) => spread(some, band));
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

function spread(some: readonly { x: number; mean: number }[], band: Band) {
  const count = some.length;
  const [mean, low, high] = band(some.map((one) => one.mean).sort((a, b) => a - b));
  return { x: some.reduce((sum, one) => sum + one.x, 0) / count, count, mean, low, high };
}

/** Of the runs' values, in order: the line, the band's lower edge and its upper one. */
type Band = (values: readonly number[]) => readonly [line: number, low: number, high: number];

const BANDS: Record<Series["band"], Band> = {
  std: (values) => {
    const { mean, std } = deviation(values);
    return [mean, mean - (std ?? 0), mean + (std ?? 0)];
  },
  minmax: (values) => [deviation(values).mean, values[0]!, values.at(-1)!],
  quantile: (values) => [quantile(values, 0.5), quantile(values, 0.25), quantile(values, 0.75)],
};

/** The mean, and how far values lie from it; of a single one that can't be told. */
export function deviation(values: readonly number[]): { mean: number; std: number | null } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const off = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, std: values.length > 1 ? Math.sqrt(off / (values.length - 1)) : null };
}

function quantile(values: readonly number[], share: number): number {
  const at = share * (values.length - 1);
  const below = values[Math.floor(at)]!;
  return below + (values[Math.ceil(at)]! - below) * (at % 1);
}
