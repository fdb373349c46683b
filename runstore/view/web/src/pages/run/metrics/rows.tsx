/** A logged table: as a curve where its columns make one, else its rows; and the rows of an answer. */

import { useMemo, useState } from "preact/hooks";
import { useAnswer } from "../asked";
import { Choice, Search } from "../buttons";
import type { Place } from "../place";
import { counted, plain } from "../said";
import { names, runPath, type Run, type Table } from "../shapes";
import { Shown } from "../states";
import { RowsGrid } from "../tables/grid";
import { read, written } from "../tables/wanted";
import { sorted } from "../../sql/answer";
import { curveOf } from "./kinds";
import { Plot } from "./plot";

const MOST = 2_000; // rows that are drawn
const LEADING = 3; // a row's index, step and time stand before its cells

export function Rows({ run, name, place }: { run: Run; name: string; place: Place }) {
  const found = useAnswer<Table>(runPath(run.run_id, "rows"), { name, limit: MOST });
  const kept = `rows ${name}`; // in the address
  const columns = names(found.value?.columns ?? []);
  const rows = (found.value?.rows ?? []).map((row) => row.slice(LEADING));
  const curve = useMemo(() => curveOf(columns, rows), [found.value]);
  const [way, setWay] = useState<"chart" | "table">("chart");
  const choice = curve && <Choice label="How it is shown" value={way} onChange={setWay} options={[["chart", "Chart"], ["table", "Table"]]} />;
  if (!found.value) return <Shown of={found} what="rows">{() => null}</Shown>;
  if (!curve || way === "table") {
    return (
      <RowsGrid place={place} runId={run.run_id} name={name} wanted={read(place.more[kept])} beside={choice}
        onWanted={(wanted) => place.set({ [kept]: written(wanted) }, true)} />
    );
  }
  return (
    <>
      <div class="rp-row"><span class="rp-spring" />{choice}</div>
      <Plot label={`${name}: ${curve.y.map((n) => columns[n]).join(", ")} by ${columns[curve.x]}`}
        drawn={{
          kind: "lines", x: columns[curve.x]!, y: curve.y.length === 1 ? columns[curve.y[0]!]! : "",
          lines: curve.y.map((n) => ({
            name: columns[n]!, points: rows.map((row) => ({ x: row[curve.x] as number, y: row[n] as number })),
          })),
        }} />
    </>
  );
}

/** Rows under heads that sort them. */
export function Grid({ columns, rows }: { columns: readonly string[]; rows: readonly unknown[][] }) {
  const [order, setOrder] = useState<{ place: number; down: boolean } | null>(null);
  const [sought, setSought] = useState("");
  const shown = useMemo(() => {
    const low = sought.toLowerCase();
    const found = low ? rows.filter((row) => row.some((cell) => plain(cell).toLowerCase().includes(low))) : rows;
    return order ? sorted(found, order.place, order.down) : found;
  }, [rows, order, sought]);
  const numeric = columns.map((_, n) => rows.length > 0 && rows.every((row) => typeof row[n] === "number" || row[n] === null));
  const turn = (place: number): void =>
    setOrder(order?.place !== place ? { place, down: numeric[place]! } : order.down === numeric[place] ? { place, down: !order.down } : null);
  return (
    <div class="rp-fresh">
      {rows.length > 10 && <Search value={sought} onChange={setSought} label={`Find in ${counted(rows.length, "row")}`} />}
      <div class="rp-scroll rp-tall" tabIndex={0}>
        <table class="rp-table">
          <thead>
            <tr>
              {columns.map((name, n) => (
                <th key={n} class={numeric[n] ? "rp-num" : undefined} aria-sort={order?.place === n ? (order.down ? "descending" : "ascending") : "none"}>
                  <button type="button" onClick={() => turn(n)}>{name}{order?.place === n ? (order.down ? " ↓" : " ↑") : ""}</button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.slice(0, MOST).map((row, n) => (
              <tr key={n}>{columns.map((_, m) => <td key={m} class={numeric[m] ? "rp-num" : undefined} title={plain(row[m])}>{plain(row[m])}</td>)}</tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length > MOST && <p class="rs-muted">the first {MOST.toLocaleString("en-US")} of {counted(shown.length, "row")} are shown; find or sort for others</p>}
    </div>
  );
}
