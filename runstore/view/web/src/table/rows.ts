// Rows of runs as the source answers them.

import type { Column } from "./columns";

export interface RunsAnswer {
  total: number;
  columns: Column[];
  rows: unknown[][];
}

export interface Row {
  id: string;
  name: string;
  number: number | null;
  status: string;
  values: Record<string, unknown>;
}

/** The rows of an answer, each value under its column's name. */
export function rowsOf(answer: Pick<RunsAnswer, "columns" | "rows">): Row[] {
  const names = answer.columns.map((column) => column.name);
  return answer.rows.map((cells) => rowOf(Object.fromEntries(names.map((name, place) => [name, cells[place]]))));
}

function rowOf(values: Record<string, unknown>): Row {
  const id = String(values["run_id"] ?? "");
  const number = values["number"];
  return {
    id,
    name: String(values["name"] ?? "") || shortOf(id),
    number: typeof number === "number" ? number : null,
    status: String(values["status"] ?? ""),
    values,
  };
}

/** What a run without a name is called: the beginning of its id, with what follows a parent's id; an id of one's own whole. */
export function shortOf(id: string): string {
  return id.replace(/([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, "$1");
}
