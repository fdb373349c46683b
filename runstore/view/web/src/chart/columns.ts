// Columns of runs as axes: numbers on a scale, texts as categories.

export type Cell = number | string | boolean | null | undefined;

export interface Column {
  name: string;
  label: string;
  /** `log` where the numbers span several powers of ten. */
  scale: "number" | "log" | "category";
  categories: string[];
}

export interface Row {
  id: string;
  label: string;
  /** The run's place in the palette. */
  place: number;
  cells: readonly Cell[];
}

const WIDE = 100; // the greatest over the least from which on a scale may be logarithmic
const MANY = 40; // categories beyond which an axis cannot be read

/** How a column is put on an axis; null where it says nothing: all the same, all empty, or too many texts. */
export function columnOf(name: string, label: string, cells: readonly Cell[]): Column | null {
  const there = cells.filter((cell) => cell !== null && cell !== undefined && cell !== "");
  if (new Set(there).size < 2) return null;
  if (there.every((cell) => typeof cell === "number")) {
    const finite = there.filter(Number.isFinite);
    if (new Set(finite).size < 2) return null;
    const sorted = Float64Array.from(finite).sort();
    const [least, middle, most] = [sorted[0]!, sorted[sorted.length >> 1]!, sorted[sorted.length - 1]!];
    // of numbers spread evenly the middle one is half the greatest, however small the least may be
    const wide = least > 0 && most / least >= WIDE && (sorted.length < 3 || middle < most / 5);
    return { name, label, scale: wide ? "log" : "number", categories: [] };
  }
  const categories = [...new Set(there.map(String))].sort();
  return categories.length > MANY ? null : { name, label, scale: "category", categories };
}

/** The cell as a place on its axis; null where it has none. */
export function placed(column: Column, cell: Cell): number | null {
  if (cell === null || cell === undefined) return null;
  if (column.scale === "category") {
    const at = column.categories.indexOf(String(cell));
    return at < 0 ? null : at;
  }
  return typeof cell === "number" && Number.isFinite(cell) && (column.scale !== "log" || cell > 0) ? cell : null;
}

/** How far two columns rise together by rank, from -1 to 1 (Spearman's); null where fewer than 3 runs have both. */
export function together(one: readonly Cell[], other: readonly Cell[]): { r: number; n: number } | null {
  const pairs = one.flatMap((cell, at) => {
    const [a, b] = [numeric(cell), numeric(other[at])];
    return a === null || b === null ? [] : [[a, b] as const];
  });
  if (pairs.length < 3) return null;
  const r = pearson(ranks(pairs.map(([a]) => a)), ranks(pairs.map(([, b]) => b)));
  return Number.isNaN(r) ? null : { r, n: pairs.length };
}

function numeric(cell: Cell): number | null {
  if (typeof cell === "boolean") return Number(cell);
  return typeof cell === "number" && Number.isFinite(cell) ? cell : null;
}

/** Ranks from 1; equal values share theirs. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((_, at) => at).sort((a, b) => values[a]! - values[b]!);
  const found = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let at = from; at < to; at++) found[order[at]!] = (from + to + 1) / 2;
    from = to;
  }
  return found;
}

function pearson(one: readonly number[], other: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [a, b] = [mean(one), mean(other)];
  let [both, left, right] = [0, 0, 0];
  for (let at = 0; at < one.length; at++) {
    const [x, y] = [one[at]! - a, other[at]! - b];
    both += x * y;
    left += x * x;
    right += y * y;
  }
  return both / Math.sqrt(left * right);
}

/** A colour between dark blue and yellow for a share from 0 to 1; lighter in a dark theme, so that it can be seen. */
export function ramp(share: number, dark: boolean): string {
  const stops = dark ? DARK : LIGHT;
  const at = Math.max(0, Math.min(1, Number.isFinite(share) ? share : 0)) * (stops.length - 1);
  const low = Math.min(stops.length - 2, Math.floor(at));
  const part = (index: number): number => {
    const [a, b] = [stops[low]![index]!, stops[low + 1]![index]!];
    return Math.round(a + (b - a) * (at - low));
  };
  return `rgb(${part(0)} ${part(1)} ${part(2)})`;
}

const LIGHT = [[53, 42, 135], [32, 96, 190], [15, 129, 138], [90, 125, 20], [168, 92, 0]] as const; // prettier-ignore
const DARK = [[110, 130, 240], [80, 170, 240], [63, 200, 190], [160, 210, 90], [250, 225, 90]] as const; // prettier-ignore

/** How far a cell lies along its axis, from 0 to 1; null where it has no place. */
export function shareOf(column: Column, cells: readonly Cell[], cell: Cell): number | null {
  const at = placed(column, cell);
  if (at === null) return null;
  const scaled = (value: number): number => (column.scale === "log" ? Math.log(value) : value);
  const all = cells.map((one) => placed(column, one)).filter((one) => one !== null).map(scaled); // prettier-ignore
  const [least, most] = [Math.min(...all), Math.max(...all)];
  return most > least ? (scaled(at) - least) / (most - least) : 0.5;
}
