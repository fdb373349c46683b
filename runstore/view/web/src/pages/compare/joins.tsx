/** The tables that runs logged under one name, joined by a key: each sample with what every run says of it. */

import { useState } from "preact/hooks";
import { useAnswer } from "../run/asked";
import { Button, Choice } from "../run/buttons";
import type { Place } from "../run/place";
import { counted, number, plain, signed } from "../run/said";
import { Nothing, Shown } from "../run/states";
import { Cell } from "../run/tables/cell";
import { Typed } from "../run/tables/grid";
import { asked, read, turned, written, type JoinedRows, type JoinWanted } from "./join";
import type { Heads } from "./tables";

const PAGE = 100;
const MOST = 1000;

interface Names {
  metrics: { name: string; kind: string; runs: number }[];
}

export function Joins({ place, heads }: { place: Place; heads: Heads }) {
  const found = useAnswer<Names>("metrics", { runs: heads.runs, limit: 5000 });
  return (
    <Shown of={found} what="tables">
      {({ metrics }) => {
        const tables = metrics.filter((one) => one.kind === "table").sort((a, b) => b.runs - a.runs);
        const chosen = tables.find((one) => one.name === place.more["table"]) ?? tables[0];
        if (!chosen) return <Nothing title="No tables">What runs log with log_table or log_row can be joined here, row by row.</Nothing>;
        return <Joined key={chosen.name} place={place} heads={heads} name={chosen.name} tables={tables.map((one) => one.name)} />;
      }}
    </Shown>
  );
}

function Joined({ place, heads, name, tables }: { place: Place; heads: Heads; name: string; tables: string[] }) {
  const [limit, setLimit] = useState(PAGE);
  const wanted = read(place.more["joined"]);
  const order = [heads.base, ...heads.runs.map((_, n) => n).filter((n) => n !== heads.base)]; // the baseline first
  const runs = order.map((n) => heads.runs[n]!);
  const found = useAnswer<JoinedRows>("rows", asked(runs, name, place.more["key"] ?? null, wanted, limit));
  const want = (change: Partial<JoinWanted>): void => place.set({ joined: written({ ...wanted, ...change }) }, true);
  const columns = found.value ? [found.value.key, ...found.value.columns] : [];
  return (
    <div class="rp-stack">
      <div class="rp-row rp-bar">
        <label class="rp-row">Table
          <select class="rp-search" value={name} onChange={(event) => place.set({ table: event.currentTarget.value, key: null, joined: null })}>
            {tables.map((one) => <option key={one}>{one}</option>)}
          </select>
        </label>
        <label class="rp-row">joined by
          <select class="rp-search" value={found.value?.key ?? ""} onChange={(event) => place.set({ key: event.currentTarget.value })}>
            {columns.map((one) => <option key={one}>{one}</option>)}
          </select>
        </label>
        <Choice label="Which rows" value={wanted.differs ? "differing" : "all"} onChange={(to) => want({ differs: to === "differing" })}
          options={[["all", "All rows"], ["differing", "What differs"]]} />
        <Choice label="What heads sort by" value={wanted.change ? "change" : "value"} onChange={(to) => want({ change: to === "change" })}
          options={[["value", "Sort by value"], ["change", "by change"]]} />
        <Typed class="rp-search" label="Find in all cells" value={wanted.search} onChange={(search) => want({ search })} />
        {found.value && <span class="rs-muted" role="status">{counted(found.value.total, "row")}</span>}
      </div>
      <Shown of={found} what="rows">
        {(answer) => (
          <>
            {!answer.keys.includes(answer.key) && <p class="rp-warn">{answer.key} is not another one in each row: of rows that share it the first counts.</p>}
            <div class="rp-scroll rp-tall" tabIndex={0}>
              <Rows place={place} answer={answer} names={order.map((n) => heads.names[n]!)} wanted={wanted} want={want} />
            </div>
            {answer.total > answer.rows.length && limit < MOST && (
              <Button kind="quiet" onClick={() => setLimit(MOST)}>{counted(answer.total - answer.rows.length, "more row")}; show more</Button>
            )}
          </>
        )}
      </Shown>
    </div>
  );
}

function Rows(props: { place: Place; answer: JoinedRows; names: string[]; wanted: JoinWanted; want: (change: Partial<JoinWanted>) => void }) {
  const { place, answer, names, wanted, want } = props;
  return (
    <table class="rp-table rp-hover cmp-joined">
      <thead>
        <tr>
          <th rowSpan={2}>{answer.key}</th>
          {answer.columns.map((column) => (
            <th key={column} colSpan={names.length} class="cmp-edge">
              {column}
              <Typed class="rp-filter" label={`Only ${column}`} hint="has, =, >" value={wanted.typed[column] ?? ""}
                onChange={(text) => want({ typed: { ...wanted.typed, [column]: text } })} />
            </th>
          ))}
        </tr>
        <tr>
          {answer.columns.flatMap((column) => names.map((name, n) => {
            const mine = wanted.sort === column && wanted.of === n;
            return (
              <th key={`${column} ${n}`} class={n === 0 ? "cmp-edge" : undefined} aria-sort={mine ? (wanted.desc ? "descending" : "ascending") : "none"}>
                <button type="button" title={`Sort by ${column} of ${name}`} onClick={() => want(turned(wanted, column, n))}>
                  {name}{mine ? (wanted.desc ? " ↓" : " ↑") : ""}
                </button>
              </th>
            );
          }))}
        </tr>
      </thead>
      <tbody>
        {answer.rows.map(([key, ...cells]) => (
          <tr key={key}>
            <th scope="row">{key}</th>
            {answer.columns.flatMap((column, at) => cells.map((row, n) => (
              <One key={`${column} ${n}`} value={row?.[at]} base={cells[0]?.[at]} first={n === 0} missing={row === null} runId={answer.runs[n]!} place={place} />
            )))}
          </tr>
        ))}
        {!answer.rows.length && <tr><td class="rs-muted" colSpan={1 + answer.columns.length * names.length}>No row is like that.</td></tr>}
      </tbody>
    </table>
  );
}

function One(props: { value: unknown; base: unknown; first: boolean; missing: boolean; runId: string; place: Place }) {
  const { value, base, first, missing, runId, place } = props;
  const classes = [first && "cmp-edge", typeof value === "number" && "rp-num", !first && !missing && JSON.stringify(value) !== JSON.stringify(base) && "cmp-other"];
  const change = typeof value === "number" && typeof base === "number" && !first && value !== base ? value - base : null;
  return (
    <td class={classes.filter(Boolean).join(" ") || undefined} title={missing ? "This run has no such row" : plain(value)}>
      {missing ? <span class="rs-muted">no row</span> : typeof value === "number" ? number(value) : <Cell value={value} runId={runId} place={place} />}
      {change !== null && <span class="rs-muted cmp-change">{signed(Number(change.toPrecision(3)))}</span>}
    </td>
  );
}
