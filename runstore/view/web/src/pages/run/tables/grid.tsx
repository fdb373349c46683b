/** Rows of a logged table, asked for as they are wanted: sorted by a head, left out by what is typed below it. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useAnswer, useNews } from "../asked";
import { Button } from "../buttons";
import type { Place } from "../place";
import { counted, plain } from "../said";
import { names, runPath, type Table } from "../shapes";
import { Shown } from "../states";
import { Cell } from "./cell";
import { conditions, turned, type Condition, type Wanted } from "./wanted";

const PAGE = 100;
const MOST = 10_000;

interface Props {
  place: Place;
  runId: string;
  name: string;
  wanted: Wanted;
  onWanted: (wanted: Wanted) => void;
  /** Conditions that hold beside what is typed. */
  fixed?: readonly Condition[];
  /** What stands beside the search. */
  beside?: ComponentChildren;
}

export function RowsGrid({ place, runId, name, wanted, onWanted, fixed = [], beside }: Props) {
  const [limit, setLimit] = useState(PAGE);
  const where = [...fixed, ...conditions(wanted.typed)];
  const found = useAnswer<Table>(runPath(runId, "rows"), {
    name, limit, sort: wanted.sort, desc: wanted.sort !== null && wanted.desc, search: wanted.search,
    where: where.length ? JSON.stringify(where) : null,
  });
  useNews(runId, found.again);
  return (
    <div class="rp-stack">
      <div class="rp-row">
        <Typed class="rp-search" label="Find in all cells" value={wanted.search} onChange={(search) => onWanted({ ...wanted, search })} />
        {found.value && <span class="rs-muted" role="status">{counted(found.value.total ?? found.value.rows.length, "row")}</span>}
        <span class="rp-spring" />
        {beside}
      </div>
      <Shown of={found} what="rows">
        {(table) => (
          <>
            <div class="rp-scroll rp-tall" tabIndex={0}>
              <Rows place={place} runId={runId} table={table} wanted={wanted} onWanted={onWanted} />
            </div>
            {(table.total ?? 0) > table.rows.length && limit < MOST && (
              <Button kind="quiet" onClick={() => setLimit(Math.min(MOST, limit * 5))}>
                {counted(table.total! - table.rows.length, "more row")}; show more
              </Button>
            )}
          </>
        )}
      </Shown>
    </div>
  );
}

const LEADING = 3; // a row's index, step and time stand before its cells

function Rows({ place, runId, table, wanted, onWanted }: { table: Table } & Pick<Props, "place" | "runId" | "wanted" | "onWanted">) {
  const columns = names(table.columns);
  const numeric = columns.map((_, n) => table.rows.length > 0 && table.rows.every(({ [n + LEADING]: cell }) => typeof cell === "number" || cell === null));
  const stepped = new Set(table.rows.map((row) => row[1])).size > 1 && table.rows.some((row) => row[0] !== row[1]);
  const type = (column: string, text: string): void => onWanted({ ...wanted, typed: { ...wanted.typed, [column]: text } });
  return (
    <table class="rp-table">
      <thead>
        <tr>
          {stepped && <th class="rp-num">step</th>}
          {columns.map((column, n) => (
            <th key={column} class={numeric[n] ? "rp-num" : undefined} aria-sort={wanted.sort !== column ? "none" : wanted.desc ? "descending" : "ascending"}>
              <button type="button" onClick={() => onWanted(turned(wanted, column, numeric[n]!))}>
                {column}{wanted.sort === column ? (wanted.desc ? " ↓" : " ↑") : ""}
              </button>
              <Typed class="rp-filter" label={`Only ${column}`} value={wanted.typed[column] ?? ""} onChange={(text) => type(column, text)}
                hint={numeric[n] ? "> 0.5" : "has, = or !="} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {table.rows.map((row) => (
          <tr key={String(row[0])}>
            {stepped && <td class="rp-num">{plain(row[1])}</td>}
            {columns.map((column, n) => (
              <td key={column} class={numeric[n] ? "rp-num" : undefined} title={plain(row[n + LEADING])}>
                <Cell value={row[n + LEADING]} runId={runId} place={place} />
              </td>
            ))}
          </tr>
        ))}
        {!table.rows.length && <tr><td class="rs-muted" colSpan={columns.length || 1}>No row is like that.</td></tr>}
      </tbody>
    </table>
  );
}

const REST = 250; // milliseconds after the last key

/** A field whose text counts once nobody types any more, or at Enter. */
export function Typed(props: { class: string; label: string; value: string; onChange: (text: string) => void; hint?: string }) {
  const [text, setText] = useState(props.value);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => setText(props.value), [props.value]);
  useEffect(() => {
    if (text === latest.current.value) return undefined;
    const timer = setTimeout(() => latest.current.onChange(text), REST);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <input type="search" class={props.class} aria-label={props.label} placeholder={props.hint ?? props.label} value={text} spellcheck={false}
      onInput={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") props.onChange(text);
        if (event.key === "Escape") props.onChange("");
      }} />
  );
}
