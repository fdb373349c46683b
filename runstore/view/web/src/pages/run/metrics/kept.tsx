/** A chart of the Azure ML SDK's kinds, a histogram, or whatever JSON was logged in their place, step by step. */

import { useMemo, useState } from "preact/hooks";
import { useAnswer } from "../asked";
import { Choice } from "../buttons";
import { Text } from "../files/preview";
import { Slider } from "../images/tab";
import { number } from "../said";
import { runPath, type Metric, type Run } from "../shapes";
import { Shown } from "../states";
import { accuracy, area, bins, confusion, precisionRecall, predictions, roc, type Accuracy } from "./kinds";
import { Matrix } from "./matrix";
import { Plot, type Line } from "./plot";

interface Kept {
  value?: unknown;
  step?: number | null;
  steps?: (number | null)[];
}

export function KeptChart({ run, metric }: { run: Run; metric: Metric }) {
  const [step, setStep] = useState<number | null>(null);
  const found = useAnswer<Kept>(runPath(run.run_id, "value"), { name: metric.name, step });
  return (
    <Shown of={found} what="chart">
      {(answer) => {
        const steps = (answer.steps ?? []).filter((one) => one !== null);
        return (
          <>
            {steps.length > 1 && <Slider steps={steps} step={step} set={setStep} />}
            <Picture payload={answer.value ?? answer} name={metric.name} run={run} />
          </>
        );
      }}
    </Shown>
  );
}

/** What the JSON can be drawn as; else the JSON itself. */
export function Picture({ payload, name, run }: { payload: unknown; name: string; run: Run }) {
  const matrix = useMemo(() => confusion(payload), [payload]);
  const table = useMemo(() => accuracy(payload), [payload]);
  if (matrix) return <Matrix found={matrix} run={run} />;
  if (table) return <Rates found={table} name={name} />;
  const predicted = predictions(payload);
  if (predicted) {
    const points = predicted.averages.map((y, n) => ({ x: (predicted.edges[n]! + predicted.edges[n + 1]!) / 2, y }));
    const line = { name: "mean prediction", points, errors: predicted.errors };
    return (
      <>
        <Plot label={`${name}: predicted against true`} drawn={{ kind: "lines", lines: [line], x: "true", y: "predicted", diagonal: true }} />
        <Histogram found={predicted} name={name} x="true" height={120} />
      </>
    );
  }
  const counted = bins(payload);
  if (counted) return <Histogram found={counted} name={name} x={kindOf(payload) === "residuals" ? "predicted − true" : "value"} />;
  return <Text text={JSON.stringify(payload, null, 2) ?? "nothing"} />;
}

function kindOf(payload: unknown): unknown {
  return typeof payload === "object" && payload !== null ? (payload as Record<string, unknown>)["schema_type"] : null;
}

function Histogram(props: { found: { edges: number[]; counts: number[] }; name: string; x: string; height?: number }) {
  const { edges, counts } = props.found;
  const points = counts.map((y, n) => ({ x: (edges[n]! + edges[n + 1]!) / 2, y }));
  const drawn = { kind: "bars" as const, lines: [{ name: props.name, points }], edges, x: props.x, y: "count" };
  return <Plot label={`${props.name}: ${counts.length} bins`} drawn={props.height ? { ...drawn, height: props.height } : drawn} />;
}

const MOST = 10; // classes that are drawn

function Rates({ found, name }: { found: Accuracy; name: string }) {
  const [way, setWay] = useState<"roc" | "pr">("roc");
  const lines = found.tables.slice(0, MOST).map((table, n): Line => {
    const points = way === "roc" ? roc(table) : precisionRecall(table);
    return { name: `${found.labels[n]} (area ${number(Number(area(points).toFixed(4)))})`, points };
  });
  const names = way === "roc" ? ["false positive rate", "true positive rate"] : ["recall", "precision"];
  return (
    <>
      <Choice label="Which curve" value={way} onChange={setWay} options={[["roc", "ROC"], ["pr", "Precision and recall"]]} />
      <Plot label={`${name}: ${way === "roc" ? "ROC" : "precision and recall"}, ${lines.map((line) => line.name).join(", ")}`}
        drawn={{ kind: "lines", lines, x: names[0]!, y: names[1]!, rates: true, diagonal: way === "roc" }} />
      {found.tables.length > MOST && <p class="rs-muted">the first {MOST} of {found.tables.length} classes</p>}
    </>
  );
}
