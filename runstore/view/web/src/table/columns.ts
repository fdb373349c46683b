// The columns of the runs: what there is, what is shown and in which order.

import type { View } from "../state/view";
import { named, quoted } from "./words";

export type ColumnType = "number" | "text" | "time" | "bool" | "duration";
export type ColumnOf = "field" | "param" | "metric" | "tag";

export interface Column {
  name: string;
  label: string;
  type: ColumnType;
  of: ColumnOf;
  /** Whether its values differ between runs; unknown where the server did not say. */
  differs?: boolean;
  /** How many of the newest runs have it, where the server said. */
  newest?: number;
}

const FIRST = ["name", "status"];
const LAST = ["started", "duration"];
const TELLING = /loss|acc|score|error|f1|auc|mse|mae|rmse|reward|perplexity/i;
const MOST = { param: 6, metric: 6, tag: 2, field: 0 } as const;
const WIDE: Record<ColumnType, number> = { number: 96, text: 130, time: 128, bool: 72, duration: 92 };
export const NARROWEST = 48;

/** The name of a column as a condition writes it. */
export function sqlName(column: Pick<Column, "name" | "of">): string {
  if (column.of === "field") return named(column.name);
  const head = { param: "params", metric: "last", tag: "tags" }[column.of];
  const bare = column.name.startsWith(`${head}.`) ? column.name.slice(head.length + 1) : column.name;
  return column.of === "tag" ? `tags[${quoted(bare)}]` : `${head}.${named(bare)}`;
}

/** The columns that are shown when nobody chose: who it was, then a few params and metrics that differ. */
export function usual(columns: readonly Column[]): string[] {
  const there = (names: string[]) => names.filter((name) => columns.some((column) => column.name === name));
  const rest = (["metric", "param", "tag"] as const).flatMap((of) => {
    const found = columns.filter((column) => column.of === of && column.differs !== false);
    const telling = (column: Column) => of === "metric" && TELLING.test(column.name);
    const rank = (column: Column) => Number(telling(column)) * 100 + (column.newest ?? 0);
    const fresh = found.filter((column) => column.newest !== 0); // what only old runs have tells nothing of the first ones
    return (fresh.length ? fresh : found).sort((left, right) => rank(right) - rank(left)).slice(0, MOST[of]);
  });
  return [...there(FIRST), ...rest.map((column) => column.name), ...there(LAST)];
}

/** The columns to show, the pinned ones first. Names that nothing has are left out. */
export function shownColumns(columns: readonly Column[], view: View): Column[] {
  const known = new Map(columns.map((column) => [column.name, column]));
  const names = view.columns ?? usual(columns);
  const wanted = [...view.pinned.filter((name) => names.includes(name)), ...names];
  const found = [...new Set(wanted)].flatMap((name) => known.get(name) ?? []);
  if (!view.differs) return found;
  return found.filter((column) => column.differs !== false || view.pinned.includes(column.name));
}

/** What stands over a column: its label, and where it is from when another shown one is called the same. */
export function headingOf(column: Column, shown: readonly Column[]): string {
  const alike = shown.some((other) => other !== column && other.label === column.label);
  return alike ? column.name : column.label;
}

/** How wide a column is, in pixels. */
export function widthOf(column: Column, widths: Record<string, number>): number {
  const told = widths[column.name];
  if (told !== undefined) return Math.max(NARROWEST, told);
  return column.name === "name" ? 150 : WIDE[column.type];
}

/** The names with one of them moved to another one's place. */
export function moved(names: readonly string[], name: string, to: string): string[] {
  const place = names.indexOf(to);
  if (name === to || place < 0) return [...names];
  const rest = names.filter((one) => one !== name);
  rest.splice(place, 0, name);
  return rest;
}

/** The names with one of them added at the end, or taken away. */
export function switched(names: readonly string[], name: string): string[] {
  return names.includes(name) ? names.filter((one) => one !== name) : [...names, name];
}
