// The binary frame of bucket statistics: a JSON header and columns, read where they lie without a copy.

import type { Frame } from "./source";

/** One curve: of every bucket its place, how many points it has, and what they are. Columns are as long as each other. */
export interface Series {
  key: string;
  run_id: string | null;
  group: Record<string, unknown> | null;
  metric: string;
  n: number;
  /** `step`, `time`, `relative`, or the metric that is the x axis. */
  xKind: string;
  /** The stretch that was cut into `points` buckets; null where it had no points. */
  low: number | null;
  high: number | null;
  points: number;
  countTotal: number;
  nanTotal: number;
  infTotal: number;
  /** What `min` and `max` are: of all points, or one standard deviation around the mean of a group. */
  band: "minmax" | "std" | "quantile";
  /** Where each bucket begins; only of a series that tails were laid over (`tail.ts`), which says how many. */
  begins?: Float64Array;
  tails?: number;
  x: Float64Array;
  count: Float64Array;
  mean: Column;
  min: Column;
  max: Column;
  last: Column;
  nan: Uint32Array;
  inf: Uint32Array;
}

export type Column = Float32Array | Float64Array;

interface Told {
  key: string;
  run_id?: string | null;
  group?: Record<string, unknown> | null;
  metric: string;
  n: number;
  x: string;
  low: number | null;
  high: number | null;
  points: number;
  count_total: number;
  nan_total: number;
  inf_total: number;
  band: "minmax" | "std" | "quantile";
  wide: boolean;
  offset: number;
}

/** Read a frame. The series' columns are views of `buffer`. */
export function decode(buffer: ArrayBuffer): Frame {
  if (buffer.byteLength < 4) throw new Error("the frame is cut short");
  const length = new DataView(buffer).getUint32(0, true);
  if (4 + length > buffer.byteLength) throw new Error("the frame is cut short");
  const text = new TextDecoder().decode(new Uint8Array(buffer, 4, length));
  const header = JSON.parse(text) as { cursor?: string | null; series: Told[]; errors?: Frame["errors"] };
  const start = aligned(4 + length);
  const series = header.series.map((told) => read(buffer, start, told));
  return { cursor: header.cursor ?? null, series, errors: header.errors ?? [] };
}

function read(buffer: ArrayBuffer, start: number, told: Told): Series {
  let at = start + told.offset;
  const take = <T>(kind: { new (buffer: ArrayBuffer, at: number, n: number): T; BYTES_PER_ELEMENT: number }): T => {
    const from = at;
    at = aligned(from + kind.BYTES_PER_ELEMENT * told.n);
    return new kind(buffer, from, told.n);
  };
  const value = told.wide ? Float64Array : Float32Array;
  return {
    key: told.key,
    run_id: told.run_id ?? null,
    group: told.group ?? null,
    metric: told.metric,
    n: told.n,
    xKind: told.x,
    low: told.low,
    high: told.high,
    points: told.points,
    countTotal: told.count_total,
    nanTotal: told.nan_total,
    infTotal: told.inf_total,
    band: told.band,
    x: take(Float64Array),
    count: take(Float64Array),
    mean: take<Column>(value),
    min: take<Column>(value),
    max: take<Column>(value),
    last: take<Column>(value),
    nan: take(Uint32Array),
    inf: take(Uint32Array),
  };
}

function aligned(at: number): number {
  return (at + 7) & ~7;
}

/** What a series is of, as a text: its run, or its group. */
export function owner(series: Series): string {
  return series.run_id ?? JSON.stringify(series.group);
}

/** A frame of these series, as a server writes it; for reports and tests. */
export function encode(series: readonly Series[], cursor: string | null = null): ArrayBuffer {
  let offset = 0;
  const told = series.map((one) => {
    const wide = one.mean instanceof Float64Array;
    const mine = { ...header(one), wide, offset };
    offset += size(one.n, wide);
    return mine;
  });
  const text = new TextEncoder().encode(JSON.stringify({ cursor, series: told }));
  const start = aligned(4 + text.length);
  const bytes = new Uint8Array(start + offset).fill(32, 4, start);
  new DataView(bytes.buffer).setUint32(0, start - 4, true);
  bytes.set(text, 4);
  series.forEach((one, index) => write(bytes, start + told[index]!.offset, one));
  return bytes.buffer;
}

function header(one: Series): Omit<Told, "wide" | "offset"> {
  const { key, run_id, group, metric, n, xKind: x, low, high, points, band } = one;
  const totals = { count_total: one.countTotal, nan_total: one.nanTotal, inf_total: one.infTotal };
  return { key, run_id, group, metric, n, x, low, high, points, band, ...totals };
}

function size(n: number, wide: boolean): number {
  return 2 * 8 * n + 4 * aligned((wide ? 8 : 4) * n) + 2 * aligned(4 * n);
}

function write(bytes: Uint8Array, at: number, one: Series): void {
  for (const column of [one.x, one.count, one.mean, one.min, one.max, one.last, one.nan, one.inf]) {
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at = aligned(at + column.byteLength);
  }
}
