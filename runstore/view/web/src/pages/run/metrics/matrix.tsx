/** A confusion matrix as a table whose cells are the darker the more is in them; a cell leads to the samples in it. */

import { useState } from "preact/hooks";
import { Choice } from "../buttons";
import { number } from "../said";
import type { Run } from "../shapes";
import { Samples, type Pair } from "../tables/samples";
import { scores, type Confusion } from "./kinds";

type Way = "counts" | "rows" | "columns";
const WIDE = 12; // classes up to which cells have their numbers written in them

export function Matrix({ found, run }: { found: Confusion; run: Run }) {
  const [way, setWay] = useState<Way>("counts");
  const [told, setTold] = useState("");
  const [pair, setPair] = useState<Pair | null>(null);
  const { matrix, labels } = found;
  const shares = shared(matrix, way);
  const most = Math.max(...shares.flat(), 1e-12);
  const said = (n: number, m: number): string => `true ${labels[n]}, predicted ${labels[m]}: ${number(matrix[n]![m]!)}`;
  const { right, precision, recall } = scores(found);
  return (
    <div class="rp-fresh">
      <div class="rp-row rp-bar">
        <Choice label="What the cells show" value={way} onChange={setWay}
          options={[["counts", "Counts"], ["rows", "Of the true class"], ["columns", "Of the predicted"]]} />
        <span class="rs-muted">{percent(right)} right</span>
      </div>
      <div class="rp-scroll">
        <table class={`rp-matrix${labels.length > WIDE ? " rp-matrix-small" : ""}`}>
          <caption class="rs-unseen">True classes down, predicted classes across</caption>
          <thead>
            <tr><td class="rs-muted">true ↓ predicted →</td>{labels.map((label, n) => <th key={n} title={label}>{label}</th>)}<th class="rs-muted">recall</th></tr>
          </thead>
          <tbody>
            {matrix.map((row, n) => (
              <tr key={n}>
                <th scope="row" title={labels[n]}>{labels[n]}</th>
                {row.map((count, m) => (
                  <td key={m} class={heat(shares[n]![m]! / most)} onPointerEnter={() => setTold(said(n, m))}>
                    <button type="button" title={said(n, m)} aria-label={`${said(n, m)}: show the samples`}
                      aria-pressed={pair?.truth === labels[n] && pair?.guess === labels[m]} onFocus={() => setTold(said(n, m))}
                      onClick={() => setPair({ truth: labels[n]!, guess: labels[m]! })}>
                      {labels.length > WIDE ? "" : way === "counts" ? number(count) : percent(shares[n]![m]!)}
                    </button>
                  </td>
                ))}
                <td class="rp-num rs-muted">{percent(recall[n] ?? null)}</td>
              </tr>
            ))}
            <tr><th scope="row" class="rs-muted">precision</th>{precision.map((one, n) => <td key={n} class="rp-num rs-muted">{percent(one)}</td>)}<td /></tr>
          </tbody>
        </table>
      </div>
      <p class="rp-reading" role="status">{told || "Press a cell to see its samples."}</p>
      {pair && <Samples key={`${pair.truth} ${pair.guess}`} run={run} pair={pair} leave={() => setPair(null)} />}
    </div>
  );
}

function shared(matrix: number[][], way: Way): number[][] {
  if (way === "counts") return matrix;
  const sum = (values: number[]): number => values.reduce((all, one) => all + one, 0) || 1;
  if (way === "rows") return matrix.map((row) => row.map((count) => count / sum(row)));
  return matrix.map((row) => row.map((count, m) => count / sum(matrix.map((other) => other[m]!))));
}

/** One of eleven shades. */
function heat(share: number): string {
  return `rp-heat rp-heat-${Math.max(0, Math.min(10, Math.round(share * 10)))}`;
}

function percent(share: number | null): string {
  return share === null ? "–" : `${(share * 100).toFixed(1)} %`;
}
