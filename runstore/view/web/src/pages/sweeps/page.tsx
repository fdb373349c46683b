/** Sweeps: their trials, the best of them, and how params and the metric go together. */

import { useState } from "preact/hooks";
import { Empty } from "../../parts/empty";
import { Status } from "../../parts/status";
import { useAnswer, useNews } from "../run/asked";
import { usePlace, type Place } from "../run/place";
import { ago, counted, duration, number, plain, short } from "../run/said";
import { Section } from "../run/facts";
import { Plot } from "../run/metrics/plot";
import { Shown } from "../run/states";
import { Parallel } from "./parallel";
import { best, correlation, params, progress, ranked, type Trial } from "./trials";
import { sweepOf, trialOf, type Sweep, type Tried } from "./shapes";
import "../run/pages.css";
import "../models/models.css";
import "./sweeps.css";

export function SweepsPage() {
  const place = usePlace();
  const found = useAnswer<{ sweeps: Record<string, unknown>[] }>("sweeps", { limit: 200 });
  useNews(null, found.again);
  return (
    <article class="rp-page">
      <h1>Sweeps</h1>
      <Shown of={found} what="sweeps">
        {({ sweeps }) => (sweeps.length ? <Both place={place} sweeps={sweeps.map(sweepOf)} /> : (
          <Empty icon="sweeps" title="No sweeps yet">
            <p class="rs-muted">A sweep runs a script with many parameters and looks for the best:</p>
            <pre class="rs-code">runstore submit --sweep sweep.yaml</pre>
          </Empty>
        ))}
      </Shown>
    </article>
  );
}

function Both({ place, sweeps }: { place: Place; sweeps: Sweep[] }) {
  const chosen = sweeps.find((sweep) => sweep.run_id === place.id) ?? sweeps[0]!;
  return (
    <div class="swp-columns">
      <nav class="rp-tree mod-list swp-list" aria-label="Sweeps">
        {sweeps.map((sweep) => (
          <a key={sweep.run_id} href={place.href("sweeps", sweep.run_id)} aria-current={sweep === chosen ? "true" : undefined}>
            <span class="rp-name">{sweep.name || short(sweep.run_id.replace(/^HD_/, ""))}<br /><span class="rs-muted">{sweep.experiment}, {ago(sweep.started)}</span></span>
            <Status status={sweep.status} />
          </a>
        ))}
      </nav>
      <One key={chosen.run_id} place={place} sweep={chosen} />
    </div>
  );
}

function One({ place, sweep }: { place: Place; sweep: Sweep }) {
  const found = useAnswer<{ trials: Record<string, unknown>[] }>(`sweeps/${encodeURIComponent(sweep.run_id)}`);
  useNews(null, found.again);
  return <Shown of={found} what="trials">{({ trials }) => <Told place={place} sweep={sweep} trials={trials.map(trialOf)} />}</Shown>;
}

function Told({ place, sweep, trials }: { place: Place; sweep: Sweep; trials: Tried[] }) {
  const top = best(trials, sweep.goal);
  const { varied } = params(trials);
  const [picked, setPicked] = useState<ReadonlySet<string> | null>(null);
  const done = trials.filter((trial) => trial.value !== null).length;
  return (
    <div class="rp-stack swp-one">
      <header class="rp-row">
        <h2>{sweep.name || sweep.run_id}</h2><Status status={sweep.status} />
        <a href={place.href("run", sweep.run_id)}>Open its run</a>
        <span class="rs-muted">{counted(trials.length, "trial")}, {done} with a value; {sweep.goal} {sweep.metric || "its metric"}{sweep.sampling && `, ${sweep.sampling}`}{sweep.policy && `, stopped early by ${sweep.policy}`}</span>
      </header>
      {top && <Best place={place} trial={top} sweep={sweep} varied={varied} />}
      <div class="rp-cards">
        {done > 1 && <Section title="Best so far"><Progress trials={trials} sweep={sweep} /></Section>}
        {done > 3 && <Section title={`Goes together with ${sweep.metric || "the metric"}`}><Importance trials={trials} names={varied} /></Section>}
      </div>
      {done > 1 && varied.length > 0 && (
        <Section title="Params and metric" wide><Parallel trials={trials} names={varied} metric={sweep.metric || "metric"} goal={sweep.goal} href={(run) => place.href("run", run)} onPicked={setPicked} /></Section>
      )}
      <Trials place={place} trials={ranked(trials, sweep.goal).filter((trial) => picked?.has(trial.run_id) ?? true)} names={varied} metric={sweep.metric || "metric"} top={top} sweep={sweep.run_id} />
    </div>
  );
}

function Best({ place, trial, sweep, varied }: { place: Place; trial: Trial; sweep: Sweep; varied: string[] }) {
  return (
    <dl class="rp-tiles">
      <div class="rp-tile swp-best"><dt>Best {sweep.metric}</dt><dd><a href={place.href("run", trial.run_id)}>{number(trial.value)}</a></dd></div>
      {varied.map((name) => <div class="rp-tile" key={name}><dt title={name}>{name}</dt><dd title={plain(trial.params[name])}>{plain(trial.params[name])}</dd></div>)}
    </dl>
  );
}

function Progress({ trials, sweep }: { trials: Trial[]; sweep: Sweep }) {
  const steps = progress(trials, sweep.goal);
  const points = (of: "value" | "best") => steps.map((step, n) => ({ x: n + 1, y: step[of] ?? NaN }));
  return <Plot label="The best value so far, trial by trial" drawn={{ kind: "lines", x: "trial", y: sweep.metric, lines: [{ name: "best so far", points: points("best") }, { name: "each trial", points: points("value") }] }} />;
}

function Importance({ trials, names }: { trials: Trial[]; names: string[] }) {
  const found = names.map((name) => ({ name, value: correlation(trials, name) })).sort((a, b) => Math.abs(b.value ?? 0) - Math.abs(a.value ?? 0));
  return (
    <>
      <table class="swp-corr">
        <thead class="rs-unseen"><tr><th>param</th><th>drawn</th><th>rank correlation</th></tr></thead>
        <tbody>
          {found.map(({ name, value }) => (
            <tr key={name}>
              <th scope="row" title={name}>{name}</th>
              <td><i class={(value ?? 0) < 0 ? "swp-minus" : "swp-plus"} style={{ width: `${Math.abs(value ?? 0) * 50}%` }} /></td>
              <td class="rp-num">{value === null ? "–" : value.toFixed(2)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="rs-muted">Rank correlation of numbers: 1 rises with it, −1 falls, 0 says nothing. No cause is meant.</p>
    </>
  );
}

function Trials(props: { place: Place; trials: Tried[]; names: string[]; metric: string; top: Trial | null; sweep: string }) {
  const { place, trials, names, metric, top, sweep } = props;
  return (
    <div class="rp-scroll">
      <table class="rp-table rp-hover">
        <thead><tr><th class="rp-num">#</th><th>run</th><th>status</th><th class="rp-num">{metric}</th>{names.map((name) => <th class="rp-num" key={name}>{name}</th>)}<th>started</th><th>duration</th></tr></thead>
        <tbody>
          {trials.map((trial, n) => (
            <tr key={trial.run_id} class={trial === top ? "mod-chosen" : undefined}>
              <td class="rp-num">{n + 1}</td>
              <th scope="row"><a href={place.href("run", trial.run_id)}>{trial.name || trial.run_id.replace(`${sweep}_`, "trial ")}</a></th>
              <td title={trial.stopped_by ?? undefined}><Status status={trial.status} />{trial.stopped_by && <span class="rs-muted"> stopped early</span>}</td>
              <td class="rp-num">{number(trial.value)}</td>
              {names.map((name) => <td class="rp-num" key={name}>{plain(trial.params[name])}</td>)}
              <td>{ago(trial.started)}</td><td>{duration(trial.duration_s)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

