/** The runs below a run: a table with the params and metrics in which they differ. */

import { useState } from "preact/hooks";
import { Status } from "../../parts/status";
import { useAnswer, useNews } from "./asked";
import { Search } from "./buttons";
import type { Place } from "./place";
import { ago, counted, duration, plain } from "./said";
import { title, type Run } from "./shapes";
import { Nothing, Shown } from "./states";
import { chosenColumns, quoted, rowsOf, type Answered, type Column, type Row } from "./below";

const MOST = 500;
const ALWAYS = ["run_id", "name", "status", "started", "duration"];

export function Children({ run, place }: { run: Run; place: Place }) {
  const known = useAnswer<{ columns: Column[] }>("columns", { experiment: run.experiment, limit: 2000 });
  const columns = chosenColumns(known.value?.columns ?? []);
  const found = useAnswer<Answered>(known.value || known.error ? "runs" : null, {
    where: `parent_id = ${quoted(run.run_id)}`, columns: [...ALWAYS, ...columns.map((one) => one.name)], limit: MOST,
  });
  useNews(null, found.again);
  const [sought, setSought] = useState("");
  return (
    <Shown of={found} what="child runs">
      {(answer) => {
        const all = rowsOf(answer);
        const shown = all.filter((one) => `${title(one)} ${one.status}`.toLowerCase().includes(sought.toLowerCase()));
        if (!all.length) return <Nothing title="No child runs">Runs started under this one, as by a sweep, are listed here.</Nothing>;
        return (
          <div class="rp-stack">
            <div class="rp-row">
              <Search value={sought} onChange={setSought} label="Find a child run" />
              <span class="rs-muted">{counted(answer.total, "child run")}{answer.total > all.length && `, the newest ${all.length} are shown`}</span>
              <span class="rp-spring" />
              {shown.length > 1 && (
                <a class="rp-button rp-plain" href={place.href("compare", shown.slice(0, 10).map((one) => one.run_id).join(","))}>
                  Compare the first {Math.min(10, shown.length)}
                </a>
              )}
            </div>
            <Table place={place} runs={shown} columns={columns} />
          </div>
        );
      }}
    </Shown>
  );
}

function Table({ runs, place, columns }: { runs: Row[]; place: Place; columns: Column[] }) {
  const filled = columns.filter((column) => runs.some((run) => run.cells[column.name] !== null && run.cells[column.name] !== undefined));
  return (
    <div class="rp-scroll">
      <table class="rp-table rp-hover">
        <thead>
          <tr>
            <th>run</th><th>status</th><th>started</th><th>duration</th>
            {filled.map((column) => <th key={column.name} class="rp-num" title={column.of}>{column.label}</th>)}
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.run_id}>
              <th scope="row"><a href={place.href("run", run.run_id)}>{title(run)}</a></th>
              <td><Status status={run.status} /></td>
              <td>{ago(run.started)}</td>
              <td>{duration(run.duration_s)}</td>
              {filled.map((column) => <td key={column.name} class="rp-num">{plain(run.cells[column.name])}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
