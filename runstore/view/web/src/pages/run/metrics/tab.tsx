/** The metrics of a run: tiles for single values, curves, tables, and the charts that were logged whole. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useAnswer, useNear } from "../asked";
import { Button, Copy, Search } from "../buttons";
import { useApp } from "../../../state/app";
import type { Place } from "../place";
import { counted, number, plain } from "../said";
import { lastOf, type Metric, type Run } from "../shapes";
import { ofMetric } from "../snippets";
import { Nothing } from "../states";
import { Heartbeat } from "../header";
import { useCommands } from "../../../state/commands";
import { chartCommands, Full } from "../../runs/full";
import { Looks } from "../../runs/looks";
import { Curve, CurveCard } from "./curve";
import { KeptChart } from "./kept";
import { Rows } from "./rows";
import { sorted, type Sorted } from "./sorts";
import { Take } from "./take";

const SHOWN = 48; // charts before "show more"

export function Metrics({ run, place }: { run: Run; place: Place }) {
  const sought = place.more["find"] ?? "";
  const all = useMetrics(run, sought);
  const app = useApp();
  const { full } = app.view.value;
  const parts = sorted(all.filter((metric) => metric.name.toLowerCase().includes(sought.toLowerCase())));
  const curves = parts.curves.map((metric) => metric.name);
  useCommands(chartCommands(app));
  if (!all.length) return <Nothing title="No metrics yet">What the run logs appears here as it comes. <Heartbeat run={run} /></Nothing>;
  if (curves.includes(full)) return <div class="rp-full"><Full name={full} names={curves}><Curve key={full} run={run} name={full} /></Full></div>;
  return (
    <div class="rp-stack">
      <div class="rp-row rp-bar">
        <Search value={sought} onChange={(text) => place.set({ find: text || null }, true)} label={`Find in ${counted(run.metrics_total ?? all.length, "metric")}`} />
        {(run.metrics_total ?? 0) > all.length && !sought && (
          <span class="rs-muted">the first {number(all.length)} of {number(run.metrics_total)}; find the others by name</span>
        )}
        <span class="rp-spring" />
        <Take run={run} place={place} />
        {parts.curves.length > 0 && <Looks names={curves} />}
      </div>
      <Tiles metrics={parts.tiles} />
      <Many parts={parts} run={run} place={place} />
      {!Object.values(parts).some((part) => part.length) && <p class="rs-muted">No metric has “{sought}” in its name.</p>}
    </div>
  );
}

/** What the run tells; where it has more metrics than it tells, also those that a search finds. */
function useMetrics(run: Run, sought: string): Metric[] {
  const told = run.metrics ?? [];
  const more = (run.metrics_total ?? 0) > told.length && sought !== "";
  const found = useAnswer<{ metrics: { name: string; kind: string; points: number; last_step: number | null }[] }>(
    more ? "metrics" : null, { runs: [run.run_id], search: sought, limit: 300 },
  );
  if (!more || !found.value) return told;
  const known = new Set(told.map((metric) => metric.name));
  const others = found.value.metrics.filter((metric) => !known.has(metric.name));
  return [...told, ...others.map(({ points, ...metric }) => ({ ...metric, count: points, last: null, min: null, max: null, mean: null }))];
}

function Many({ parts, run, place }: { parts: Sorted; run: Run; place: Place }) {
  const [most, setMost] = useState(SHOWN);
  const all = [...parts.curves, ...parts.charts, ...parts.tables];
  return (
    <>
      <h2 class="rs-unseen">Charts</h2>
      <div class="rp-cards">
        {all.slice(0, most).map((metric) => parts.curves.includes(metric) ? (
          <CurveCard key={`curve ${metric.name}`} run={run} name={metric.name} names={parts.curves.map((one) => one.name)} />
        ) : (
          <Card key={`${metric.kind} ${metric.name}`} metric={metric} run={run} place={place} wide={parts.tables.includes(metric)}>
            <Inside metric={metric} run={run} place={place} parts={parts} />
          </Card>
        ))}
      </div>
      {all.length > most && <Button onClick={() => setMost(most * 2)}>Show more of {counted(all.length - most, "chart")}</Button>}
    </>
  );
}

function Inside({ metric, run, place, parts }: { metric: Metric; run: Run; place: Place; parts: Sorted }) {
  if (parts.tables.includes(metric)) return <Rows run={run} name={metric.name} place={place} />;
  return <KeptChart run={run} metric={metric} />;
}

function Card(props: { metric: Metric; run: Run; place: Place; wide: boolean; children: ComponentChildren }) {
  const { metric, run, place } = props;
  const [near, seen] = useNear();
  const last = typeof metric.last === "number" ? number(metric.last) : "";
  return (
    <section class={props.wide ? "rp-card rp-wide" : "rp-card"} ref={near}>
      <header>
        <h2 title={metric.name}>{metric.name}</h2>
        <span class="rp-code">{last}</span>
        <span class="rp-card-action">
          {props.wide ? <Take run={run} place={place} of={{ table: metric.name }} />
            : <Copy place={place} text={ofMetric(place.workspace.path, run.run_id, metric.name)} what="Python" />}
        </span>
      </header>
      {seen ? props.children : <div class="rp-blank rp-chart" />}
    </section>
  );
}

function Tiles({ metrics }: { metrics: Metric[] }) {
  if (!metrics.length) return null;
  return (
    <dl class="rp-tiles">
      {metrics.map((metric) => {
        const value = lastOf(metric);
        return (
          <div class="rp-tile" key={metric.name}>
            <dt title={metric.name}>{metric.name}</dt>
            <dd class={typeof value === "string" ? "rp-tile-text" : undefined} title={plain(value)}>{plain(value)}</dd>
          </div>
        );
      })}
    </dl>
  );
}
