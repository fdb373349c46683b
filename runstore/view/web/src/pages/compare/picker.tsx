/** The runs that are compared, and a field that finds others. */

import { useState } from "preact/hooks";
import { useAnswer } from "../run/asked";
import { Search } from "../run/buttons";
import { ago, short } from "../run/said";

interface Answered {
  columns: { name: string }[];
  rows: unknown[][];
}

interface Found {
  run_id: string;
  name: string;
  experiment: string;
  started: string | null;
}

const SHOWN = 8;

export function Picker({ runs, choose }: { runs: string[]; choose: (runs: string[]) => void }) {
  const [sought, setSought] = useState("");
  const answer = useAnswer<Answered>("runs", { columns: "run_id,name,experiment,started", limit: 300, sort: "started", desc: true });
  const all = told(answer.value);
  const low = sought.toLowerCase();
  const found = sought ? all.filter((run) => !runs.includes(run.run_id) && `${run.name} ${run.experiment} ${run.run_id}`.toLowerCase().includes(low)) : [];
  const add = (run: Found): void => {
    choose([...runs, run.run_id].slice(0, 10));
    setSought("");
  };
  return (
    <div class="cmp-picker">
      {runs.map((run, n) => (
        <span class="rp-tag" key={run}>
          <span title={run}>{all.find((one) => one.run_id === run)?.name || short(run)}</span>
          {n > 0 && <button type="button" aria-label="Move left" title="Move left" onClick={() => choose(moved(runs, n))}>‹</button>}
          <button type="button" aria-label={`Leave out ${run}`} title="Leave out" onClick={() => choose(runs.filter((one) => one !== run))}>×</button>
        </span>
      ))}
      <div class="cmp-find">
        <Search value={sought} onChange={setSought} label="Add a run by name"
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === "Enter" && found[0]) add(found[0]);
            if (event.key === "Escape") setSought("");
          }} />
        {found.length > 0 && (
          <ul class="cmp-found">
            {found.slice(0, SHOWN).map((run) => (
              <li key={run.run_id}>
                <button type="button" onClick={() => add(run)}>
                  <strong>{run.name || short(run.run_id)}</strong>
                  <span class="rs-muted">{run.experiment}, {ago(run.started)}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

function told(answer: Answered | null): Found[] {
  if (!answer) return [];
  const at = (name: string): number => answer.columns.findIndex((column) => column.name === name);
  const [id, name, experiment, started] = ["run_id", "name", "experiment", "started"].map(at) as [number, number, number, number];
  return answer.rows.map((row) => ({
    run_id: String(row[id]), name: String(row[name] ?? ""), experiment: String(row[experiment] ?? ""),
    started: (row[started] as string | null) ?? null,
  }));
}

function moved(runs: string[], n: number): string[] {
  const next = [...runs];
  [next[n - 1], next[n]] = [next[n]!, next[n - 1]!];
  return next;
}
