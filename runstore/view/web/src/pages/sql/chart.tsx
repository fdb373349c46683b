/** An answer as a chart: what is across, what is up, and how it is drawn. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { Choice } from "../run/buttons";
import { Plot, type Drawn } from "../run/metrics/plot";
import { Nothing } from "../run/states";
import { columns, drawing, text, type Drawing } from "./answer";

const MOST = 5_000; // rows that are drawn

export function Chart({ names, rows }: { names: string[]; rows: unknown[][] }) {
  const all = useMemo(() => columns(names, rows), [names, rows]);
  const first = useMemo(() => drawing(all, rows), [all, rows]);
  const [wanted, setWanted] = useState<Drawing | null>(first);
  useEffect(() => setWanted(first), [first]);
  if (!wanted) return <Nothing title="Nothing to draw">A chart wants two rows or more, and a column of numbers.</Nothing>;
  const numeric = all.flatMap((column, n) => (column.numeric ? [n] : []));
  const pick = (change: Partial<Drawing>): void => setWanted({ ...wanted, ...change });
  return (
    <div class="rp-stack">
      <div class="rp-row rp-bar">
        <Choice label="How it is drawn" value={wanted.kind} onChange={(kind) => pick({ kind })}
          options={[["line", "Line"], ["scatter", "Dots"], ["bars", "Bars"]]} />
        <label class="rp-row">Across
          <select class="rp-search" value={wanted.x} onChange={(event) => pick({ x: Number(event.currentTarget.value) })}>
            {all.map((column, n) => <option key={n} value={n}>{column.name}</option>)}
          </select>
        </label>
        <fieldset class="sql-up">
          <legend class="rs-unseen">Up</legend>
          {numeric.filter((n) => n !== wanted.x).slice(0, 8).map((n) => (
            <label key={n}>
              <input type="checkbox" checked={wanted.y.includes(n)}
                onChange={(event) => pick({ y: event.currentTarget.checked ? [...wanted.y, n] : wanted.y.filter((one) => one !== n) })} />
              {all[n]!.name}
            </label>
          ))}
        </fieldset>
      </div>
      <div class="sql-chart"><Picture wanted={wanted} names={names} rows={rows.slice(0, MOST)} timed={all[wanted.x]?.time ?? false} numeric={all[wanted.x]?.numeric ?? false} /></div>
      {rows.length > MOST && <p class="rs-muted">the first {MOST.toLocaleString("en-US")} rows are drawn</p>}
    </div>
  );
}

function Picture(props: { wanted: Drawing; names: string[]; rows: unknown[][]; timed: boolean; numeric: boolean }) {
  const { wanted, names, rows, timed, numeric } = props;
  if (wanted.kind === "bars") return <Bars wanted={wanted} names={names} rows={rows} />;
  const start = timed ? Math.min(...rows.map((row) => Date.parse(String(row[wanted.x])))) : 0;
  const x = (row: unknown[], n: number): number =>
    timed ? (Date.parse(String(row[wanted.x])) - start) / 3_600_000 : numeric ? (row[wanted.x] as number) : n;
  const lines = wanted.y.map((y) => ({
    name: names[y]!, points: rows.map((row, n) => ({ x: x(row, n), y: typeof row[y] === "number" ? row[y] : NaN })),
  }));
  const drawn: Drawn = {
    kind: wanted.kind === "line" ? "lines" : "dots", lines, height: 280,
    x: timed ? `${names[wanted.x]}, hours from the first` : names[wanted.x] ?? "", y: lines.length === 1 ? lines[0]!.name : "",
  };
  return <Plot drawn={drawn} label={`${lines.map((line) => line.name).join(", ")} by ${names[wanted.x]}`} />;
}

/** Bars that lie, so that long names can be read. */
function Bars({ wanted, names, rows }: { wanted: Drawing; names: string[]; rows: unknown[][] }) {
  const y = wanted.y[0];
  if (y === undefined) return null;
  const values = rows.slice(0, 60).map((row) => ({ name: text(row[wanted.x]) || "–", value: typeof row[y] === "number" ? row[y] : 0 }));
  const most = Math.max(...values.map((one) => Math.abs(one.value)), 1e-12);
  return (
    <table class="sql-bars">
      <caption class="rs-unseen">{names[y]} by {names[wanted.x]}</caption>
      <tbody>
        {values.map((one, n) => (
          <tr key={n}>
            <th scope="row" title={one.name}>{one.name}</th>
            <td><i style={{ width: `${(100 * Math.abs(one.value)) / most}%` }} /></td>
            <td class="rp-num">{one.value.toLocaleString("en-US")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
