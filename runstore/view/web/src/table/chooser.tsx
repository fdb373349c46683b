// Which columns are shown: searched, switched on and off, pinned, moved.

import { useState } from "preact/hooks";
import { IconButton } from "../parts/button";
import { useApp } from "../state/app";
import { headingOf, moved, switched, usual, type Column } from "./columns";

const MOST = 200;
const NAMES = { field: "Run", param: "Params", metric: "Metrics (last value)", tag: "Tags" };

export function Chooser({ columns }: { columns: readonly Column[] }) {
  const app = useApp();
  const [search, setSearch] = useState("");
  const { view } = app;
  const shown = view.value.columns ?? usual(columns);
  const wanted = search.trim().toLowerCase();
  const found = columns.filter((column) => column.label.toLowerCase().includes(wanted));
  const change = (names: string[]) => app.change({ columns: names });
  return (
    <div class="rs-chooser">
      <input
        type="search"
        class="rs-input"
        aria-label="Search columns"
        placeholder={`Search ${columns.length.toLocaleString("en")} columns …`}
        value={search}
        onInput={(event) => setSearch(event.currentTarget.value)}
      />
      <div class="rs-row">
        <button type="button" class="rs-button" onClick={() => change([...new Set([...shown, ...names(found.slice(0, MOST))])])}>
          Show {wanted ? "found" : "all"}
        </button>
        <button type="button" class="rs-button" onClick={() => change(shown.filter((name) => !names(found).includes(name) || name === "name"))}>
          Hide {wanted ? "found" : "all"}
        </button>
        <button type="button" class="rs-button" onClick={() => app.change({ columns: null, pinned: ["name"], widths: {} })}>
          As usual
        </button>
      </div>
      <div class="rs-chooser-lists">
        {!wanted && <Shown names={shown} columns={columns} change={change} />}
        {(["field", "param", "metric", "tag"] as const).map((of) => (
          <Part key={of} of={of} found={found.filter((column) => column.of === of)} shown={shown} change={change} />
        ))}
      </div>
    </div>
  );
}

function names(columns: readonly Column[]): string[] {
  return columns.map((column) => column.name);
}

interface ShownProps {
  names: string[];
  columns: readonly Column[];
  change(names: string[]): void;
}

/** The shown columns in their order, each with the way up, down, and to the pinned ones. */
function Shown({ names: shown, columns, change }: ShownProps) {
  const app = useApp();
  const { pinned } = app.view.value;
  const known = new Map(columns.map((column) => [column.name, column]));
  const there = shown.filter((name) => known.has(name));
  return (
    <fieldset>
      <legend>Shown, in this order</legend>
      {there.map((name, place) => {
        const column = known.get(name);
        const label = column ? headingOf(column, columns) : name;
        return (
          <div key={name} class="rs-chooser-line">
            <span class="rs-cut">{label}</span>
            <IconButton icon="up" label={`Move ${label} up`} disabled={!place} onClick={() => change(moved(shown, name, there[place - 1] ?? name))} />
            <IconButton
              icon="down"
              label={`Move ${label} down`}
              disabled={place === there.length - 1}
              onClick={() => change(moved(shown, name, there[place + 1] ?? name))}
            />
            <IconButton
              icon="pin"
              label={`Pin ${label}`}
              pressed={pinned.includes(name)}
              onClick={() => app.change({ pinned: switched(pinned, name) })}
            />
            <IconButton icon="close" label={`Hide ${label}`} onClick={() => change(switched(shown, name))} />
          </div>
        );
      })}
    </fieldset>
  );
}

interface PartProps {
  of: Column["of"];
  found: Column[];
  shown: string[];
  change(names: string[]): void;
}

function Part({ of, found, shown, change }: PartProps) {
  if (!found.length) return null;
  return (
    <fieldset>
      <legend>{NAMES[of]}</legend>
      {found.slice(0, MOST).map((column) => (
        <label key={column.name} class="rs-facet">
          <input type="checkbox" checked={shown.includes(column.name)} onChange={() => change(switched(shown, column.name))} />
          <span class="rs-cut">{column.label}</span>
          {column.differs === false && <span class="rs-muted">same in all</span>}
        </label>
      ))}
      {found.length > MOST && <p class="rs-muted">and {(found.length - MOST).toLocaleString("en")} more: search for them</p>}
    </fieldset>
  );
}
