// The listing taken elsewhere: as Python, as SQL, as a table of commas.

import type { Query, Source } from "../../data/source";
import type { View } from "../../state/view";
import { sqlName, type Column } from "../../table/columns";
import { rowsOf, type RunsAnswer } from "../../table/rows";
import { columnOf } from "../../table/completion";
import { all, quoted, words } from "../../table/words";

type Asked = Pick<View, "where" | "experiment" | "sort">;
const AT_ONCE = 1000;
const MOST = 100_000;

/** The Python that gives the same runs. */
export function python(path: string, view: Asked): string {
  const told: string[] = [];
  const where = all([view.experiment && `experiment = ${quoted(view.experiment)}`, view.where].filter(Boolean));
  if (where) told.push(`where=${text(where)}`);
  const sort = view.sort.map((key) => text(`${key.column} ${key.descending ? "desc" : "asc"}`));
  if (sort.length) told.push(`sort=${sort.length > 1 ? `[${sort.join(", ")}]` : sort[0]}`);
  return `import runstore\n\nws = runstore.Workspace(${text(path)})\nruns = ws.runs(${told.join(", ")})\n`;
}

/** The SQL that gives the same runs, with the shown columns; `columns` are all there are. */
export function sql(view: Asked, shown: readonly Column[], columns: readonly Column[]): string {
  const asked = ["run_id", ...shown.filter((one) => one.name !== "run_id" && one.name !== "duration").map(sqlName)];
  const experiment = view.experiment && `experiment = ${quoted(view.experiment)}`;
  const where = all([experiment, inSql(view.where, columns)].filter(Boolean));
  const order = view.sort.map((key) => {
    const column = shown.find((one) => one.name === key.column);
    return `${column ? sqlName(column) : key.column} ${key.descending ? "DESC" : "ASC"}`;
  });
  const lines = [`SELECT ${asked.join(", ")}`, "FROM runs"];
  if (where) lines.push(`WHERE ${where}`);
  lines.push(`ORDER BY ${order.length ? `${order.join(", ")} NULLS LAST` : "started DESC"}`);
  return lines.join("\n");
}

/** A filter with the bare names of params and metrics written as SQL wants them. */
export function inSql(where: string, columns: readonly Column[]): string {
  let said = where;
  for (const word of words(where).reverse()) {
    const column = word.kind === "name" ? bare(word.text, columns) : null;
    if (column) said = said.slice(0, word.start) + sqlName(column) + said.slice(word.end);
  }
  return said;
}

function bare(text: string, columns: readonly Column[]): Column | null {
  if (columnOf(text, columns)?.of === "field") return null;
  const name = text.replaceAll('"', "").toLowerCase();
  return columns.find((one) => one.of !== "field" && one.label.toLowerCase() === name) ?? null;
}

/** What a report is asked with: the chosen runs; where there are none those that are listed, in their order. */
export function reported(view: Asked & Pick<View, "chosen">): Query {
  if (view.chosen.length) return { runs: view.chosen };
  const sort = view.sort.map((key) => `${key.column} ${key.descending ? "desc" : "asc"}`);
  return { where: view.where || null, experiment: view.experiment || null, sort: sort.length ? sort : null };
}

/** All runs that the filter leaves, with the shown columns, separated by commas. */
export async function csv(source: Source, view: Asked, shown: readonly Column[]): Promise<string> {
  const names = ["run_id", ...shown.map((one) => one.name).filter((name) => name !== "run_id")];
  const lines = [names.map(cell).join(",")];
  for (let offset = 0; offset < MOST; offset += AT_ONCE) {
    const answer = await source.json<RunsAnswer>("runs", {
      where: view.where || null,
      experiment: view.experiment || null,
      sort: view.sort.length ? view.sort.map((key) => `${key.column} ${key.descending ? "desc" : "asc"}`) : null,
      columns: names,
      limit: AT_ONCE,
      offset,
    });
    for (const row of rowsOf(answer)) lines.push(names.map((name) => cell(row.values[name])).join(","));
    if (offset + AT_ONCE >= answer.total) break;
  }
  return `${lines.join("\r\n")}\r\n`;
}

/** A value as a cell; a text that a spreadsheet would run as a formula is made one by an apostrophe. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const said = typeof value === "object" ? JSON.stringify(value) : String(value);
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(said) ? `'${said}` : said;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A text as Python writes it; JSON's escapes are Python's too. */
function text(value: string): string {
  return JSON.stringify(value);
}
