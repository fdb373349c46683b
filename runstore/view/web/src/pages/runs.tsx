// The runs: their table and, beside it, their charts.

import { useMemo, useRef } from "preact/hooks";
import { Caught } from "../parts/caught";
import { Empty, Failed, FirstRun, Waiting } from "../parts/empty";
import type { WorkspaceFacts } from "../parts/nav";
import { useAnswer } from "../state/answer";
import { useApp } from "../state/app";
import { useCommands, type Command } from "../state/commands";
import { invert } from "../state/eyes";
import { Grid } from "../table/grid";
import { figureOf } from "../table/figures";
import { all, clauses } from "../table/words";
import { useActs } from "./runs/acts";
import { Bar } from "./runs/bar";
import { Charts } from "./runs/charts";
import { Beside } from "./runs/beside";
import { useListing, type Listing } from "./runs/listing";
import { Splitter } from "./runs/splitter";

export function Runs() {
  const app = useApp();
  const listing = useListing();
  const whole = useRef<HTMLDivElement>(null);
  const { split, full } = app.view.value;
  useCommands(commands(app, listing, whole));
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
  const { drawn, byId, groupColumns, ids, total, error, seeds } = listing;
  const shown = drawn.map((id) => [id, byId.get(id)?.name, byId.get(id)?.number]);
  const key = JSON.stringify([shown, groupColumns, groupColumns.length ? ids : [], [...seeds.keys()], total === 0, error !== null]);
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
  return (
    <Empty icon="filter" title="No run fits the filter">
      {parts.length > 1 && <p class="rs-muted">Without one of its clauses there are:</p>}
      <ul class="rs-drops">
        {parts.map((clause, place) => (
          <Without key={clause} clause={clause} rest={all(parts.filter((_, other) => other !== place))} />
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

function Without({ clause, rest }: { clause: string; rest: string }) {
  const app = useApp();
  const query = { where: rest || null, experiment: app.view.value.experiment || null, columns: ["run_id"], limit: 1 };
  const { value } = useAnswer<{ total: number }>("runs", query);
  return (
    <li>
      <button type="button" class="rs-button" onClick={() => app.change({ where: rest })}>
        Drop <code>{clause}</code>
        <span class="rs-count">{value ? value.total.toLocaleString("en") : "…"}</span>
      </button>
    </li>
  );
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
