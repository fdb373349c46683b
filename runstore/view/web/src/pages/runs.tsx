// The runs: their table and, beside it, their charts.

import { useMemo, useRef } from "preact/hooks";
import { Caught } from "../parts/caught";
import { Empty, Failed, FirstRun, Waiting } from "../parts/empty";
import type { WorkspaceFacts } from "../parts/nav";
import { useAnswer, useAsked } from "../state/answer";
import { useApp } from "../state/app";
import { useCommands, type Command } from "../state/commands";
import { invert } from "../state/eyes";
import { Grid } from "../table/grid";
import { headingOf, switched, type Column } from "../table/columns";
import { figureOf } from "../table/figures";
import { clicked } from "../table/order";
import { all, clauses } from "../table/words";
import { useActs } from "./runs/acts";
import { Bar } from "./runs/bar";
import { Charts } from "./runs/charts";
import { Beside } from "./runs/beside";
import { useListing, type Listing } from "./runs/listing";
import { Splitter } from "./runs/splitter";

const OFFERED = 200;

export function Runs() {
  const app = useApp();
  const listing = useListing();
  const whole = useRef<HTMLDivElement>(null);
  const { split, full } = app.view.value;
  useCommands(commands(app, listing, whole));
  useCommands(useMemo(() => columnCommands(app, listing.columns), [app, listing.columns]));
  const charts = useCharts(listing);
  const { where, experiment } = app.view.value;
  if (listing.total === 0 && !listing.error && !where && !experiment) return <NoRuns />;
  return (
    <div class={`rs-runs${full ? " rs-runs-full" : ""}`} ref={whole}>
      <section class="rs-runs-table" aria-label="Runs" style={{ flexBasis: `${split}%` }}>
        <Bar listing={listing} />
        <Table listing={listing} />
      </section>
      <Splitter whole={whole} />
      <section class="rs-runs-charts" aria-label="Charts">
        <Caught what="The charts">
          <Beside listing={listing} charts={charts} />
        </Caught>
      </section>
    </div>
  );
}

/** The charts, drawn anew by what they show, not by every row that comes into the table. */
function useCharts(listing: Listing) {
  const { drawn, undrawn, byId, groupColumns, ids, total, error, seeds } = listing;
  const shown = drawn.map((id) => [id, byId.get(id)?.name, byId.get(id)?.number]);
  const key = JSON.stringify([shown, groupColumns, groupColumns.length ? ids : [], [...seeds.keys()], total === 0, undrawn, error !== null]);
  return useMemo(() => <Charts listing={listing} />, [key]);
}

function Table({ listing }: { listing: Listing }) {
  const app = useApp();
  const acts = useActs(app, listing);
  const view = app.view.value;
  const { total, error } = listing;
  if (error && !view.where) return <Failed error={error} what="The runs can't be listed." again={listing.again} />;
  if (error && total === null) return <Empty icon="filter" title="The filter is not understood" />;
  if (total === null || !listing.columns.length) return <Waiting lines={12} />;
  if (total === 0 && !error) return <NothingFits />;
  return (
    <Grid
      acts={acts}
      state={{
        columns: listing.shown,
        stretches: listing.stretches,
        pinned: view.pinned,
        widths: view.widths,
        sort: view.sort,
        group: view.group,
        figure: figureOf(view.figure),
        open: new Set(view.open),
        chosen: new Set(view.chosen),
        hovered: app.linked.hovered.value,
        dim: listing.stale || error !== null,
      }}
    />
  );
}

function NoRuns() {
  const { value } = useAnswer<WorkspaceFacts>("workspace");
  return value ? <FirstRun path={value.path} /> : <Waiting />;
}

/** The filter leaves nothing: which clause takes most away, and a click that drops it. */
function NothingFits() {
  const app = useApp();
  const { where, experiment } = app.view.value;
  const parts = clauses(where);
  const drops = useDrops(app, parts, experiment);
  return (
    <Empty icon="filter" title={parts.length ? "No run fits the filter" : "This experiment has no runs yet"}>
      {parts.length > 1 && <p class="rs-muted">Without one of its clauses there are:</p>}
      <ul class="rs-drops">
        {drops.map(({ clause, rest, left }) => (
          <li key={clause}>
            <button type="button" class="rs-button" onClick={() => app.change({ where: rest })}>
              Drop <code>{clause}</code>
              <span class="rs-count">{left === null ? "…" : left.toLocaleString("en")}</span>
            </button>
          </li>
        ))}
      </ul>
      {experiment && (
        <button type="button" class="rs-button" onClick={() => app.change({ experiment: "" })}>
          Look in all experiments
        </button>
      )}
    </Empty>
  );
}

/** Each clause with how many runs there are without it, that which takes most away first. */
function useDrops(app: ReturnType<typeof useApp>, parts: string[], experiment: string) {
  const drops = parts.map((clause, place) => ({ clause, rest: all(parts.filter((_, other) => other !== place)) }));
  const { value } = useAsked(JSON.stringify([parts, experiment]), (signal) => {
    const query = { experiment: experiment || null, columns: ["run_id"], limit: 1 };
    const count = (rest: string) => app.source.json<{ total: number }>("runs", { ...query, where: rest || null }, signal);
    return Promise.all(drops.map(({ rest }) => count(rest)));
  });
  const counted = drops.map((drop, place) => ({ ...drop, left: value?.[place]?.total ?? null }));
  return counted.sort((one, other) => (other.left ?? 0) - (one.left ?? 0));
}

/** What the palette does with columns: the first of very many. */
function columnCommands(app: ReturnType<typeof useApp>, columns: readonly Column[]): Command[] {
  const { view } = app;
  const sorts = columns.slice(0, OFFERED).map((column) => ({
    label: `Sort by ${headingOf(column, columns)}`,
    of: "Runs",
    run: () => app.change({ sort: clicked(view.peek().sort, column.name, false) }),
  }));
  const groups = columns.filter((column) => column.of === "param" || column.of === "tag").slice(0, OFFERED);
  const grouped = groups.map((column) => ({
    label: `Group by ${headingOf(column, columns)}`,
    of: "Runs",
    run: () => app.change({ group: switched(view.peek().group, column.name), open: [], solo: [], hidden: [], shown: [] }),
  }));
  return [...sorts, ...grouped];
}

function commands(app: ReturnType<typeof useApp>, listing: Listing, whole: { current: HTMLElement | null }): Command[] {
  const focus = (wanted: string) => whole.current?.querySelector<HTMLElement>(wanted)?.focus();
  const of = "Runs";
  const none = () => undefined;
  const { chosen } = app.view.value;
  return [
    { label: "Filter the runs", keys: ["/"], of, run: () => focus("[data-rs-filter]") },
    { label: "To the table", keys: ["g"], of, run: () => focus(".rs-grid [tabindex='0']") },
    { label: "Down, up", keys: ["j", "k"], of, listed: true, run: none },
    { label: "Choose the run", keys: ["x"], of, listed: true, run: none },
    { label: "Choose a range", keys: ["shift+ArrowDown"], of, listed: true, run: none },
    { label: "Draw it or hide it", keys: ["h"], of, listed: true, run: none },
    { label: "Draw it alone", keys: ["s"], of, listed: true, run: none },
    { label: "Open the run", keys: ["Enter"], of, listed: true, run: none },
    { label: "Open its log", keys: ["l"], of, listed: true, run: none },
    { label: "Draw what is hidden, hide what is drawn", keys: ["i"], of, run: () => app.change(invert(app.view.value, listing.ids)) },
    { label: "Draw only the chosen runs", keys: ["o"], of, run: () => app.change({ solo: chosen }) },
    { label: "Draw as at first", keys: ["Escape"], of, run: () => app.change({ solo: [], hidden: [], shown: [] }) },
    { label: "Compare the chosen runs", keys: ["c"], of, run: () => app.go("compare") },
    { label: "Choose none", of, run: () => app.change({ chosen: [] }) },
    { label: "Only columns that differ", of, run: () => app.change({ differs: !app.view.value.differs }) },
    { label: "Search metrics", keys: ["m"], of, run: () => focus("[data-rs-metrics]") },
  ];
}
