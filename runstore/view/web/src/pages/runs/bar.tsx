// Above the table: whose runs, which of them, and how they are shown.

import { useState } from "preact/hooks";
import { Popover } from "../../parts/popover";
import { IconButton } from "../../parts/button";
import { useApp } from "../../state/app";
import { invert } from "../../state/eyes";
import { Chooser } from "../../table/chooser";
import { switched } from "../../table/columns";
import { Facets } from "../../table/facet_list";
import { FIGURES, figureOf, saidOf } from "../../table/figures";
import { Filter } from "../../table/filter";
import { clauses } from "../../table/words";
import { Colours } from "./colours";
import type { Listing } from "./listing";
import { More } from "./more";

export function Bar({ listing }: { listing: Listing }) {
  const app = useApp();
  const view = app.view.value;
  const { total, columns } = listing;
  const bad = listing.error !== null && view.where ? listing.error : null;
  return (
    <div class="rs-bar">
      <div class="rs-row">
        <h1 class="rs-cut">{view.experiment || "All runs"}</h1>
        {view.experiment && (
          <IconButton icon="close" label="Show the runs of all experiments" onClick={() => app.change({ experiment: "" })} />
        )}
        <span class="rs-muted" role="status">
          {total === null ? "" : `${total.toLocaleString("en")} ${total === 1 ? "run" : "runs"}`}
        </span>
      </div>
      <Filter columns={columns} error={bad} />
      <div class="rs-row rs-bar-tools">
        <Popover icon="filter" label="Facets" count={clauses(view.where).length} wide>
          {() => <Facets columns={columns} />}
        </Popover>
        <Popover icon="group" label="Group" count={view.group.length}>
          {() => <GroupBy listing={listing} />}
        </Popover>
        <Popover icon="columns" label="Columns" count={view.columns?.length ?? 0} wide>
          {() => <Chooser columns={columns} />}
        </Popover>
        <button
          type="button"
          class="rs-button"
          aria-pressed={view.differs}
          title="Only columns whose values differ between runs"
          onClick={() => app.change({ differs: !view.differs })}
        >
          Differing
        </button>
        <Drawn listing={listing} />
        <Popover icon="more" label="Views, and these runs elsewhere" text={null}>
          {(close) => <More listing={listing} close={close} />}
        </Popover>
      </div>
      {view.chosen.length > 0 && <Chosen />}
    </div>
  );
}

/** How many are drawn, and the ways to draw others. */
function Drawn({ listing }: { listing: Listing }) {
  const app = useApp();
  const view = app.view.value;
  const own = view.solo.length || view.hidden.length || view.shown.length;
  const what = listing.groupColumns.length ? "groups" : "runs";
  return (
    <Popover icon="eye" label="Drawn" text={`${listing.drawn.length} drawn`}>
      {() => (
        <div class="rs-form">
          {!listing.groupColumns.length && (
            <label>
              The first
              <select value={view.drawn} onChange={(event) => app.change({ drawn: Number(event.currentTarget.value) })}>
                {[5, 10, 20, 50, 100, 200, 500].map((count) => (
                  <option key={count}>{count}</option>
                ))}
              </select>
              runs are drawn
            </label>
          )}
          <button type="button" class="rs-button" onClick={() => app.change(invert(app.view.peek(), listing.ids))}>
            Invert
          </button>
          <button
            type="button"
            class="rs-button"
            disabled={!view.chosen.length || what === "groups"}
            onClick={() => app.change({ solo: view.chosen })}
          >
            Only the chosen {what}
          </button>
          <button
            type="button"
            class="rs-button"
            disabled={!own}
            onClick={() => app.change({ solo: [], hidden: [], shown: [] })}
          >
            As at first
          </button>
        </div>
      )}
    </Popover>
  );
}

function Chosen() {
  const app = useApp();
  const { chosen, solo } = app.view.value;
  const alone = solo.length > 0 && solo.join() === chosen.join();
  const fit = chosen.length >= 2 && chosen.length <= 10;
  return (
    <div class="rs-row rs-chosen-bar" role="status">
      <strong>{chosen.length} chosen</strong>
      <button type="button" class="rs-button" aria-pressed={alone} onClick={() => app.change({ solo: alone ? [] : chosen })}>
        Draw only these
      </button>
      <button
        type="button"
        class="rs-button"
        disabled={!fit}
        title={fit ? undefined : "Two to ten runs can be compared"}
        onClick={() => app.go("compare")}
      >
        Compare
      </button>
      <Colours />
      <button type="button" class="rs-button" onClick={() => app.change({ chosen: [] })}>
        Choose none
      </button>
    </div>
  );
}

function GroupBy({ listing }: { listing: Listing }) {
  const app = useApp();
  const { group } = app.view.value;
  const [search, setSearch] = useState("");
  const every = listing.columns.filter(
    (column) => group.includes(column.name) || column.of === "tag" || (column.of === "param" && column.differs !== false) || FIELDS.has(column.name),
  );
  const change = (name: string) => app.change({ group: switched(group, name), open: [], solo: [], hidden: [], shown: [] });
  const wanted = search.trim().toLowerCase();
  const fit = every.filter((column) => column.label.toLowerCase().includes(wanted));
  return (
    <div class="rs-form">
      {group.length > 0 && <OfGroups />}
      <fieldset class="rs-group-by">
        <legend>Group by, in the order of clicks</legend>
        {every.length > SEARCHED && (
          <input
            type="search"
            class="rs-input"
            aria-label="Search columns to group by"
            placeholder="Search …"
            value={search}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
        )}
        {fit.slice(0, 100).map((column) => (
          <label key={column.name} class="rs-facet">
            <input type="checkbox" checked={group.includes(column.name)} onChange={() => change(column.name)} />
            <span class="rs-cut">{column.label}</span>
            {group.includes(column.name) && <span class="rs-count">{group.indexOf(column.name) + 1}</span>}
          </label>
        ))}
      </fieldset>
    </div>
  );
}

/** What is shown of a group: its band in the charts, its figure in the table. */
function OfGroups() {
  const app = useApp();
  const { band, figure } = app.view.value;
  return (
    <>
      <label>
        Band
        <select value={band} onChange={(event) => app.change({ band: event.currentTarget.value })}>
          {BANDS.map(([name, said]) => (
            <option key={name} value={name}>
              {said}
            </option>
          ))}
        </select>
      </label>
      <label>
        In the table
        <select value={figureOf(figure)} onChange={(event) => app.change({ figure: event.currentTarget.value })}>
          {FIGURES.map((name) => (
            <option key={name} value={name}>
              {saidOf(name)}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

const SEARCHED = 12; // columns from which on one searches them
const BANDS = [
  ["std", "mean ± standard deviation"],
  ["minmax", "mean, least to greatest"],
  ["quantile", "median, quartiles"],
] as const;
const FIELDS = new Set(["experiment", "status", "user", "host", "type"]);
