/** Runs as the table of runs tells them, row by row, for the pages that list a few of them. */

export interface Column {
  name: string;
  label: string;
  type: string;
  of: string;
  differs?: boolean;
}

export interface Answered {
  total: number;
  columns: { name: string }[];
  rows: unknown[][];
}

export interface Row {
  run_id: string;
  name: string | null;
  status: string;
  started: string | null;
  duration_s: number | null;
  cells: Record<string, unknown>;
}

const MOST = 8;

/** Params in which runs differ, and metrics: so many of each as fit beside each other. */
export function chosenColumns(all: readonly Column[]): Column[] {
  const params = all.filter((column) => column.of === "param" && column.differs !== false);
  const metrics = all.filter((column) => column.of === "metric");
  return [...params.slice(0, MOST), ...metrics.slice(0, MOST)];
}

export function rowsOf(answer: Answered): Row[] {
  return answer.rows.map((row) => {
    const cells: Record<string, unknown> = Object.fromEntries(answer.columns.map((column, n) => [column.name, row[n]]));
    const text = (name: string): string | null => (typeof cells[name] === "string" ? cells[name] : null);
    return {
      run_id: text("run_id") ?? "", name: text("name"), status: text("status") ?? "", started: text("started"),
      duration_s: typeof cells["duration"] === "number" ? cells["duration"] : null, cells,
    };
  });
}

/** Text as SQL has it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
