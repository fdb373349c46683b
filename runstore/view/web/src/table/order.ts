// The order of the runs: which columns, which way, which of them first.

import type { SortKey } from "../state/view";

/** The order after a click on a column's heading: falling, rising, not at all. `more` keeps the other columns. */
export function clicked(sort: readonly SortKey[], column: string, more: boolean): SortKey[] {
  const now = sort.find((key) => key.column === column);
  const next = now === undefined ? [{ column, descending: true }] : now.descending ? [{ column, descending: false }] : [];
  if (!more) return next;
  const place = sort.findIndex((key) => key.column === column);
  if (place < 0) return [...sort, ...next];
  return [...sort.slice(0, place), ...next, ...sort.slice(place + 1)];
}

/** What `aria-sort` says of a column. */
export function spoken(sort: readonly SortKey[], column: string): "ascending" | "descending" | "none" {
  const key = sort.find((one) => one.column === column);
  return key === undefined ? "none" : key.descending ? "descending" : "ascending";
}
