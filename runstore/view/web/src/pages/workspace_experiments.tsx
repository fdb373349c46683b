// All experiments, with how many runs each has and when the last one began.

import { useState } from "preact/hooks";
import { Empty, Failed, Waiting } from "../parts/empty";
import { useAnswer } from "../state/answer";
import { useApp } from "../state/app";
import { ago } from "../table/cells";

export interface Experiment {
  experiment: string;
  created: string | null;
  runs: number;
  last_start: string | null;
  archived: boolean;
}

const MOST = 500;

export function Experiments() {
  const app = useApp();
  const [search, setSearch] = useState("");
  const query = { search: search.trim() || null, limit: MOST };
  const { value, error, again } = useAnswer<{ experiments: Experiment[] }>("experiments", query, app.live.listed.value);
  const [archived, setArchived] = useState(false);
  const every = value?.experiments ?? [];
  const found = every.filter((one) => archived || !one.archived);
  const hidden = every.length - every.filter((one) => !one.archived).length;
  return (
    <div class="rs-page">
      <header class="rs-page-head rs-row">
        <h1>Experiments</h1>
        <input
          type="search"
          class="rs-input"
          placeholder="Search"
          aria-label="Search experiments"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
        {hidden > 0 && (
          <label class="rs-facet">
            <input type="checkbox" checked={archived} onChange={() => setArchived(!archived)} /> archived too ({hidden})
          </label>
        )}
      </header>
      {error && <Failed error={error} what="The experiments can't be listed." again={again} />}
      {!value && !error && <Waiting lines={8} />}
      {value && !found.length && <Empty icon="experiments" title={search ? "No experiment is called that" : "No experiments yet"} />}
      {found.length > 0 && <List found={found} />}
      {every.length === MOST && <p class="rs-muted">The first {MOST} are shown: search for the others.</p>}
    </div>
  );
}

function List({ found }: { found: Experiment[] }) {
  const app = useApp();
  return (
    <table class="rs-list">
      <thead>
        <tr>
          <th scope="col">Experiment</th>
          <th scope="col" class="rs-number">
            Runs
          </th>
          <th scope="col">Last start</th>
          <th scope="col">Created</th>
        </tr>
      </thead>
      <tbody>
        {found.map((one) => (
          <tr key={one.experiment}>
            <td>
              <a href={app.href("runs", "", { experiment: one.experiment, where: "" })}>{one.experiment}</a>
              {one.archived && <span class="rs-count">archived</span>}
            </td>
            <td class="rs-number">{one.runs.toLocaleString("en")}</td>
            <td title={one.last_start ?? undefined}>{one.last_start ? ago(one.last_start) : ""}</td>
            <td title={one.created ?? undefined}>{one.created ? ago(one.created) : ""}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
