// The drawn part of a chart: it mounts a plot, and turns pointer, wheel and keys into what the chart is to show.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { batch } from "@preact/signals";
import type { Curve, Range } from "./curve";
import { deedOf, stepped, type Deed } from "./keys";
import type { Linked } from "./linked";
import { useSize } from "./placed";
import { Plot, type Kind } from "./plot";
import { moved, zoomed } from "./ranges";
import { readings, spoken } from "./readings";
import { Readout } from "./readout";

export interface AreaProps {
  /** What the chart is, in one sentence. */
  summary: string;
  kind: Kind;
  curves: readonly Curve[];
  x: Range;
  y: Range;
  /** Everything there is of x: no zoom out goes further. */
  whole: Range;
  smoothed: boolean;
  dark: boolean;
  linked: Linked;
  onZoom(x: Range | null): void;
  onBox(y: Range | null): void;
}

export function Area(props: AreaProps) {
  const { kind, curves, x, y, linked, smoothed, dark } = props;
  const place = useRef<HTMLDivElement>(null);
  const size = useSize(place);
  const me = useMemo(() => Symbol("chart"), []);
  const [plot, setPlot] = useState<Plot | null>(null);
  const now = useRef(props);
  now.current = props;
  const moving = useRef(false);

  const hovered = linked.hovered.value;
  const cursor = linked.cursor.value;
  const at = cursor !== null && cursor.kind === kind.x ? cursor.x : null;
  const mine = cursor?.by === me;
  const deeds = useMemo(() => doings(now, linked, me, moving), [linked]);

  const ready = size.width > 40 && size.height > 40;
  useLayoutEffect(() => {
    if (!ready || place.current === null) return;
    const made = new Plot(place.current, kind, size.width, size.height, deeds);
    setPlot(made);
    return () => (made.destroy(), setPlot(null));
  }, [ready, kind.x, kind.logX, kind.logY, dark]);

  useLayoutEffect(() => plot?.resize(size.width, size.height), [plot, size.width, size.height]);
  useLayoutEffect(() => {
    plot?.show({ x, y, curves, hovered, raw: smoothed }, moving.current);
    moving.current = false;
  }, [plot, x.low, x.high, y.low, y.high, curves, hovered, smoothed, size.width, size.height]);

  const placed = plot !== null && at !== null && Number.isFinite(plot.left(at)); // a new plot has no scales yet
  const rows = placed ? readings(curves, at) : [];
  return (
    <>
      <div
        class="rs-plot"
        ref={place}
        role="img"
        aria-label={props.summary}
        tabIndex={0}
        onKeyDown={(event) => pressed(event, now.current, linked, me)}
        onBlur={() => mine && !linked.pinned.value && linked.release()}
      />
      {placed && (
        <div class="rs-crosshair" style={boxOf(plot)}>
          <svg class="rs-dots" width={plot.uplot.over.clientWidth} height={plot.uplot.over.clientHeight} aria-hidden="true">
            <line x1={plot.left(at)} x2={plot.left(at)} y1="0" y2="100%" />
            {rows.map((row) => {
              const [cx, cy] = [plot.left(row.x), plot.top(row.value)];
              return cy >= 0 && Number.isFinite(cx) && <circle key={row.curve.id} cx={cx} cy={cy} r={row.curve.id === hovered ? 5 : 3.5} fill={row.curve.look.colour} />;
            })}
          </svg>
          {mine && (
            <Readout x={at} kind={kind.x} rows={rows} hovered={hovered} pinned={linked.pinned.value} left={plot.left(at)} width={plot.uplot.over.clientWidth} smoothed={smoothed} />
          )}
        </div>
      )}
      <Spoken text={mine && at !== null ? spoken(curves, at, kind.x) : ""} />
    </>
  );
}

/** What is read out when the crosshair rests. */
function Spoken({ text }: { text: string }) {
  const [said, say] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => say(text), 250);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div class="rs-unseen" aria-live="polite">
      {said}
    </div>
  );
}

function boxOf({ uplot: { over } }: Plot) {
  const { offsetLeft, offsetTop, clientWidth, clientHeight } = over;
  return { left: `${offsetLeft}px`, top: `${offsetTop}px`, width: `${clientWidth}px`, height: `${clientHeight}px` };
}

/** The zoom asked for, kept within what there is; null if that is everything. */
function kept(range: Range, whole: Range): Range | null {
  const low = Math.max(range.low, whole.low);
  const high = Math.min(range.high, whole.high);
  if (low <= whole.low && high >= whole.high) return null;
  return high > low && high - low > Math.abs(high) * 1e-12 ? { low, high } : { low: whole.low, high: whole.high };
}

function doings(now: { current: AreaProps }, linked: Linked, me: symbol, moving: { current: boolean }) {
  const zoom = (range: Range): void => {
    moving.current = true;
    now.current.onZoom(kept(range, now.current.whole));
  };
  return {
    pointed: (x: number | null) => {
      const { kind, curves } = now.current;
      batch(() => {
        if (x === null && linked.cursor.value?.by !== me) return;
        linked.point(kind.x, x === null || !curves.length ? null : x, me);
      });
    },
    clicked: () => linked.pin(),
    boxed: (x: Range | null, y: Range | null) => {
      if (x !== null) now.current.onZoom(kept(x, now.current.whole));
      if (y !== null) now.current.onBox(y);
    },
    reset: () => {
      now.current.onZoom(null);
      now.current.onBox(null);
    },
    wheeled: (at: number, factor: number) => zoom(zoomed(now.current.x, at, factor, now.current.kind.logX)),
    dragged: (x: number, y: number) => {
      const { x: range, y: up, kind, whole, onBox } = now.current;
      if (x) {
        const to = moved(range, -x, kind.logX);
        if (to.low >= whole.low && to.high <= whole.high) zoom(to);
      }
      if (y) onBox(moved(up, y, kind.logY));
    },
  };
}

function pressed(event: KeyboardEvent, props: AreaProps, linked: Linked, me: symbol): void {
  const { kind, curves, x } = props;
  const at = linked.cursor.value?.kind === kind.x ? linked.cursor.value.x : null;
  const deed = deedOf(event);
  if (deed !== null) {
    if (!done(deed, props, linked, at)) return;
  } else {
    const to = event.ctrlKey || event.metaKey || event.altKey ? null : stepped(curves, x, at, event.key, event.shiftKey);
    if (to === null) return;
    linked.pinned.value = false;
    linked.point(kind.x, to, me);
  }
  event.preventDefault();
  event.stopPropagation();
}

/** Do it; whether there was something to do. */
function done(deed: Deed, props: AreaProps, linked: Linked, at: number | null): boolean {
  const { x, kind, whole } = props;
  const around = at ?? (kind.logX ? Math.sqrt(x.low * x.high) : (x.low + x.high) / 2);
  if (deed === "pin") linked.pin();
  else if (deed === "release") {
    if (linked.cursor.value === null) return false;
    linked.release();
  } else if (deed === "reset") {
    props.onZoom(null);
    props.onBox(null);
  } else if (deed === "narrower" || deed === "wider") {
    props.onZoom(kept(zoomed(x, around, deed === "narrower" ? 0.5 : 2, kind.logX), whole));
  } else {
    const rows = readings(props.curves, around);
    if (!rows.length) return false;
    const place = rows.findIndex((row) => row.curve.id === linked.hovered.value);
    const to = deed === "down" ? place + 1 : place < 0 ? rows.length - 1 : place - 1;
    linked.hovered.value = rows[to]?.curve.id ?? null;
  }
  return true;
}
