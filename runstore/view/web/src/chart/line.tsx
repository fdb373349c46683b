// The chart of a metric: curves of runs or groups, with everything that can be done to them.

import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Curves } from "../data/cache";
import { dark } from "../theme/scheme";
import { Area } from "./area";
import type { Curve, Range } from "./curve";
import { useDrawn, type Shown } from "./drawn";
import { useCurves, type Fetched } from "./fetching";
import type { Linked } from "./linked";
import type { Item } from "./menu";
import { Notes } from "./notes";
import { useNear } from "./placed";
import { beyond, unplacedX, xRange, yRange } from "./ranges";
import { summary } from "./readings";
import { Swatch } from "./readout";
import { LINES, pointsOf, type Wanted } from "./request";
import { take, WAYS, type Host, type Way } from "./take";
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
  /** The stretch of y that is zoomed to. */
  y?: Range | null;
  /** Spikes are in view too. */
  everything?: boolean;
  /** It is shown as a table. */
  table?: boolean;
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
  /** What the page does for it; without one, nothing that needs one is offered. */
  host?: Host;
  /** The groups' columns and filter as SQL. */
  said?: { groupSql: string[]; whereSql: string } | undefined;
  /** What the page adds to the menu. */
  items?: readonly Item[];
  full?: boolean;
  onFull?: () => void;
  onLook(change: Partial<ChartLook>): void;
}

export function LineChart(props: LineChartProps) {
  const { curves: source, linked, look, full = false, onLook } = props;
  const title = props.title ?? props.wanted.metric;
  const place = useRef<HTMLElement>(null);
  const near = useNear(place) || full;
  const zoom = linked.zoomOf(look.x);
  const [most, setMost] = useState(LINES);
  const { wanted, left } = useMost(props.wanted, most);
  const points = pointsOf(wanted.runs?.length ?? 0, full);
  const fetched = useCurves(source, { ...wanted, x: look.x }, { zoom, points, smoothed: look.smoothing > 0, logX: look.logX, near });
  const curves = useDrawn(fetched.series, look.smoothing, props.known, wanted.runs);
  const kind = curves[0]?.series.xKind ?? look.x; // of another one than is asked for, until that has come
  const stretch = linked.zoomOf(kind);
  const whole = useWhole(curves, kind, look.logX, stretch);
  const x = stretch ?? whole;
  const y = useY(curves, look, x);
  const drawn = x !== null && y !== null && curves.length > 0;
  const reset = (): void => {
    linked.zoom(look.x, null);
    onLook({ y: null });
  };
  const logY = (): void => onLook({ logY: !look.logY, y: null });
  const picture = drawn ? { title, kind, x, y, logX: look.logX, logY: look.logY, curves, dark: dark.value } : null;
  const items = [
    { label: "Logarithmic x axis", checked: look.logX, run: () => onLook({ logX: !look.logX }) },
    ...(props.items ?? []),
    ...ways(props).map(([way, label]) => ({
      label,
      disabled: picture === null,
      run: () => void take(way, picture!, { ...wanted, x: look.x, smoothing: look.smoothing, zoom, ...props.said }, source.source, props.host!),
    })),
  ];
  return (
    <section ref={place} class={`rs-chart${full ? " rs-full" : ""}${fetched.stale ? " rs-stale" : ""}`} aria-label={title}>
      <header>
        <h3 title={title}>{title}</h3>
        <Toolbar
          title={title}
          zoomed={zoom !== null || !!look.y}
          logY={look.logY}
          table={look.table ?? false}
          full={full}
          items={items}
          onReset={reset}
          onLogY={logY}
          onTable={() => onLook({ table: !look.table })}
          onFull={props.onFull}
        />
      </header>
      <div class="rs-chart-body">
        {look.table && drawn && <Twin title={title} kind={kind} curves={curves} range={x} />}
        {!look.table && drawn && near && (
          <Area
            summary={summary(title, curves, kind, wanted.group !== null)}
            kind={{ x: kind, logX: look.logX, logY: look.logY }}
            curves={curves}
            x={x}
            y={y}
            whole={whole ?? x}
            smoothed={look.smoothing > 0}
            dark={dark.value}
            linked={linked}
            onZoom={(range) => linked.zoom(kind, range)}
            onBox={(y) => onLook({ y })}
            onReset={reset}
            onLog={logY}
          />
        )}
        <State fetched={fetched} empty={!drawn} x={look.x} />
      </div>
      {full && <Legend curves={curves} linked={linked} />}
      {drawn && !look.table && (
        <Notes
          curves={curves}
          shown={y}
          unplacedX={look.logX ? unplacedX(curves) : 0}
          everything={look.everything ?? false}
          left={left}
          onEverything={(everything) => onLook({ everything, y: null })}
          onMore={() => setMost(most + LINES)}
        />
      )}
    </section>
  );
}

/** What can be taken out here. */
function ways({ host, curves }: LineChartProps): [Way, string][] {
  if (!host) return [];
  const all = Object.entries(WAYS) as [Way, string][];
  return curves.source.finer ? all : all.filter(([way]) => way !== "parquet"); // a report has no points but those drawn
}

/** The first of many runs; how many more there are. */
function useMost(wanted: LineChartProps["wanted"], most: number): { wanted: LineChartProps["wanted"]; left: number } {
  const { runs } = wanted;
  if (runs === null || runs.length <= most) return { wanted, left: 0 };
  return { wanted: { ...wanted, runs: runs.slice(0, most) }, left: runs.length - most };
}

/** The stretch of y, and what lies outside of it. */
function useY(curves: readonly Curve[], { logY, everything = false, y }: ChartLook, x: Range | null) {
  const box = y && (!logY || y.low > 0) ? y : null;
  return useMemo(() => {
    if (x === null) return null;
    const range = yRange(curves, x, logY, everything);
    return box === null ? range : { ...range, ...box, ...beyond(curves, x, box, logY) };
  }, [curves, x?.low, x?.high, logY, everything, box?.low, box?.high]);
}

/** The whole stretch of x. While zoomed in only a part is there, so what was known before counts. */
function useWhole(curves: readonly Curve[], x: string, logX: boolean, zoom: Range | null): Range | null {
  const known = useRef<{ kind: string; range: Range } | null>(null);
  const kind = `${x} ${logX}`;
  const found = useMemo(() => xRange(curves, logX), [curves, logX]);
  const kept = known.current?.kind === kind ? known.current.range : null;
  const whole = zoom === null || kept === null || found === null ? (found ?? kept) : kept;
  useLayoutEffect(() => {
    if (whole !== null) known.current = { kind, range: whole };
  });
  return whole;
}

function Legend({ curves, linked }: { curves: readonly Curve[]; linked: Linked }) {
  const hovered = linked.hovered.value;
  return (
    <ul class="rs-legend">
      {curves.map(({ id, label, look }) => (
        <li key={id} class={id === hovered ? "rs-hovered" : undefined} onMouseEnter={() => (linked.hovered.value = id)} onMouseLeave={() => (linked.hovered.value = null)}>
          <Swatch colour={look.colour} dash={look.dash} /> {label}
        </li>
      ))}
    </ul>
  );
}

function State({ fetched, empty, x }: { fetched: Fetched; empty: boolean; x: string }) {
  const { error, waiting, again } = fetched;
  if (error !== null) {
    return (
      <div class="rs-chart-state rs-failed" role="alert">
        <p>{error.message}</p>
        <button type="button" onClick={again}>
          Try again
        </button>
      </div>
    );
  }
  if (!empty) return null;
  const along = ["step", "time", "relative"].includes(x) ? "" : ` where they logged ${x} too`;
  return <div class={`rs-chart-state${waiting ? " rs-chart-waiting" : ""}`}>{waiting ? "" : `No points in the runs shown${along}`}</div>;
}
