// The charts on a page of their own, with curves that are made here. `?dark`, `?full`, `?runs=12&smoothing=0.99`.

import { signal } from "@preact/signals";
import { render } from "preact";
import { Linked } from "../src/chart/linked";
import { LineChart, type ChartLook } from "../src/chart/line";
import { Curves } from "../src/data/cache";
import { choose, dark } from "../src/theme/scheme";
import { columnOf, type Row } from "../src/chart/columns";
import { Heat } from "../src/chart/heat";
import { Importance } from "../src/chart/importance";
import { Parallel } from "../src/chart/parallel";
import { Scatter } from "../src/chart/scatter";
import "../src/theme/tokens.css";
import "./page.css";
import { made, METRICS } from "./made";

const query = new URLSearchParams(location.search);
choose(query.has("dark") ? "dark" : "light");
const runs = Array.from({ length: Number(query.get("runs") ?? 5) }, (_, at) => `run-${at}`);
const curves = new Curves(made);
const linked = new Linked();
const looks = signal<Record<string, ChartLook>>(
  Object.fromEntries(
    METRICS.map((metric) => [
      metric,
      { smoothing: Number(query.get("smoothing") ?? 0.99), x: "step", logX: query.has("logx"), logY: metric === "lr" || query.has("logy") },
    ]),
  ),
);
const known = (id: string) => ({ label: id, place: Number(id.slice(4)) });
if (query.has("zoom")) linked.zoom("step", { low: 4000, high: 7000 });

function Demo() {
  const metrics = query.has("full") ? [METRICS[0]!] : METRICS;
  return (
    <div class="rs" data-theme={dark.value ? "dark" : "light"}>
      <div class={query.has("full") ? "demo-full" : "demo"}>
        {metrics.map((metric) => (
          <LineChart
            key={metric}
            curves={curves}
            linked={linked}
            wanted={{ metric, runs, group: null }}
            look={looks.value[metric]!}
            known={known}
            full={query.has("full")}
            onFull={() => undefined}
            onLook={(change) => (looks.value = { ...looks.value, [metric]: { ...looks.value[metric]!, ...change } })}
          />
        ))}
      </div>
    </div>
  );
}

const names = ["lr", "depth", "optimizer", "dropout", "val/loss"];
const trials: Row[] = Array.from({ length: 60 }, (_, at) => {
  const random = (salt: number): number => (((Math.sin(at * 12.9898 + salt * 78.233) * 43758.5453) % 1) + 1) % 1;
  const lr = 10 ** (-5 + 4 * random(1));
  const depth = 2 + Math.floor(random(2) * 8);
  const optimizer = ["adam", "sgd", "lion"][Math.floor(random(3) * 3)]!;
  const dropout = random(4) * 0.5;
  const loss = Math.abs(Math.log10(lr) + 3) * 0.3 + 1 / depth + (optimizer === "sgd" ? 0.2 : 0) + 0.1 * random(5);
  return { id: `run-${at}`, label: `run ${at}`, place: at, cells: [lr, depth, optimizer, dropout, at % 13 ? loss : null] };
});
const axes = names.map((name, at) => columnOf(name, name, trials.map((row) => row.cells[at]))!);
const chosen = signal<string>("");
const pair = trials.map((row) => ({ ...row, cells: [row.cells[0], row.cells[4]] }));
const digits = Array.from({ length: 10 }, (_, at) => String(at));
const counts = digits.map((_, row) => digits.map((__, column) => (row === column ? 90 - row : (row * 7 + column * 3) % 9)));

function Figures() {
  const cells = (at: number) => trials.map((row) => row.cells[at]);
  return (
    <div class="rs demo-figures" data-theme={dark.value ? "dark" : "light"}>
      <div class="demo-wide">
        <Parallel rows={trials} columns={axes} by={4} hovered={linked.hovered} onChosen={(ids) => (chosen.value = ids === null ? "all" : String(ids.length))} />
      </div>
      <div><Scatter rows={pair} x={axes[0]!} y={axes[4]!} hovered={linked.hovered} /></div>
      <div><Heat title="confusion" rows={digits} columns={digits} values={counts} rowLabel="true" columnLabel="predicted" /></div>
      <div><Importance outcome="val/loss" cells={cells(4)} columns={[0, 1, 3].map((at) => ({ name: names[at]!, label: names[at]!, cells: cells(at) }))} /></div>
      <output>{chosen.value}</output>
    </div>
  );
}

render(query.has("figures") ? <Figures /> : <Demo />, document.getElementById("demo")!);
Object.assign(window, { linked });
