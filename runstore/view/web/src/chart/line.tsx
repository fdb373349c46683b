// The chart of a metric: curves of runs or groups, with everything that can be done to them.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Curves } from "../data/cache";
import { owner } from "../data/frame";
import { dark } from "../theme/scheme";
import { lookOf } from "../theme/palettes";
import { Area } from "./area";
import type { Curve, Range } from "./curve";
import { csv, fileName, png, save, svg } from "./export";
import { useCurves, type Wanted } from "./fetching";
import type { Linked } from "./linked";
import { Notes } from "./notes";
import { useNear } from "./placed";
import { beyond, unplacedX, xRange, yRange } from "./ranges";
import { summary } from "./readings";
import { Swatch } from "./readout";
import { smooth } from "./smoothing";
import { Toolbar } from "./toolbar";
import { Twin } from "./twin";
import "uplot/dist/uPlot.min.css";
import "./chart.css";

/** How a chart is drawn: the same words as in the page's state. */
export interface ChartLook {
  smoothing: number;
  x: string;
  logX: boolean;
  logY: boolean;
}

/** What the page knows of a run or a group. */
export interface Shown {
  label: string;
  /** Its place in the palette. */
  place: number;
  hidden?: boolean;
}

export interface LineChartProps {
  curves: Curves;
  linked: Linked;
  /** Which curves; `x` is taken from the look. */
  wanted: Omit<Wanted, "x">;
  title?: string;
  look: ChartLook;
  /** What is known of a run's id, or of a group's key as a text; null leaves the curve out. */
  known(id: string): Shown | null;
  full?: boolean;
  onFull?: () => void;
  onLook(change: Partial<ChartLook>): void;
}

export function LineChart(props: LineChartProps) {
  const { curves: source, linked, wanted, look, full = false } = props;
  const title = props.title ?? wanted.metric;
  const place = useRef<HTMLElement>(null);
  const near = useNear(place);
  const zoom = linked.zoomOf(look.x);
  const fetched = useCurves(source, { ...wanted, x: look.x }, zoom, near || full);
  const curves = useDrawn(fetched.series, look.smoothing, props.known);
  const [box, setBox] = useState<Range | null>(null);
  const [everything, setEverything] = useState(false);
  const [table, setTable] = useState(false);
  useEffect(() => setBox(null), [look.logY, wanted.metric]);

  const whole = useWhole(curves, look, zoom);
  const x = zoom ?? whole;
  const y = useMemo(() => {
    if (x === null) return null;
    const range = yRange(curves, x, look.logY, everything);
    return box === null ? range : { ...range, ...box, ...beyond(curves, x, box, look.logY) };
  }, [curves, x?.low, x?.high, look.logY, everything, box]);
  const drawn = x !== null && y !== null && curves.length > 0;
  const take = (what: "png" | "svg" | "csv"): void => {
    if (!drawn) return;
    if (what === "csv") return save(fileName(title, "csv"), csv(title, look.x, curves), "text/csv");
    const picture = svg({ title, kind: look.x, x, y, logX: look.logX, logY: look.logY, curves, dark: dark.value });
    if (what === "svg") save(fileName(title, "svg"), picture, "image/svg+xml");
    else void png(picture).then((blob) => save(fileName(title, "png"), blob));
  };

  return (
    <section ref={place} class={`rs-chart${full ? " rs-full" : ""}${fetched.stale ? " rs-stale" : ""}`} aria-label={title}>
      <header>
        <h3 title={title}>{title}</h3>
        <Toolbar
          title={title}
          zoomed={zoom !== null || box !== null}
          logX={look.logX}
          logY={look.logY}
          table={table}
          full={full}
          onReset={() => (linked.zoom(look.x, null), setBox(null))}
          onLogX={() => props.onLook({ logX: !look.logX })}
          onLogY={() => props.onLook({ logY: !look.logY })}
          onTable={() => setTable(!table)}
          onFull={props.onFull}
          onTake={take}
        />
      </header>
      <div class="rs-chart-body">
        {table && <Twin title={title} kind={look.x} curves={curves} />}
        {!table && drawn && near && (
          <Area
            summary={summary(title, curves, look.x, wanted.group !== null)}
            kind={{ x: look.x, logX: look.logX, logY: look.logY }}
            curves={curves}
            x={x}
            y={y}
            whole={whole ?? x}
            smoothed={look.smoothing > 0}
            dark={dark.value}
            linked={linked}
            onZoom={(range) => linked.zoom(look.x, range)}
            onBox={setBox}
          />
        )}
        <State waiting={fetched.waiting} error={fetched.error} empty={!drawn && !table} onAgain={fetched.again} />
      </div>
      {full && <Legend curves={curves} linked={linked} />}
      {drawn && !table && <Notes curves={curves} shown={y} unplacedX={look.logX ? unplacedX(curves) : 0} everything={everything} onEverything={setEverything} />}
    </section>
  );
}

/** The curves as they are drawn; smoothed anew only when they or the smoothing changed. */
function useDrawn(series: readonly Curve["series"][], smoothing: number, known: LineChartProps["known"]): Curve[] {
  const lines = useMemo(() => series.map((one) => smooth(one, smoothing)), [series, smoothing]);
  const looks = series.map((one) => known(owner(one)));
  const said = JSON.stringify(looks);
  return useMemo(() => {
    const found: Curve[] = [];
    series.forEach((one, at) => {
      const shown = looks[at];
      if (!shown || shown.hidden || !one.n) return;
      found.push({ id: owner(one), label: shown.label, look: lookOf(shown.place, dark.value), series: one, line: lines[at]! });
    });
    return found;
  }, [series, lines, said, dark.value]);
}

/** The whole stretch of x. While zoomed in only a part is there, so what was known before counts. */
function useWhole(curves: readonly Curve[], look: ChartLook, zoom: Range | null): Range | null {
  const known = useRef<{ kind: string; range: Range } | null>(null);
  const kind = `${look.x} ${look.logX}`;
  const found = useMemo(() => xRange(curves, look.logX), [curves, look.logX]);
  const kept = known.current?.kind === kind ? known.current.range : null;
  const whole = zoom === null || kept === null || found === null ? (found ?? kept) : kept;
  useLayoutEffect(() => {
    if (whole !== null) known.current = { kind, range: whole };
  });
  return whole;
}

function Legend({ curves, linked }: { curves: readonly Curve[]; linked: Linked }) {
  return (
    <ul class="rs-legend">
      {curves.map(({ id, label, look }) => (
        <li key={id} onMouseEnter={() => (linked.hovered.value = id)} onMouseLeave={() => (linked.hovered.value = null)}>
          <Swatch colour={look.colour} dash={look.dash} /> {label}
        </li>
      ))}
    </ul>
  );
}

function State({ waiting, error, empty, onAgain }: { waiting: boolean; error: Error | null; empty: boolean; onAgain(): void }) {
  if (error !== null) {
    return (
      <div class="rs-chart-state rs-failed" role="alert">
        <p>{error.message}</p>
        <button type="button" onClick={onAgain}>
          Try again
        </button>
      </div>
    );
  }
  if (!empty) return null;
  return <div class={`rs-chart-state${waiting ? " rs-waiting" : ""}`}>{waiting ? "" : "No points in the runs shown"}</div>;
}
