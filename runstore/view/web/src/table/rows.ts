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
    name: String(values["name"] ?? "") || id.slice(0, 8),
    number: typeof number === "number" ? number : null,
    status: String(values["status"] ?? ""),
    values,
  };
}
