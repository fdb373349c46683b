/** SQL over the workspace: an editor, what there is to ask about, and the answer as a table and a chart. */

import { useEffect, useRef, useState } from "preact/hooks";
import { hintOf } from "../../data/source";
import { Waiting } from "../../parts/empty";
import { Tabs } from "../../parts/tabs";
import { Button } from "../run/buttons";
import { keep } from "../run/files/download";
import { copy, usePlace, type Place } from "../run/place";
import { counted } from "../run/said";
import { literal } from "../run/snippets";
import { Nothing } from "../run/states";
import { csv, numbered } from "./answer";
import { Chart } from "./chart";
import { Editor } from "./editor";
import { Grid } from "../run/metrics/rows";
import { Library } from "./library";
import { asked, dropped, read, saved, write, type Kept } from "./saved";
import { Schema } from "./schema";
import "../run/pages.css";
import "./sql.css";

export interface Answer {
  columns: string[];
  rows: unknown[][];
  truncated: string | boolean | null;
  ms: number;
  warnings: string[];
}

interface Told {
  columns: (string | { name: string; type?: string })[];
  rows: unknown[][];
  truncated?: string | boolean | null;
  ms?: number;
  warnings?: string[];
}

const FIRST = "SELECT name, status, started, last.loss\nFROM runs\nORDER BY started DESC\nLIMIT 100";

export function SqlPage() {
  const place = usePlace();
  const [query, setQuery] = useState(place.more["q"] ?? FIRST);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState<AbortController | null>(null);
  const [kept, setKept] = useKept(place);

  const run = (text = query): void => {
    busy?.abort();
    const stop = new AbortController();
    setBusy(stop);
    place.set({ q: text });
    setKept(asked(kept, text));
    place.source.post<Told>("sql", { query: text }, stop.signal).then(
      (told) => { setAnswer(plainly(told)); setError(null); },
      (problem: Error) => stop.signal.aborted || setError(problem),
    ).finally(() => setBusy((now) => (now === stop ? null : now)));
  };
  const stop = (): void => { busy?.abort(); setBusy(null); };
  useEffect(() => { if (place.more["q"]) run(); }, []); // an address that somebody sent is answered
  const insert = useRef<(text: string) => void>(() => undefined);
  return (
    <article class="rp-page sql-page">
      <h1>SQL</h1>
      <div class="sql-columns">
        <aside class="sql-side">
          <Library kept={kept} query={query} pick={(text) => { setQuery(text); run(text); }}
            save={(name) => setKept(saved(kept, name, query))} drop={(name) => setKept(dropped(kept, name))} />
          <Schema source={place.source} insert={(text) => insert.current(text)} />
        </aside>
        <div class="rp-stack">
          <Editor value={query} onChange={setQuery} run={() => run()} insert={insert} error={error?.message ?? null} />
          <div class="rp-row">
            <Button kind="main" onClick={() => run()} disabled={busy !== null} title="Ctrl+Enter">Run</Button>
            {busy && <Button onClick={stop}>Stop</Button>}
            <span class="rs-muted">Ctrl+Enter runs it. One SELECT; nothing can be changed from here.</span>
            <span class="rp-spring" />
            <Button kind="quiet" onClick={() => void copy(place, python(place, query), "Python")}>Copy as Python</Button>
          </div>
          {error && (
            <div class="rs-failed" role="alert">
              <pre class="sql-error">{error.message}</pre>
              {hintOf(error) && <p class="rs-muted">{hintOf(error)}</p>}
            </div>
          )}
          {answer ? <Shown answer={answer} stale={busy !== null || error !== null} place={place} />
            : busy ? <Waiting lines={5} label="Asking" /> : !error && <Nothing title="No answer yet">Run the query above, or pick a saved one.</Nothing>}
        </div>
      </div>
    </article>
  );
}

function useKept(place: Place): [Kept, (kept: Kept) => void] {
  const storage = (): Storage | null => {
    try { return window.localStorage; } catch { return null; } // a browser may forbid it
  };
  const name = place.workspace.path;
  const [kept, setKept] = useState<{ name: string; kept: Kept } | null>(null);
  const now = kept?.name === name ? kept.kept : read(storage() ?? { getItem: () => null }, name);
  return [now, (next) => {
    setKept({ name, kept: next });
    const place = storage();
    if (place) write(place, name, next);
  }];
}

function plainly(told: Told): Answer {
  return {
    columns: told.columns.map((column) => (typeof column === "string" ? column : column.name)),
    rows: numbered(told.columns.map((column) => (typeof column === "string" ? "" : column.type ?? "")), told.rows), truncated: told.truncated ?? null, ms: told.ms ?? 0, warnings: told.warnings ?? [],
  };
}

function python(place: Place, query: string): string {
  const text = query.includes('"""') ? literal(query) : `"""\n${query.replaceAll("\\", "\\\\")}\n"""`;
  return `import runstore\n\nws = runstore.Workspace(${literal(place.workspace.path)})\nrows = ws.sql(${text}).fetchall()\n`;
}

function Shown({ answer, stale, place }: { answer: Answer; stale: boolean; place: Place }) {
  const shown = place.more["as"] === "chart" ? "chart" : "table";
  const text = (): string => csv(answer.columns, answer.rows);
  return (
    <div class={stale ? "rp-stale" : undefined}>
      <p class="rp-row rs-muted" role="status">
        <span>{counted(answer.rows.length, "row")} in {Math.round(answer.ms)} ms</span>
        {answer.truncated && <span class="rp-warn">there are more: the answer was cut at its limit</span>}
        {answer.warnings.map((warning) => <span class="rp-warn" key={warning}>{warning}</span>)}
        <span class="rp-spring" />
        <Button kind="quiet" onClick={() => void copy(place, text(), "CSV")}>Copy as CSV</Button>
        <Button kind="quiet" onClick={() => keep(text(), "answer.csv", "text/csv")}>Download CSV</Button>
      </p>
      <Tabs label="The answer" shown={shown} onShow={(as) => place.set({ as: as === "table" ? null : as })}
        tabs={[{ name: "table", label: "Table", count: answer.rows.length }, { name: "chart", label: "Chart" }]}>
        {shown === "chart" ? <Chart names={answer.columns} rows={answer.rows} /> : <Grid key={answer.columns.join()} columns={answer.columns} rows={answer.rows} />}
      </Tabs>
    </div>
  );
}
