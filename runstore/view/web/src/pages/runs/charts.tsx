// The charts beside the table: one for each metric of the runs that are drawn, in sections that fold.

import { useEffect, useMemo, useState } from "preact/hooks";
import { none, opened } from "../../chart/first";
import { LineChart, type LineChartProps } from "../../chart/line";
import type { Item } from "../../chart/menu";
import { IconButton } from "../../parts/button";
import { Empty, Failed, Waiting } from "../../parts/empty";
import { Icon } from "../../parts/icon";
import { useAnswer, type Answer } from "../../state/answer";
import { useApp, type App } from "../../state/app";
import { placeOf } from "../../state/colours";
import { useCommands, type Command } from "../../state/commands";
import { hostOf } from "../../state/host";
import { lookOf, withLook, type View } from "../../state/view";
import { moved, sqlName, switched } from "../../table/columns";
import { keyOf } from "../../table/group";
import { all, quoted } from "../../table/words";
import { chartCommands, Full } from "./full";
import { groupPlace, type Listing } from "./listing";
import { LookOf, Looks } from "./looks";
import { shortOf } from "../../table/rows";
import { curvesOf, fits, limitOf, metricsOf, PINNED, sections, type MetricsAnswer } from "./sections";
import { inSql } from "./take";

const OFFERED = 200; // charts that the palette offers
const AT_ONCE = 24;
const SEEN = 6; // charts that a section begins with: the first is there sooner
const DRAGGED = "text/rs-chart";

export function Charts({ listing }: { listing: Listing }) {
  const app = useApp();
  const view = app.view.value;
  const answer = useMetrics(app, listing);
  const names = useMemo(() => curvesOf(answer.value, view.metrics), [answer.value, view.metrics]);
  const pinned = view.charts.filter((name) => fits(name, view.metrics));
  const chart = (name: string) => <Slot key={name} name={name} names={names} listing={listing} />;
  const empty = listing.undrawn || (answer.value !== null && !names.length);
  const nothing = empty || answer.error !== null || listing.error !== null || listing.total === 0;
  useEffect(() => void (nothing && none()), [nothing]);
  useCommands(chartCommands(app));
  useCommands(useMemo(() => names.slice(0, OFFERED).map((name) => showing(app, name)), [app, names]));
  if (view.full) return <Alone name={view.full} names={[...new Set([...pinned, ...names])]} listing={listing} />;
  return (
    <>
      <ChartBar count={names.length} more={answer.value ? answer.value.total > limitOf(view.metrics) : false} names={names} />
      <div class="rs-charts-scroll">
        {answer.error && <Failed error={answer.error} what="The metrics can't be listed." again={answer.again} />}
        {!answer.value && !nothing && <Waiting lines={6} />}
        {pinned.length > 0 && <Section prefix="Pinned" fold={PINNED} metrics={pinned} chart={chart} />}
        {sections(names).map(({ prefix, metrics }) => (
          <Section key={prefix} prefix={prefix || "Metrics"} fold={prefix} metrics={metrics} chart={chart} />
        ))}
        {empty && <Nothing listing={listing} />}
      </div>
    </>
  );
}

function showing(app: App, name: string): Command {
  return { label: `Chart ${name}`, of: "Charts", run: () => app.change({ full: name }) };
}

function useMetrics(app: App, listing: Listing): Answer<MetricsAnswer> {
  const grouped = listing.groupColumns.length > 0;
  const none = !grouped && !listing.drawn.length;
  const query = metricsOf(app.view.value, grouped ? null : listing.drawn);
  return useAnswer(none ? null : "metrics", query, app.live.listed.value);
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
  const some = opened.value ? most : SEEN;
  return (
    <section class="rs-section">
      <h2>
        <button type="button" aria-expanded={open} onClick={() => app.change({ closed: switched(closed, fold) })}>
          <Icon name={open ? "down" : "right"} /> {prefix} <span class="rs-count">{metrics.length}</span>
        </button>
      </h2>
      {open && <div class="rs-chart-grid">{metrics.slice(0, some).map(chart) as never}</div>}
      {open && opened.value && metrics.length > most && (
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
  const seeds = [...listing.seeds.keys()];
  const known = (id: string) => {
    const group = id.startsWith("{");
    const seed = listing.seeds.get(id);
    if (grouped ? !group && !seed : group) return null; // still of before the grouping changed
    if (!grouped) {
      const row = byId.get(id);
      return { label: row?.name ?? shortOf(id), place: placeOf(id, row?.number ?? null, view.colours) };
    }
    const key = seed?.key ?? keyOf(id, groupColumns);
    const hidden = view.solo.length ? !view.solo.includes(key) : view.hidden.includes(key);
    return { label: seed?.row.name ?? groupLabel(id), place: groupPlace(listing, key, view.colours), hidden, thin: !!seed };
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
      band: grouped && view.band !== "std" ? view.band : undefined,
      seeds: seeds.length ? seeds : undefined,
    },
    look: lookOf(view, name),
    known,
    host: useMemo(() => hostOf(app), [app]),
    said: grouped ? saidOf(listing, view) : undefined,
    onLook: (change) => app.change(withLook(app.view.peek(), name, change), true),
  };
}

/** The groups as SQL writes them. */
function saidOf({ groupColumns, columns }: Listing, { experiment, where }: View) {
  const filter = all([experiment && `experiment = ${quoted(experiment)}`, inSql(where, columns)].filter(Boolean));
  return { groupSql: groupColumns.map(sqlName), whereSql: filter };
}

function groupLabel(owner: string): string {
  const values = Object.entries(JSON.parse(owner) as Record<string, unknown>);
  return values.map(([column, value]) => `${column} ${value ?? "(none)"}`).join(" · ");
}

function Alone({ name, names, listing }: { name: string; names: readonly string[]; listing: Listing }) {
  const app = useApp();
  return (
    <Full name={name} names={names}>
      <LineChart key={name} {...useChart(name, listing)} full onFull={() => app.change({ full: "" })} />
    </Full>
  );
}

function Slot({ name, names, listing }: { name: string; names: readonly string[]; listing: Listing }) {
  const app = useApp();
  const { charts } = app.view.value;
  const [over, setOver] = useState(false);
  const pinned = charts.includes(name);
  return (
    <div class={`rs-slot${over ? " rs-over" : ""}`} data-metric={name} {...drop(app, name, setOver)}>
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
        <LookOf name={name} names={names} />
      </div>
      <LineChart {...useChart(name, listing)} items={arranging(app, name, charts)} onFull={() => app.change({ full: name })} />
    </div>
  );
}

/** What dragging does, for those who don't drag. */
function arranging(app: App, name: string, charts: readonly string[]): Item[] {
  const at = charts.indexOf(name);
  const to = (place: number) => {
    const others = charts.filter((one) => one !== name);
    app.change({ charts: [...others.slice(0, place), name, ...others.slice(place)] });
  };
  if (at < 0) return [{ label: "Pin to the top", run: () => to(charts.length) }];
  return [
    { label: "Move before", disabled: at === 0, run: () => to(at - 1) },
    { label: "Move after", disabled: at === charts.length - 1, run: () => to(at + 1) },
    { label: "Let it go", run: () => app.change({ charts: switched(charts, name) }) },
  ];
}

/** A chart that is dropped on another one is pinned before it. */
function drop(app: App, name: string, setOver: (over: boolean) => void) {
  return {
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes(DRAGGED)) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      setOver(false);
      const dragged = event.dataTransfer?.getData(DRAGGED);
      if (!dragged) return;
      event.preventDefault();
      const { charts } = app.view.peek();
      app.change({ charts: moved([...new Set([...charts, dragged, ...(charts.length ? [] : [name])])], dragged, name) });
    },
  };
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
