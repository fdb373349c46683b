/** A logged table: its rows, sorted and found, and as a curve where its columns make one. */

import { useMemo, useState } from "preact/hooks";
import { useAnswer, useNews } from "../asked";
import { Button, Choice, Search } from "../buttons";
import { counted, plain } from "../said";
import { names, runPath, type Run, type Table } from "../shapes";
import { Shown } from "../states";
import { sorted } from "../../sql/answer";
import { curveOf } from "./kinds";
import { Plot } from "./plot";

const PAGE = 500;
const MOST = 2_000; // rows that are drawn

export function Rows({ run, name }: { run: Run; name: string }) {
  const [limit, setLimit] = useState(PAGE);
  const found = useAnswer<Table>(runPath(run.run_id, "rows"), { name, limit });
  useNews(run.run_id, found.again);
  return (
    <Shown of={found} what="rows">
      {(table) => (
        <>
          <Both table={cellsOf(table)} name={name} />
          {(table.total ?? 0) > table.rows.length && (
            <Button kind="quiet" onClick={() => setLimit(limit * 4)}>
              {counted(table.total! - table.rows.length, "more row")}; show more
            </Button>
          )}
        </>
      )}
    </Shown>
  );
}

const LEADING = 3; // a row's index, step and time stand before its cells

/** The cells alone; with the steps where they say more than the index does. */
export function cellsOf(table: Table): { columns: string[]; rows: unknown[][] } {
  const columns = names(table.columns);
  if (!table.rows.every((row) => row.length === columns.length + LEADING)) return { columns, rows: table.rows };
  const stepped = table.rows.some((row) => row[0] !== row[1]) && new Set(table.rows.map((row) => row[1])).size > 1;
  if (!stepped) return { columns, rows: table.rows.map((row) => row.slice(LEADING)) };
  return { columns: ["step", ...columns], rows: table.rows.map((row) => [row[1], ...row.slice(LEADING)]) };
}

function Both({ table, name }: { table: { columns: string[]; rows: unknown[][] }; name: string }) {
  const { columns } = table;
  const curve = useMemo(() => curveOf(columns, table.rows), [columns.join(), table.rows.length]);
  const [way, setWay] = useState<"chart" | "table">(curve ? "chart" : "table");
  return (
    <>
      {curve && <Choice label="How it is shown" value={way} onChange={setWay} options={[["chart", "Chart"], ["table", "Table"]]} />}
      {curve && way === "chart" ? (
        <Plot label={`${name}: ${curve.y.map((n) => columns[n]).join(", ")} by ${columns[curve.x]}`}
          drawn={{
            kind: "lines", x: columns[curve.x]!, y: curve.y.length === 1 ? columns[curve.y[0]!]! : "",
            lines: curve.y.map((n) => ({
              name: columns[n]!, points: table.rows.map((row) => ({ x: row[curve.x] as number, y: row[n] as number })),
            })),
          }} />
      ) : (
        <Grid columns={columns} rows={table.rows} />
      )}
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
