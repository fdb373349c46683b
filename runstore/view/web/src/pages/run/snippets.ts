/** The Python that gets at what is shown, for copying. */

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
