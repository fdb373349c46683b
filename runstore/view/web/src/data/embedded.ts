// A report's own text as a source: everything was asked beforehand, and nothing is asked of anybody.

import type { Event, CurveRequest, Frame, Query, Source } from "./source";
import { Refusal } from "./source";
import { beside } from "./embedded/beside";
import { bytes } from "./embedded/blocks";
import { EmbeddedCurves } from "./embedded/curves";
import { drawn, PLOTLY, type Drawing } from "./embedded/figure";
import { checked, ofRun } from "./embedded/run";
import type { Answers, Beside } from "./embedded/shapes";
import { list, metrics, page, Table, text } from "./embedded/table";

/** A file by its run and path: its type, and its bytes in base64. */
export type Kept = readonly [run: string, path: string, type: string, data: string];

export class EmbeddedSource implements Source {
  readonly live = false;
  readonly finer = false;
  readonly axes = ["step", "relative", "time"];
  private readonly table: Table;
  private readonly rows: ReadonlyMap<string, readonly unknown[]>;
  private readonly kept: ReadonlyMap<string, Kept>;
  private curves: Promise<EmbeddedCurves> | null = null;

  constructor(
    private readonly answers: Answers,
    private readonly frames: () => Promise<ArrayBuffer[]>,
    files: readonly Kept[] = [],
    private readonly drawing: Drawing | null = null,
  ) {
    this.table = new Table(answers.columns, answers.table);
    this.rows = new Map(this.table.rows("", "").map((row) => [String(this.table.cell(row, "run_id")), row]));
    this.kept = new Map(files.map((one) => [place(one[0], one[1]), one]));
  }

  async json<T>(path: string, query: Query = {}): Promise<T> {
    return this.answer(path, query) as T;
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    if (path !== "compare") throw new Refusal(`a report can't answer ${path}`, 404, "`runstore ui` shows the workspace itself.");
    const { runs, baseline = null } = body as { runs: string[]; baseline?: string | null };
    return beside(checked<Beside>(this.answers.compare), runs, baseline) as T;
  }

  async frame(requests: readonly CurveRequest[]): Promise<Frame> {
    this.curves ??= this.frames().then((frames) => new EmbeddedCurves(frames, this.runs()));
    return (await this.curves).frame(requests);
  }

  events(_: (event: Event) => void): () => void {
    return () => undefined;
  }

  async text(path: string, query: Query = {}): Promise<string> {
    return new TextDecoder().decode(bytes(this.held(path, query)[3]));
  }

  async file(path: string, query: Query = {}): Promise<{ url: string; free(): void }> {
    const url = URL.createObjectURL(await this.blob(this.held(path, query), query));
    return { url, free: () => URL.revokeObjectURL(url) };
  }

  /** A file; a figure of Plotly as what draws it, unless it is to be kept. */
  private async blob([, , type, data]: Kept, query: Query): Promise<Blob> {
    if (type !== PLOTLY || this.drawing === null || query["download"]) return new Blob([bytes(data)], { type });
    return drawn(this.drawing, new TextDecoder().decode(bytes(data)));
  }

  private answer(path: string, query: Query): unknown {
    const [head = "", id = "", ...rest] = path.split("/").map(decodeURIComponent);
    const { answers, table } = this;
    if (head === "runs" && id) return this.ofRun(id, rest.join("/"), query);
    if (head === "sweeps" && id) return checked(answers.sweeps[id]);
    switch (head) {
      case "workspace": return answers.workspace;
      case "experiments": return this.experiments(query);
      case "runs": return table.runs(query);
      case "columns": return this.columns(query);
      case "facets": return table.facets(query);
      case "metrics": return metrics(answers.metrics, list(query, "runs") ?? this.ids(text(query, "experiment"), ""), query);
      case "sweeps": return { sweeps: Object.values(answers.sweeps), total: Object.keys(answers.sweeps).length };
      default: throw new Refusal(`a report can't answer ${head}`, 404);
    }
  }

  private ofRun(id: string, part: string, query: Query): unknown {
    const known = this.answers.runs[id];
    if (!known) throw new Refusal(`run ${id} is not in this report`, 404);
    if (part !== "children") return ofRun(known, part, query);
    return this.table.runs({ ...query, where: `parent_id = '${id.replaceAll("'", "''")}'` });
  }

  private experiments(query: Query): unknown {
    const sought = text(query, "search").toLowerCase();
    const all = this.answers.experiments.map((one) => ({ ...one, runs: this.ids(String(one["experiment"]), "").length }) as Record<string, unknown>);
    const found = all.filter((one) => String(one["experiment"]).toLowerCase().includes(sought));
    return { experiments: page(found, query, 1000), total: found.length };
  }

  private columns(query: Query): unknown {
    const sought = text(query, "search").toLowerCase();
    const found = this.answers.columns.filter((one) => `${one.name} ${one.label}`.toLowerCase().includes(sought));
    return { columns: page(found, query, 500), total: found.length };
  }

  private ids(experiment: string, where: string): string[] {
    return this.table.rows(experiment, where).map((row) => String(this.table.cell(row, "run_id")));
  }

  private runs() {
    const value = (run: string, column: string): unknown => this.table.cell(this.rows.get(run) ?? [], column);
    return {
      ids: (experiment: string, where: string) => this.ids(experiment, where),
      value,
      began: (run: string) => Date.parse(String(value(run, "started"))) / 1000,
    };
  }

  private held(path: string, query: Query): Kept {
    const [, run = ""] = path.split("/").map(decodeURIComponent);
    const found = path.endsWith("snapshot/file") ? undefined : this.kept.get(place(run, text(query, "path")));
    if (!found) throw new Refusal("this file is not in the report", 404, "A report holds what was logged to be looked at, as far as there was room.");
    return found;
  }
}

function place(run: string, path: string): string {
  return JSON.stringify([run, path]);
}
