/** The runs below a run: a table with the metrics and params in which they differ. */

import { useState } from "preact/hooks";
import { Status } from "../../parts/status";
import { useAnswer, useNews } from "./asked";
import { Search } from "./buttons";
import type { Place } from "./place";
import { ago, counted, duration, plain } from "./said";
import { runPath, title, type Run, type Values } from "./shapes";
import { Nothing, Shown } from "./states";

export interface Child {
  run_id: string;
  name: string | null;
  number?: number | null;
  status: string;
  started: string | null;
  duration_s?: number | null;
  params?: Values;
  last?: Values;
  metrics?: Values;
}

const COLUMNS = 8;

export function Children({ run, place }: { run: Run; place: Place }) {
  const found = useAnswer<{ children?: Child[]; items?: Child[]; runs?: Child[]; total?: number }>(
    runPath(run.run_id, "children"), { limit: 500 },
  );
  useNews(null, found.again);
  const [sought, setSought] = useState("");
  return (
    <Shown of={found} what="child runs">
      {(answer) => {
        const all = answer.children ?? answer.items ?? answer.runs ?? [];
        const shown = all.filter((one) => `${title(one)} ${one.status}`.toLowerCase().includes(sought.toLowerCase()));
        if (!all.length) return <Nothing title="No child runs">Runs started under this one, as by a sweep, are listed here.</Nothing>;
        return (
          <div class="rp-stack">
            <div class="rp-row">
              <Search value={sought} onChange={setSought} label="Find a child run" />
              <span class="rs-muted">{counted(answer.total ?? all.length, "child run")}</span>
              <span class="rp-spring" />
              <a class="rp-button rp-plain" href={place.href("compare", shown.slice(0, 10).map((one) => one.run_id).join(","))}>
                Compare the first {Math.min(10, shown.length)}
              </a>
            </div>
            <Table place={place} runs={shown} />
          </div>
        );
      }}
    </Shown>
  );
}

/** Columns for what differs first: names under which not all have the same value. */
export function columnsOf(runs: readonly Child[], of: (run: Child) => Values, most = COLUMNS): string[] {
  const names = [...new Set(runs.flatMap((run) => Object.keys(of(run))))];
  const differs = (name: string): boolean => new Set(runs.map((run) => JSON.stringify(of(run)[name]))).size > 1;
  return names.sort((a, b) => Number(differs(b)) - Number(differs(a))).slice(0, most);
}

const metricsOf = (run: Child): Values => run.last ?? run.metrics ?? {};
const paramsOf = (run: Child): Values => run.params ?? {};

function Table({ runs, place }: { runs: Child[]; place: Place }) {
  const params = columnsOf(runs, paramsOf);
  const metrics = columnsOf(runs, metricsOf);
  return (
    <div class="rp-scroll">
      <table class="rp-table rp-hover">
        <thead>
          <tr>
            <th>run</th><th>status</th><th>started</th><th>duration</th>
            {params.map((name) => <th key={`p${name}`} class="rp-num" title="param">{name}</th>)}
            {metrics.map((name) => <th key={`m${name}`} class="rp-num" title="last value">{name}</th>)}
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.run_id}>
              <th scope="row"><a href={place.href("run", run.run_id)}>{title(run)}</a></th>
              <td><Status status={run.status} /></td>
              <td>{ago(run.started)}</td>
              <td>{duration(run.duration_s)}</td>
              {params.map((name) => <td key={`p${name}`} class="rp-num">{plain(paramsOf(run)[name])}</td>)}
              {metrics.map((name) => <td key={`m${name}`} class="rp-num">{plain(metricsOf(run)[name])}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
