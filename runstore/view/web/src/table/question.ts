// What the table of runs asks for.

import type { Query } from "../data/source";
import type { SortKey, View } from "../state/view";

export const WINDOW = 100;
/** What every row is asked for, shown or not. */
export const ALWAYS = ["run_id", "name", "number", "status"];

export interface RunsQuestion {
  experiment: string;
  sort: readonly SortKey[];
  columns: readonly string[];
}

/** The question of a view, of which these columns are shown. */
export function questionOf({ experiment, sort }: View, columns: readonly string[] = []): RunsQuestion {
  return { experiment, sort, columns: [...new Set([...ALWAYS, ...columns])] };
}

/** A window of the rows that fulfil the condition. */
export function queryOf({ experiment, sort, columns }: RunsQuestion, where: string, number: number): Query {
  return {
    where: where || null,
    experiment: experiment || null,
    sort: sort.length ? sort.map((key) => `${key.column} ${key.descending ? "desc" : "asc"}`) : null,
    columns,
    limit: WINDOW,
    offset: number * WINDOW,
  };
}
