/** Parallel coordinates: a line for each trial through its params to its value; a stretch dragged on an axis picks some. */

import { useMemo, useRef, useState } from "preact/hooks";
import { Button } from "../run/buttons";
import { tick } from "../run/metrics/axis";
import { counted, number, plain } from "../run/said";
import { brushed, lane, within, type Brush, type Lane } from "./lanes";
import type { Goal, Trial } from "./trials";

interface Props {
  trials: Trial[];
  names: string[];
  metric: string;
  goal: Goal;
  href: (run: string) => string;
  /** Called with the trials within all brushes; null when there is no brush. */
  onPicked: (ids: ReadonlySet<string> | null) => void;
}

const [WIDTH, HEIGHT, TOP, BOTTOM, SIDE] = [840, 300, 34, 14, 60];

export function Parallel({ trials, names, metric, goal, href, onPicked }: Props) {
  const [brushes, setBrushes] = useState<ReadonlyMap<number, Brush>>(new Map());
  const [told, setTold] = useState<Trial | null>(null);
  const shown = trials.filter((trial) => trial.value !== null && Number.isFinite(trial.value));
  const lanes = useMemo(
    () => [...names.map((name) => lane(name, shown.map((trial) => trial.params[name]), tick)), lane(metric, shown.map((trial) => trial.value), tick)],
    [trials, names.join("\n"), metric],
  );
  const across = (n: number): number => SIDE + (n * (WIDTH - 2 * SIDE)) / Math.max(1, lanes.length - 1);
  const down = (place: number): number => HEIGHT - BOTTOM - place * (HEIGHT - TOP - BOTTOM);
  const places = shown.map((trial) => lanes.map((one, n) => one.at(n < names.length ? trial.params[names[n]!] : trial.value)));
  const inside = places.map((all) => within(all, brushes));
  const brush = (n: number, to: Brush | null): void => {
    const next = new Map(brushes);
    if (to) next.set(n, to);
    else next.delete(n);
    pick(next);
  };
  const pick = (next: ReadonlyMap<number, Brush>): void => {
    setBrushes(next);
    onPicked(next.size ? new Set(shown.filter((_, n) => within(places[n]!, next)).map((trial) => trial.run_id)) : null);
  };
  return (
    <div class="swp-parallel">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${counted(shown.length, "trial")} by ${names.join(", ")} and ${metric}`}>
        {shown.map((trial, n) => {
          const last = places[n]![lanes.length - 1] ?? 0;
          const good = goal === "minimize" ? 1 - last : last;
          return (
            <polyline key={trial.run_id} class={`swp-line swp-shade-${Math.round(good * 8)}${inside[n] ? "" : " swp-out"}${told === trial ? " swp-told" : ""}`}
              points={places[n]!.flatMap((place, m) => (place === null ? [] : [`${across(m)},${down(place)}`])).join(" ")}
              onPointerEnter={() => setTold(trial)} onPointerLeave={() => setTold(null)} />
          );
        })}
        {lanes.map((one, n) => <Axis key={one.name} lane={one} x={across(n)} down={down} brush={brushes.get(n) ?? null} set={(to) => brush(n, to)} />)}
      </svg>
      <p class="rp-row rp-reading" role="status">
        {told ? <><a href={href(told.run_id)}>{told.run_id}</a> {metric} {number(told.value)}: {names.map((name) => `${name} ${plain(told.params[name])}`).join(", ")}</>
          : brushes.size ? `${counted(inside.filter(Boolean).length, "trial")} of ${shown.length} picked`
            : "Drag along an axis to pick trials; darker lines are better."}
        {brushes.size > 0 && <Button kind="quiet" onClick={() => pick(new Map())}>Pick all</Button>}
      </p>
    </div>
  );
}

function Axis(props: { lane: Lane; x: number; down: (place: number) => number; brush: Brush | null; set: (to: Brush | null) => void }) {
  const { lane: one, x, down, brush, set } = props;
  const start = useRef<number | null>(null);
  const place = (event: PointerEvent): number => {
    const frame = (event.currentTarget as SVGElement).getBoundingClientRect();
    return 1 - Math.max(0, Math.min(1, (event.clientY - frame.top) / frame.height));
  };
  return (
    <g class="swp-axis">
      <line x1={x} x2={x} y1={down(0)} y2={down(1)} />
      <text class="swp-name" x={x} y={16} text-anchor="middle">{one.name.length > 22 ? `${one.name.slice(0, 21)}…` : one.name}<title>{one.name}</title></text>
      {one.ticks.map((each) => (
        <text key={each.at} x={x + 6} y={down(each.at) + 4}>{each.text.length > 14 ? `${each.text.slice(0, 13)}…` : each.text}</text>
      ))}
      {brush && <rect class="swp-brush" x={x - 8} width={16} y={down(brush[1])} height={Math.max(2, down(brush[0]) - down(brush[1]))} />}
      <rect class="swp-grip" x={x - 14} width={28} y={down(1)} height={down(0) - down(1)}
        onPointerDown={(event) => { start.current = place(event); (event.currentTarget as SVGElement).setPointerCapture(event.pointerId); }}
        onPointerMove={(event) => {
          if (start.current === null) return;
          const to = place(event);
          if (Math.abs(to - start.current) > 0.02) set(brushed(start.current, to));
        }}
        onPointerUp={(event) => {
          if (start.current !== null && Math.abs(place(event) - start.current) <= 0.02) set(null);
          start.current = null;
        }} />
    </g>
  );
}
