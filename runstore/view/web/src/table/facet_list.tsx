// Facets: values and how many runs have them, to be clicked instead of typed.

import { useState } from "preact/hooks";
import { Failed, Waiting } from "../parts/empty";
import { useAnswer } from "../state/answer";
import { useApp } from "../state/app";
import { figure, shown } from "./cells";
import { sqlName, type Column } from "./columns";
import { literal } from "./completion";
import { facetsOf, picked, toggled, type FacetAnswer } from "./facets";
import { all, clauses } from "./words";

const ALWAYS = ["status", "experiment", "user", "host"];

export function Facets({ columns }: { columns: readonly Column[] }) {
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const found = wanted
    ? columns.filter((column) => column.label.toLowerCase().includes(wanted)).slice(0, 8)
    : first(columns);
  return (
    <div class="rs-facets">
      <input
        type="search"
        class="rs-input"
        aria-label="Search columns to filter by"
        placeholder="Filter by a column …"
        value={search}
        onInput={(event) => setSearch(event.currentTarget.value)}
      />
      {found.map((column) => (
        <FacetOf key={column.name} column={column} />
      ))}
      {!found.length && <p class="rs-muted">No column is called that.</p>}
    </div>
  );
}

function first(columns: readonly Column[]): Column[] {
  const fields = columns.filter((column) => ALWAYS.includes(column.name) && (column.differs !== false || column.name === "status"));
  const params = columns.filter((column) => (column.of === "param" || column.of === "tag") && column.differs);
  return [...fields, ...params.slice(0, 6)];
}

/** The values of one column among the runs that the other clauses leave. */
function FacetOf({ column }: { column: Column }) {
  const app = useApp();
  const { where, experiment } = app.view.value;
  const mine = picked(where, column);
  const others = all(clauses(where).filter((clause) => !clause.replace(/^\(/, "").startsWith(`${sqlName(column)} `)));
  const { value, error, again } = useAnswer<FacetAnswer>("facets", {
    column: column.name,
    where: others || null,
    experiment: experiment || null,
    limit: 8,
  });
  return (
    <fieldset>
      <legend>{column.label}</legend>
      {error && <Failed error={error} what="" again={again} />}
      {!value && !error && <Waiting lines={2} />}
      {value && facetsOf(value).map((facet) => {
        const on = mine.includes(literal(facet.value));
        return (
          <label key={literal(facet.value)} class="rs-facet">
            <input
              type="checkbox"
              checked={on}
              onChange={() => app.change({ where: toggled(where, column, facet.value) })}
            />
            <span class="rs-cut">{facet.value === null ? "(none)" : shown(facet.value, column.type) || "(empty)"}</span>
            <span class="rs-muted">{facet.count.toLocaleString("en")}</span>
          </label>
        );
      })}
      {value && column.type === "number" && typeof value.min === "number" && typeof value.max === "number" && (
        <p class="rs-muted">
          from {figure(value.min)} to {figure(value.max)}
        </p>
      )}
    </fieldset>
  );
}
