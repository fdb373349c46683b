// The charts beside the table: one for each metric of the runs that are drawn, in sections that fold.

import { useMemo, useState } from "preact/hooks";
import { LineChart, type LineChartProps } from "../../chart/line";
import { IconButton } from "../../parts/button";
import { Empty, Failed, Waiting } from "../../parts/empty";
import { Icon } from "../../parts/icon";
import { useAnswer, type Answer } from "../../state/answer";
import { useApp, type App } from "../../state/app";
import { placeOf } from "../../state/colours";
import { useCommands } from "../../state/commands";
import { lookOf } from "../../state/view";
import { moved, switched } from "../../table/columns";
import { keyOf } from "../../table/group";
import { groupPlace, type Listing } from "./listing";
import { LookOf, Looks } from "./looks";
import { beside, expression, fits, sections } from "./sections";

export interface MetricFacts {
  name: string;
  kind: string;
  runs: number;
  points: number;
}

const ASKED = 1000;
const AT_ONCE = 24;
const DRAGGED = "text/rs-chart";

export function Charts({ listing }: { listing: Listing }) {
  const app = useApp();
  const view = app.view.value;
  const answer = useMetrics(app, listing);
  const names = useMemo(() => curvesOf(answer, view.metrics), [answer.value, view.metrics]);
  const pinned = view.charts.filter((name) => fits(name, view.metrics));
  const chart = (name: string) => <Slot key={name} name={name} listing={listing} />;
  useCommands([
    { label: "The chart under the pointer fills the page", keys: ["f"], of: "Charts", run: () => fill(app) },
    { label: "All charts whole again", keys: ["r"], of: "Charts", run: () => app.linked.range.value = null },
  ]);
  if (view.full) return <Full name={view.full} names={[...new Set([...pinned, ...names])]} listing={listing} />;
  return (
    <>
      <ChartBar count={names.length} more={answer.value ? answer.value.total > ASKED : false} names={names} />
      <div class="rs-charts-scroll">
        {answer.error && <Failed error={answer.error} what="The metrics can't be listed." again={answer.again} />}
        {!answer.value && !answer.error && listing.total !== 0 && <Waiting lines={6} />}
        {pinned.length > 0 && <Section prefix="Pinned" fold="*" metrics={pinned} chart={chart} />}
        {sections(names).map(({ prefix, metrics }) => (
          <Section key={prefix} prefix={prefix || "Metrics"} fold={prefix} metrics={metrics} chart={chart} />
        ))}
        {answer.value && !names.length && <Nothing listing={listing} />}
      </div>
    </>
  );
}

function useMetrics(app: App, listing: Listing): Answer<{ metrics: MetricFacts[]; total: number }> {
  const { experiment, metrics: search } = app.view.value;
  const grouped = listing.groupColumns.length > 0;
  const none = !grouped && !listing.drawn.length;
  return useAnswer(none ? null : "metrics", {
    runs: grouped ? null : listing.drawn.slice(0, 100),
    experiment: grouped ? experiment || null : null,
    search: search && !expression(search) ? search.trim() : null,
    limit: ASKED,
  }, app.live.listed.value);
}

function curvesOf(answer: Answer<{ metrics: MetricFacts[] }>, search: string): string[] {
  const metrics = answer.value?.metrics ?? [];
  return metrics.filter((one) => one.kind === "curve" && fits(one.name, search)).map((one) => one.name);
}

function ChartBar({ count, more, names }: { count: number; more: boolean; names: string[] }) {
  const app = useApp();
  const { metrics } = app.view.value;
  return (
    <div class="rs-row rs-chart-bar">
      <div class="rs-search">
        <Icon name="search" />
        <input
          type="search"
          data-rs-metrics
          aria-label="Search metrics"
          placeholder="Metrics, such as ^val/"
          value={metrics}
          spellcheck={false}
          onInput={(event) => app.change({ metrics: event.currentTarget.value }, true)}
        />
        <span role="status" class="rs-search-count" title={`${count} charts`}>
          {count.toLocaleString("en")}
          {more ? "+" : ""} <span class="rs-unseen">{count === 1 ? "chart" : "charts"}</span>
        </span>
      </div>
      <Looks names={names} />
    </div>
  );
}

interface SectionProps {
  prefix: string;
  fold: string;
  metrics: string[];
  chart(name: string): unknown;
}

function Section({ prefix, fold, metrics, chart }: SectionProps) {
  const app = useApp();
  const { closed } = app.view.value;
  const [most, setMost] = useState(AT_ONCE);
  const open = !closed.includes(fold);
  return (
    <section class="rs-section">
      <h2>
        <button type="button" aria-expanded={open} onClick={() => app.change({ closed: switched(closed, fold) })}>
          <Icon name={open ? "down" : "right"} /> {prefix} <span class="rs-count">{metrics.length}</span>
        </button>
      </h2>
      {open && <div class="rs-chart-grid">{metrics.slice(0, most).map(chart) as never}</div>}
      {open && metrics.length > most && (
        <button type="button" class="rs-button" onClick={() => setMost(most + 2 * AT_ONCE)}>
          Show more of {(metrics.length - most).toLocaleString("en")}
        </button>
      )}
    </section>
  );
}

/** What a chart is given to draw: the drawn runs, or the groups of all runs that the filter leaves. */
function useChart(name: string, listing: Listing): LineChartProps {
  const app = useApp();
  const view = app.view.value;
  const { groupColumns, drawn, byId } = listing;
  const grouped = groupColumns.length > 0;
  const known = (id: string) => {
    if (id.startsWith("{") !== grouped) return null; // still of before the grouping changed
    if (!grouped) {
      const row = byId.get(id);
      return { label: row?.name ?? id.slice(0, 8), place: placeOf(id, row?.number ?? null, view.colours) };
    }
    const key = keyOf(id, groupColumns);
    const hidden = view.solo.length ? !view.solo.includes(key) : view.hidden.includes(key);
    return { label: groupLabel(id), place: groupPlace(listing, key, view.colours), hidden };
  };
  return {
    curves: app.curves,
    linked: app.linked,
    wanted: {
      metric: name,
      runs: grouped ? null : drawn,
      group: grouped ? groupColumns.map((column) => column.name) : null,
      experiment: grouped && view.experiment ? view.experiment : undefined,
      where: grouped && view.where ? view.where : undefined,
    },
    look: lookOf(view, name),
    known,
    onLook: (change) => app.change({ looks: { ...view.looks, [name]: { ...view.looks[name], ...change } } }, true),
  };
}

function groupLabel(owner: string): string {
  const values = Object.entries(JSON.parse(owner) as Record<string, unknown>);
  return values.map(([column, value]) => `${column} ${value ?? "(none)"}`).join(" · ");
}

function Slot({ name, listing }: { name: string; listing: Listing }) {
  const app = useApp();
  const { charts } = app.view.value;
  const pinned = charts.includes(name);
  return (
    <div class="rs-slot" data-metric={name} {...drop(app, name)}>
      <div
        class="rs-slot-own"
        draggable
        title="Drag to arrange the pinned charts"
        onDragStart={(event) => event.dataTransfer?.setData(DRAGGED, name)}
      >
        <IconButton
          icon="pin"
          label={pinned ? `Let ${name} go` : `Pin ${name} to the top`}
          pressed={pinned}
          onClick={() => app.change({ charts: switched(charts, name) })}
        />
        <LookOf name={name} />
      </div>
      <LineChart {...useChart(name, listing)} onFull={() => app.change({ full: name })} />
    </div>
  );
}

/** A chart that is dropped on another one is pinned before it. */
function drop(app: App, name: string) {
  return {
    onDragOver: (event: DragEvent) => {
      if (event.dataTransfer?.types.includes(DRAGGED)) event.preventDefault();
    },
    onDrop: (event: DragEvent) => {
      const dragged = event.dataTransfer?.getData(DRAGGED);
      if (!dragged) return;
      event.preventDefault();
      const { charts } = app.view.peek();
      app.change({ charts: moved([...new Set([...charts, dragged, ...(charts.length ? [] : [name])])], dragged, name) });
    },
  };
}

/** One chart alone; arrows lead to the next. */
function Full({ name, names, listing }: { name: string; names: string[]; listing: Listing }) {
  const app = useApp();
  const close = () => app.change({ full: "" });
  const step = (by: 1 | -1) => app.change({ full: beside(names, name, by) }, true);
  useCommands([
    { label: "The next chart", keys: ["ArrowRight"], of: "Charts", run: () => step(1) },
    { label: "The chart before", keys: ["ArrowLeft"], of: "Charts", run: () => step(-1) },
    { label: "All charts", keys: ["Escape"], of: "Charts", run: close },
  ]);
  return (
    <div class="rs-full-chart">
      <div class="rs-row">
        <IconButton icon="left" label="The chart before" onClick={() => step(-1)} />
        <IconButton icon="right" label="The next chart" onClick={() => step(1)} />
        <span class="rs-muted">
          {names.indexOf(name) + 1} of {names.length}
        </span>
        <LookOf name={name} />
        <span class="rs-space" />
        <button type="button" class="rs-button" onClick={close}>
          <Icon name="close" /> All charts
        </button>
      </div>
      <LineChart key={name} {...useChart(name, listing)} full onFull={close} />
    </div>
  );
}

/** The chart that the pointer or the focus is in fills the page. */
function fill(app: App): void {
  const slot = document.querySelector<HTMLElement>(".rs-slot:hover") ?? document.activeElement?.closest<HTMLElement>(".rs-slot");
  const first = document.querySelector<HTMLElement>(".rs-slot");
  const name = (slot ?? first)?.dataset["metric"];
  if (name) app.change({ full: name });
}

function Nothing({ listing }: { listing: Listing }) {
  const app = useApp();
  const { metrics } = app.view.value;
  if (metrics) {
    return (
      <Empty icon="search" title="No metric of the drawn runs is called that">
        <button type="button" class="rs-button" onClick={() => app.change({ metrics: "" })}>
          Show all metrics
        </button>
      </Empty>
    );
  }
  if (!listing.drawn.length) {
    return (
      <Empty icon="eye" title="No runs are drawn">
        <button type="button" class="rs-button" onClick={() => app.change({ solo: [], hidden: [], shown: [] })}>
          Draw the first {app.view.value.drawn}
        </button>
      </Empty>
    );
  }
  return <Empty icon="runs" title="The drawn runs have logged no curves yet" />;
}
