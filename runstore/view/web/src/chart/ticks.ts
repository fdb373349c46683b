// Where an axis has its marks, and which of them are named.

import type { Range } from "./curve";
import { fixedDigits, magnitude, tick, value } from "./numbers";

const DIGITS = [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 5], [1, 3], [1]] as const;
const MINOR = 8; // decades up to which all nine digits have a mark
const FAR = 1e5; // steps away from 0 from which on ticks are told from one of them

/** Up to `most` round places in a range. */
export function ticks(range: Range, log: boolean, most = 6): number[] {
  return log && range.low > 0 ? logTicks(range, most) : evenTicks(range, most);
}

/** Every place of a logarithmic axis that has a mark, named or not. */
export function logMarks(range: Range, named: readonly number[]): number[] {
  if (!(range.low > 0) || Math.log10(range.high / range.low) > MINOR) return [...named];
  return [...new Set([...named, ...digits(range, DIGITS[0])])].sort((a, b) => a - b);
}

/** What ticks that are `step` apart are called; far from 0 one of them is told, and the others from it. */
export function names(places: readonly number[], step: number): string[] {
  const most = places.reduce((found, at) => Math.max(found, Math.abs(at)), 0);
  if (!(most > FAR * step)) return places.map((at) => tick(at, step, most));
  const base = roundest(places, step);
  return places.map((at) => (at === base ? fixedDigits(at, step) : `${at > base ? "+" : "−"}${value(Math.abs(at - base), 3)}`));
}

/** What ticks of a logarithmic axis are called. */
export function logNames(places: readonly number[]): string[] {
  const told = places.map(magnitude);
  return new Set(told).size === told.length ? told : names(places, stepOf(places));
}

function evenTicks({ low, high }: Range, most: number): number[] {
  const step = nice((high - low) / most);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => (first + at) * step);
}

function logTicks(range: Range, most: number): number[] {
  for (const wanted of DIGITS) {
    const found = digits(range, wanted);
    if (found.length <= most) return found.length > 2 || wanted.length === 1 ? enough(found, range, most) : evenTicks(range, most);
  }
  const powers = digits(range, [1]);
  const every = Math.ceil(powers.length / most);
  return powers.filter((at) => Math.round(Math.log10(at)) % every === 0);
}

/** Powers of ten alone, unless hardly any lies there. */
function enough(found: number[], range: Range, most: number): number[] {
  return found.length > 1 ? found : evenTicks(range, most);
}

function digits({ low, high }: Range, wanted: readonly number[]): number[] {
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const digit of wanted) {
      const at = Number(`${digit}e${power}`); // 3 * 10 ** -5 is not quite 0.00003
      if (at >= low && at <= high) found.push(at);
    }
  }
  return found;
}

function nice(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const digit = step / power;
  return (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10) * power;
}

/** How far ticks are apart. */
export function stepOf(places: readonly number[]): number {
  return places.length > 1 ? places[1]! - places[0]! : Math.abs(places[0] ?? 1) || 1;
}

/** Of several ticks the one with the most zeros at its end. */
function roundest(places: readonly number[], step: number): number {
  let [best, zeros] = [places[0]!, -Infinity];
  for (const at of places) {
    let power = Math.floor(Math.log10(step));
    while (power < 15 && Math.abs(at / 10 ** (power + 1) - Math.round(at / 10 ** (power + 1))) * 10 ** (power + 1) < step / 100) power++;
    if (power > zeros) [best, zeros] = [at, power];
  }
  return best;
}
