/** The curve of one metric of one run. */

import { useCurves, type Wanted } from "../../../chart/fetching";
import { Failed } from "../../../parts/empty";
import { useApp } from "../../../state/app";
import { counted, number } from "../said";
import type { Metric } from "../shapes";
import { Plot } from "./plot";

interface Props {
  runId: string;
  metric: Pick<Metric, "name" | "nan_count" | "inf_count">;
  x?: string;
  source?: "system";
}

export function Curve({ runId, metric, x = "step", source }: Props) {
  const app = useApp();
  const wanted: Wanted = { metric: metric.name, runs: [runId], group: null, x, ...(source ? { source } : {}) };
  const { series, waiting, error, again } = useCurves(app.curves, wanted, null, true);
  const only = series[0];
  const odd = (metric.nan_count ?? 0) + (metric.inf_count ?? 0);
  if (error) return <Failed error={error} again={again} what="No curve:" />;
  if (!only) return <div class="rp-blank rp-chart" aria-busy={waiting}>{waiting ? "" : "no points yet"}</div>;
  const start = x === "time" ? only.x[0] ?? 0 : 0;
  const points = Array.from(only.mean, (y, n) => ({ x: only.x[n]! - start, y }));
  return (
    <>
      <Plot label={`${metric.name}: ${counted(only.countTotal, "point")}, last ${number(only.last[only.n - 1])}`}
        drawn={{ kind: "lines", lines: [{ name: metric.name, points }], x: x === "time" ? "seconds" : x, y: "" }} />
      {odd > 0 && <p class="rp-warn">{counted(odd, "point")} NaN or infinite</p>}
    </>
  );
}
