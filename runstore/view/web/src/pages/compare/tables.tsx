/** Params, facts and metrics of runs in columns: what differs first, and marked. */

import { useState } from "preact/hooks";
import { Button, Choice, Search } from "../run/buttons";
import { counted, number, plain, signed } from "../run/said";
import { Nothing } from "../run/states";
import { better, changedFirst, classes, deltas, nested, relative, type Named } from "./deltas";

export interface Heads {
  runs: string[];
  names: string[];
  base: number;
  href: (run: string) => string;
}

const SHOWN = 300;

function useRows<N extends Named>(all: N[]): { rows: N[]; controls: preact.JSX.Element; same: number } {
  const [every, setEvery] = useState(false);
  const [sought, setSought] = useState("");
  const ordered = changedFirst(all);
  const same = all.filter((one) => !one.differs).length;
  const low = sought.toLowerCase();
  const rows = ordered.filter((one) => (every || one.differs) && (!low || one.name.toLowerCase().includes(low)));
  const controls = (
    <div class="rp-row rp-bar">
      <Search value={sought} onChange={setSought} label="Find a name" />
      <Choice label="What is shown" value={every ? "all" : "differing"} onChange={(to) => setEvery(to === "all")}
        options={[["differing", `What differs (${all.length - same})`], ["all", `All (${all.length})`]]} />
    </div>
  );
  return { rows: rows.slice(0, SHOWN), controls, same };
}

function Head({ heads, first }: { heads: Heads; first: string }) {
  return (
    <thead>
      <tr>
        <th>{first}</th>
        {heads.runs.map((run, n) => (
          <th key={run} class={n === heads.base ? "cmp-base" : undefined}>
            <a href={heads.href(run)}>{heads.names[n]}</a>{n === heads.base && " baseline"}
          </th>
        ))}
      </tr>
    </thead>
  );
}

export function Values({ heads, all, noun, none }: { heads: Heads; all: Named[]; noun: string; none: string }) {
  const { rows, controls, same } = useRows(all);
  if (!all.length) return <Nothing title={none} />;
  return (
    <div class="rp-stack">
      {controls}
      {rows.length > 0 ? (
        <div class="rp-scroll">
          <table class="rp-table rp-hover">
            <Head heads={heads} first={noun} />
            <tbody>
              {nested(rows).map((one, at) =>
                "head" in one ? (
                  <tr key={`${at} ${one.head}`} class="cmp-head">
                    <th scope="rowgroup" colSpan={heads.runs.length + 1} style={{ paddingInlineStart: `${12 + one.depth * 18}px` }}>{one.head}</th>
                  </tr>
                ) : (
                  <Row key={one.row.name} row={one.row} label={one.label} depth={one.depth} base={heads.base} />
                ),
              )}
            </tbody>
          </table>
        </div>
      ) : (
        <p class="rs-muted">{same ? `${counted(same, noun)}: the same in all of these runs.` : "None has that in its name."}</p>
      )}
    </div>
  );
}

function Row({ row, label, depth, base }: { row: Named; label: string; depth: number; base: number }) {
  const alike = classes(row.values);
  return (
    <tr>
      <th scope="row" title={row.name} style={{ paddingInlineStart: `${12 + depth * 18}px` }}>{label}</th>
      {row.values.map((value, n) => (
        <td key={n} title={plain(value)} class={alike[n] === alike[base] ? undefined : "cmp-other"}>{plain(value)}</td>
      ))}
    </tr>
  );
}

export function Metrics({ heads, metrics }: { heads: Heads; metrics: Named[] }) {
  const { rows, controls } = useRows(metrics);
  const [share, setShare] = useState(false);
  if (!metrics.length) return <Nothing title="These runs have no metrics" />;
  return (
    <div class="rp-stack">
      <div class="rp-row">{controls}<Button pressed={share} onClick={() => setShare(!share)}>In percent</Button></div>
      <div class="rp-scroll">
        <table class="rp-table rp-hover cmp-metrics">
          <Head heads={heads} first="last value" />
          <tbody>
            {rows.map((row) => {
              const away = deltas(row.values, heads.base);
              return (
                <tr key={row.name}>
                  <th scope="row" title={row.name}>{row.name}</th>
                  {row.values.map((value, n) => (
                    <td key={n} class="rp-num">
                      {typeof value === "number" ? number(value) : plain(value)}
                      {n !== heads.base && <Delta value={away[n] ?? null} base={row.values[heads.base]} name={row.name} share={share} />}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {!rows.length && <p class="rs-muted">Nothing that differs.</p>}
    </div>
  );
}

function Delta({ value, base, name, share }: { value: number | null; base: unknown; name: string; share: boolean }) {
  const part = share ? relative(value, base) : null;
  const way = better(name);
  const good = value && way ? (value > 0) === (way === "up") : null;
  const text = value === null || (share && part === null) ? "" : part !== null ? `${signed(Number((part * 100).toPrecision(3)))} %` : signed(Number(value.toPrecision(4)));
  const tone = good === null ? "rs-muted" : good ? "rp-good" : "rp-bad";
  return <span class={`cmp-delta ${tone}`} title={good === null ? undefined : good ? "better" : "worse"}>{text}</span>;
}
