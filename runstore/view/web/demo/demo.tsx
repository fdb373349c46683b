// The charts on a page of their own, with curves that are made here. `?dark`, `?full`, `?runs=12&smoothing=0.99`.

import { signal } from "@preact/signals";
import { render } from "preact";
import { Linked } from "../src/chart/linked";
import { LineChart, type ChartLook } from "../src/chart/line";
import { Curves } from "../src/data/cache";
import { choose, dark } from "../src/theme/scheme";
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

render(<Demo />, document.getElementById("demo")!);
Object.assign(window, { linked });
