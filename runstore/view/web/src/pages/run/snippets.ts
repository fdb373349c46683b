/** The Python that gets at what is shown, for copying. */

import { quoted } from "./below";

/** Text as a Python literal. */
export function literal(text: string): string {
  const quoted = JSON.stringify(text).slice(1, -1);
  return text.includes('"') && !text.includes("'") ? `'${quoted.replaceAll('\\"', '"')}'` : `"${quoted}"`;
}

export function ofRun(workspace: string, runId: string): string {
  return `import runstore\n\nws = runstore.Workspace(${literal(workspace)})\nrun = ws.get_run(${literal(runId)})\n`;
}

export function ofFile(workspace: string, runId: string, path: string): string {
  const last = path.slice(path.lastIndexOf("/") + 1);
  return `${ofRun(workspace, runId)}run.download_file(${literal(path)}, ${literal(last)})\n`;
}

/** The whole snapshot, of which a file is one. */
export function ofSnapshot(workspace: string, runId: string): string {
  return `${ofRun(workspace, runId)}run.restore_snapshot(path="snapshot")\n`;
}

export function ofMetric(workspace: string, runId: string, name: string): string {
  return `${ofRun(workspace, runId)}values = run.get_metrics(${literal(name)})\n`;
}

/** The SQL that gives the rows of a table, or the points of one metric or of all. */
export function sqlOf(runId: string, of: { metric?: string; table?: string }): string {
  const run = `run_id = ${quoted(runId)}`;
  if (of.table !== undefined) return `SELECT row, step, time, data\nFROM rows\nWHERE ${run} AND name = ${quoted(of.table)}\nORDER BY row`;
  const which = of.metric === undefined ? "" : ` AND name = ${quoted(of.metric)}`;
  return `SELECT name, step, time, value\nFROM metrics\nWHERE ${run}${which}\nORDER BY name, step`;
}
