// What a chart asks for, written so that others can ask for the same: as Python and as SQL.

import type { Range } from "./curve";
import type { Wanted } from "./request";

export interface Asking extends Wanted {
  smoothing: number;
  zoom: Range | null;
  /** Of groups: the columns, and the filter with the experiment, as SQL writes them. */
  groupSql?: readonly string[] | undefined;
  whereSql?: string | undefined;
}

const POINTS = 500;

/** The Python that gives the curves of a chart. */
export function python(workspace: string, asked: Asking): string {
  const { metric, runs, group, experiment, where, x, smoothing, zoom, source } = asked;
  const head = `import runstore\n\nws = runstore.Workspace(${text(workspace)})\n`;
  if (source === "system") return `${head}points = ws.sql(${block(sql(asked))})\n`;
  const told = [text(metric)];
  if (group !== null) told.push(`[${group.map(text).join(", ")}]`);
  else if (runs !== null) told.push(`[${runs.map(text).join(", ")}]`);
  if (experiment) told.push(`experiment=${text(experiment)}`);
  if (where) told.push(`where=${text(where)}`);
  told.push(`x=${text(x)}`, `points=${POINTS}`);
  if (smoothing && group === null) told.push(`smoothing=${smoothing}`);
  if (zoom) told.push(`low=${zoom.low}`, `high=${zoom.high}`);
  return `${head}curves = ws.${group === null ? "curves" : "group_curves"}(${told.join(", ")})\n`;
}

/** The SQL that gives every point of a chart; of groups the mean and the deviation at each place of x. */
export function sql(asked: Asking): string {
  const { metric, runs, group, x, zoom, source } = asked;
  const view = source === "system" ? "system_metrics" : "curve_points";
  const place = { step: "p.step", time: "epoch(p.time)", relative: "epoch(p.time) - epoch(r.started)" }[x] ?? "a.value";
  const conditions = [`p.name = ${quoted(metric)}`];
  if (group === null && runs !== null) conditions.push(`p.run_id IN (${runs.map(quoted).join(", ")})`);
  if (zoom) conditions.push(`${place} BETWEEN ${zoom.low} AND ${zoom.high}`);
  const columns = group === null ? ["p.run_id"] : (asked.groupSql ?? []).map((_, at) => `r.group_${at + 1}`);
  const values = group === null ? ["p.value"] : ["avg(p.value) AS mean", "stddev(p.value) AS std"];
  const lines = [`SELECT ${[...columns, `${place} AS x`, ...values].join(", ")}`, `FROM ${view} p`, ...joins(asked, view)];
  lines.push(`WHERE ${conditions.join("\n  AND ")}`);
  if (group !== null) lines.push("GROUP BY ALL");
  return [...lines, `ORDER BY ${[...columns, "x"].join(", ")}`].join("\n");
}

function joins({ x, group, groupSql = [], whereSql }: Asking, view: string): string[] {
  const found: string[] = [];
  if (group !== null || x === "relative") {
    const columns = ["run_id", "started", ...(group === null ? [] : groupSql.map((one, at) => `${one} AS group_${at + 1}`))];
    const where = group !== null && whereSql ? ` WHERE ${whereSql}` : "";
    found.push(`JOIN (SELECT ${columns.join(", ")} FROM runs${where}) r ON r.run_id = p.run_id`);
  }
  if (!["step", "time", "relative"].includes(x)) {
    const same = ["run_id", "attempt", "writer", "step"].map((column) => `a.${column} = p.${column}`).join(" AND ");
    found.push(`JOIN ${view} a ON ${same} AND a.name = ${quoted(x)}`);
  }
  return found;
}

function quoted(name: string): string {
  return `'${name.replaceAll("'", "''")}'`;
}

/** A text as Python writes it; JSON's escapes are Python's too. */
function text(value: string): string {
  return JSON.stringify(value);
}

/** Some lines as Python writes them. */
function block(lines: string): string {
  return `"""\n${lines.replaceAll("\\", "\\\\").replaceAll('"""', '\\"\\"\\"')}\n"""`;
}
