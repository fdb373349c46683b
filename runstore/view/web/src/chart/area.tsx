// The drawn part of a chart: it mounts a plot, and turns pointer, wheel and keys into what the chart is to show.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Curve, Range } from "./curve";
import { doings, pressed } from "./deeds";
import type { Linked } from "./linked";
import { useSize } from "./placed";
import { Plot, type Kind } from "./plot";
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
  onReset(): void;
  onLog(): void;
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
  const drawn = useRef<Plot | null>(null);
  drawn.current = plot;
  const deeds = useMemo(() => doings(now, linked, me, moving, drawn), [linked]);

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
            <Readout x={at} kind={kind.x} rows={rows} hovered={hovered} pinned={linked.pinned.value} left={plot.left(at)} smoothed={smoothed} />
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
