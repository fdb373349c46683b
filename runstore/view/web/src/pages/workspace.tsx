// The first page: what the workspace holds, what ran last, and the experiments.

import { useState } from "preact/hooks";
import { Damage } from "../parts/damage";
import { Empty, Failed, FirstRun, Waiting } from "../parts/empty";
import type { WorkspaceFacts } from "../parts/nav";
import { Status } from "../parts/status";
import { useAnswer } from "../state/answer";
import { useApp } from "../state/app";
import { ago, shown } from "../table/cells";
import type { Column } from "../table/columns";
import { rowsOf, type RunsAnswer } from "../table/rows";
import type { Experiment } from "./workspace_experiments";

const NEWEST = 12;

export function Workspace() {
  const app = useApp();
  const version = app.live.listed.value;
  const facts = useAnswer<WorkspaceFacts>("workspace", {}, version);
  const experiments = useAnswer<{ experiments: Experiment[] }>("experiments", {}, version);
  if (facts.error) return <Failed error={facts.error} what="The workspace can't be read." again={facts.again} />;
  if (!facts.value) return <Waiting lines={8} />;
  if (!facts.value.runs) {
    return (
      <>
        <Damage of={facts.value.damage} />
        <FirstRun path={facts.value.path} />
      </>
    );
  }
  return (
    <div class="rs-page">
      <header class="rs-page-head">
        <h1>{facts.value.name}</h1>
        <p class="rs-muted rs-path">{facts.value.url ?? facts.value.path}</p>
      </header>
      <Damage of={facts.value.damage} />
      <Counts facts={facts.value} />
      <div class="rs-columns">
        <Newest />
        <Experiments answer={experiments} />
      </div>
    </div>
  );
}

function Counts({ facts }: { facts: WorkspaceFacts }) {
  const app = useApp();
  const all = { experiment: "", where: "" };
  const told: [number, string, string][] = [
    [facts.runs, facts.runs === 1 ? "run" : "runs", app.href("runs", "", all)],
    [facts.running, "running now", app.href("runs", "", { ...all, where: "status in ('Running')" })],
    [facts.experiments, facts.experiments === 1 ? "experiment" : "experiments", app.href("runs", "", { ...all, group: ["experiment"] })],
  ];
  return (
    <ul class="rs-counts">
      {told.map(([count, label, href]) => (
        <li key={label}>
          <a href={href}>
            <strong>{count.toLocaleString("en")}</strong> {label}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Newest() {
  const app = useApp();
  const columns = ["run_id", "name", "experiment", "status", "started", "duration"];
  const answer = useAnswer<RunsAnswer>(
    "runs",
    { sort: "started", desc: true, limit: NEWEST, columns },
    app.live.changed.value?.cursor,
  );
  return (
    <section aria-labelledby="rs-newest">
      <header class="rs-section-head">
        <h2 id="rs-newest">Newest runs</h2>
        <a href={app.href("runs", "", { experiment: "", where: "" })}>All runs</a>
      </header>
      {answer.error && <Failed error={answer.error} what="The runs can't be listed." again={answer.again} />}
      {answer.value ? <RunList answer={answer.value} /> : !answer.error && <Waiting lines={NEWEST} />}
    </section>
  );
}

function RunList({ answer }: { answer: RunsAnswer }) {
  const app = useApp();
  const types = new Map(answer.columns.map((column) => [column.name, column]));
  const text = (value: unknown, name: string) => shown(value, (types.get(name) as Column | undefined)?.type ?? "text");
  return (
    <table class="rs-list">
      <thead>
        <tr>
          <th scope="col">Run</th>
          <th scope="col">Experiment</th>
          <th scope="col">Status</th>
          <th scope="col">Started</th>
          <th scope="col" class="rs-number">
            Duration
          </th>
        </tr>
      </thead>
      <tbody>
        {rowsOf(answer).map((row) => (
          <tr key={row.id}>
            <td>
              <a href={app.href("run", row.id)}>{row.name}</a>
            </td>
            <td class="rs-muted">{text(row.values["experiment"], "experiment")}</td>
            <td>
              <Status status={row.status} />
            </td>
            <td title={String(row.values["started"] ?? "")}>{text(row.values["started"], "started")}</td>
            <td class="rs-number">{text(row.values["duration"], "duration")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Experiments({ answer }: { answer: ReturnType<typeof useAnswer<{ experiments: Experiment[] }>> }) {
  const app = useApp();
  const [search, setSearch] = useState("");
  const every = answer.value?.experiments ?? [];
  const found = every.filter((one) => one.experiment.toLowerCase().includes(search.trim().toLowerCase()));
  return (
    <section aria-labelledby="rs-experiments">
      <header class="rs-section-head">
        <h2 id="rs-experiments">Experiments</h2>
        {every.length > 8 && (
          <input
            type="search"
            class="rs-input"
            placeholder="Search"
            aria-label="Search experiments"
            value={search}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
        )}
      </header>
      {answer.error && <Failed error={answer.error} what="The experiments can't be listed." again={answer.again} />}
      {!answer.value && !answer.error && <Waiting lines={6} />}
      <ul class="rs-cards">
        {found.slice(0, 200).map((one) => (
          <li key={one.experiment}>
            <a href={app.href("runs", "", { experiment: one.experiment, where: "" })}>
              <strong class="rs-cut">{one.experiment}</strong>
              <span class="rs-muted">
                {one.runs.toLocaleString("en")} {one.runs === 1 ? "run" : "runs"}
                {one.last_start ? ` · ${ago(one.last_start)}` : ""}
                {one.archived ? " · archived" : ""}
              </span>
            </a>
          </li>
        ))}
      </ul>
      {answer.value && !found.length && <Empty icon="search" title="No experiment is called that" />}
    </section>
  );
}
