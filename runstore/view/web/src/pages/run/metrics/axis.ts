/** An axis of a small chart: the range of what it shows, round places on it, and where a value lies. */

export interface Axis {
  low: number;
  high: number;
  ticks: number[];
  /** Where between 0 and 1 a value lies. */
  at(value: number): number;
}

/** An axis over values; nothing but what is finite counts. `zero`: the axis reaches down to 0, as for counts. */
export function axis(values: Iterable<number>, options: { zero?: boolean; count?: number; tight?: boolean } = {}): Axis {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) [low, high] = [0, 1];
  if (options.zero) [low, high] = [Math.min(0, low), Math.max(0, high)];
  if (low === high) [low, high] = low === 0 ? [0, 1] : [low - Math.abs(low) / 2, high + Math.abs(high) / 2];
  const step = round((high - low) / (options.count ?? 5));
  const half = step / 2; // a whole step would leave too much of the picture empty
  if (!options.tight) [low, high] = [clean(Math.floor(low / half + 1e-9) * half), clean(Math.ceil(high / half - 1e-9) * half)];
  const ticks: number[] = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; n += 1) ticks.push(clean(n * step));
  return { low, high, ticks, at: (value) => (value - low) / (high - low) };
}

/** 1, 2 or 5 times a power of ten, not below a distance. */
function round(distance: number): number {
  const power = 10 ** Math.floor(Math.log10(distance));
  const times = distance / power;
  return power * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
}

/** Without the last digits that adding up steps leaves behind. */
function clean(value: number): number {
  return Number(value.toPrecision(12));
}

/** A tick as few signs: thousands and millions as k and M. */
export function tick(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e4 && size < 1e6) return `${clean(value / 1e3)}k`;
  if (size >= 1e6 && size < 1e9) return `${clean(value / 1e6)}M`;
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return value.toExponential().replace("e+", "e");
  return String(value);
}
