/** What a query answered: how its columns are shown, sorted, drawn and taken out. */

export type Cell = unknown;

export interface Column {
  name: string;
  numeric: boolean;
  time: boolean;
}

const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;

/** The columns with what their cells are. */
export function columns(names: readonly string[], rows: readonly Cell[][]): Column[] {
  return names.map((name, place) => {
    const filled = rows.map((row) => row[place]).filter((cell) => cell !== null && cell !== undefined);
    return {
      name,
      numeric: filled.length > 0 && filled.every((cell) => typeof cell === "number"),
      time: filled.length > 0 && filled.every((cell) => typeof cell === "string" && TIME.test(cell)),
    };
  });
}

const FLOATS = /^(?:DOUBLE|FLOAT)$/;

/** The rows with NaN and the infinities as what they are: JSON has only texts for them. */
export function numbered(types: readonly string[], rows: Cell[][]): Cell[][] {
  const floats = types.flatMap((type, place) => (FLOATS.test(type) ? [place] : []));
  for (const row of rows) for (const place of floats) if (typeof row[place] === "string") row[place] = Number(row[place]);
  return rows;
}

/** Rows in the order of a column; NaN and NULL last, whichever way. */
export function sorted(rows: readonly Cell[][], place: number, down: boolean): Cell[][] {
  const collator = new Intl.Collator("en", { numeric: true });
  const order = (a: Cell, b: Cell): number =>
    typeof a === "number" && typeof b === "number" ? a - b : collator.compare(text(a), text(b));
  return [...rows].sort((one, other) => {
    const [a, b] = [one[place], other[place]].map((cell) => (Number.isNaN(cell) ? null : cell));
    if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1;
    if (b === null || b === undefined) return -1;
    return down ? order(b, a) : order(a, b);
  });
}

export function text(cell: Cell): string {
  if (cell === null || cell === undefined) return "";
  return typeof cell === "object" ? JSON.stringify(cell) : String(cell);
}

export interface Drawing {
  kind: "line" | "scatter" | "bars";
  x: number;
  y: number[];
}

/** What to draw of an answer at first, or null where it holds nothing to draw. */
export function drawing(all: readonly Column[], rows: readonly Cell[][]): Drawing | null {
  const numeric = all.flatMap((column, place) => (column.numeric ? [place] : []));
  if (rows.length < 2 || !numeric.length) return null;
  const time = all.findIndex((column) => column.time);
  const label = all.findIndex((column) => !column.numeric && !column.time);
  if (time >= 0) return { kind: "line", x: time, y: numeric };
  if (label >= 0 && rows.length <= 40) return { kind: "bars", x: label, y: numeric.slice(0, 1) };
  if (numeric.length < 2) return null;
  const [x = 0, ...y] = numeric;
  return { kind: ascends(rows, x) ? "line" : "scatter", x, y };
}

function ascends(rows: readonly Cell[][], place: number): boolean {
  return rows.every((row, n) => !n || (row[place] as number) >= (rows[n - 1]![place] as number));
}

/** The answer as comma-separated text. */
export function csv(names: readonly string[], rows: readonly Cell[][]): string {
  const line = (cells: readonly Cell[]): string => cells.map((cell) => quoted(text(cell))).join(",");
  return [line(names), ...rows.map(line), ""].join("\r\n");
}

function quoted(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
