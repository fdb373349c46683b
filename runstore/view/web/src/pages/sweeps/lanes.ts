/** The axes of parallel coordinates: numbers along a line, even or logarithmic, and other values as places on one. */

export interface Lane {
  name: string;
  /** Where between 0 and 1 a value lies, or null where there is none. */
  at(value: unknown): number | null;
  ticks: { at: number; text: string }[];
}

const FEW = 5; // values up to which each has its own tick

export function lane(name: string, values: readonly unknown[], written: (value: number) => string): Lane {
  const there = values.filter((value) => value !== null && value !== undefined);
  const numbers = there.filter((value): value is number => typeof value === "number" && Number.isFinite(value));
  return there.length && numbers.length === there.length ? numeric(name, numbers, written) : named(name, there);
}

function numeric(name: string, numbers: number[], written: (value: number) => string): Lane {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const log = low > 0 && high / low >= 30; // learning rates and the like are told apart by their powers
  const scale = log ? Math.log : (value: number): number => value;
  const unscale = log ? Math.exp : (value: number): number => value;
  const [from, to] = [scale(low), scale(high)];
  const at = (value: unknown): number | null =>
    typeof value !== "number" || !Number.isFinite(value) || (log && value <= 0) ? null : from === to ? 0.5 : (scale(value) - from) / (to - from);
  const values = [...new Set(numbers)];
  if (values.length <= FEW) return { name, at, ticks: values.map((value) => ({ at: at(value)!, text: written(value) })) };
  const places = from === to ? [0.5] : [0, 0.25, 0.5, 0.75, 1];
  const ticks = places.map((place) => ({ at: place, text: written(Number(unscale(from + place * (to - from)).toPrecision(3))) }));
  return { name, at, ticks };
}

function named(name: string, values: unknown[]): Lane {
  const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  const all = [...new Set(values.map(text))].sort(new Intl.Collator("en", { numeric: true }).compare);
  const place = (n: number): number => (all.length < 2 ? 0.5 : n / (all.length - 1));
  const at = (value: unknown): number | null => {
    const n = value === null || value === undefined ? -1 : all.indexOf(text(value));
    return n < 0 ? null : place(n);
  };
  return { name, at, ticks: all.slice(0, 12).map((one, n) => ({ at: place(n), text: one })) };
}

export type Brush = readonly [number, number];

const EDGE = 0.04; // an end that is nearly at the axis's end means the end

/** A stretch dragged on an axis, whichever way. */
export function brushed(from: number, to: number): Brush {
  const [low, high] = from < to ? [from, to] : [to, from];
  return [low < EDGE ? 0 : low, high > 1 - EDGE ? 1 : high];
}

/** Whether a trial's places lie within all brushes. */
export function within(places: readonly (number | null)[], brushes: ReadonlyMap<number, Brush>): boolean {
  return [...brushes].every(([n, [low, high]]) => {
    const place = places[n];
    return place !== null && place !== undefined && place >= low && place <= high;
  });
}
