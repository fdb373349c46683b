/** A small chart of a few hundred values, drawn as SVG: lines, dots, bars, and a reading under the pointer. */

import { useRef, useState } from "preact/hooks";
import { dark } from "../../../theme/scheme";
import { lookOf } from "../../../theme/palettes";
import { number } from "../said";
import { axis, tick, type Axis } from "./axis";
import type { XY } from "./kinds";

export interface Line {
  name: string;
  points: readonly XY[];
  /** Half the length of an error bar at each point. */
  errors?: readonly number[];
}

export interface Drawn {
  kind: "lines" | "dots" | "bars";
  lines: readonly Line[];
  x: string;
  y: string;
  /** Both axes from 0 to 1, and a diagonal that stands for guessing. */
  rates?: boolean;
  /** A diagonal that stands for what is right. */
  diagonal?: boolean;
  /** The edges of the bars, one more than there are. */
  edges?: readonly number[];
  height?: number;
}

const WIDTH = 430;
const BOX = { left: 52, right: 12, top: 10, bottom: 38 };
const NAMED = 12; // lines that the legend names

export function Plot({ drawn, label }: { drawn: Drawn; label: string }) {
  const height = drawn.height ?? 230;
  const [told, setTold] = useState<{ line: Line; n: number } | null>(null);
  const whole = useRef<SVGSVGElement>(null);
  const [x, y] = axes(drawn);
  const left = (value: number): number => BOX.left + x.at(value) * (WIDTH - BOX.left - BOX.right);
  const top = (value: number): number => height - BOX.bottom - y.at(value) * (height - BOX.top - BOX.bottom);
  const find = (event: PointerEvent): void => {
    const frame = whole.current!.getBoundingClientRect();
    const scale = WIDTH / frame.width;
    setTold(nearest(drawn, (event.clientX - frame.left) * scale, (event.clientY - frame.top) * scale, left, top));
  };
  return (
    <div class="rp-plot">
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={label} ref={whole} onPointerMove={find} onPointerLeave={() => setTold(null)}>
        <Grid x={x} y={y} left={left} top={top} height={height} names={[drawn.x, drawn.y]} />
        {(drawn.rates || drawn.diagonal) && <Diagonal drawn={drawn} x={x} y={y} left={left} top={top} />}
        {drawn.lines.map((line, n) => (
          <Series key={n} line={line} drawn={drawn} colour={lookOf(n, dark.value).colour} dash={lookOf(n, dark.value).dash} left={left} top={top} />
        ))}
        {told && <circle class="rp-point" r={4} cx={left(told.line.points[told.n]!.x)} cy={top(told.line.points[told.n]!.y)} />}
      </svg>
      <p class="rp-reading" role="status">{told ? reading(drawn, told) : "\u00a0"}</p>
      {drawn.lines.length > 1 && (
        <ul class="rp-legend">
          {drawn.lines.slice(0, NAMED).map((line, n) => (
            <li key={n}><i style={{ background: lookOf(n, dark.value).colour }} />{line.name}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function axes(drawn: Drawn): [Axis, Axis] {
  if (drawn.rates) return [axis([0, 1]), axis([0, 1])];
  const all = drawn.lines.flatMap((line) => line.points);
  const spread = drawn.lines.flatMap((line) => (line.errors ?? []).flatMap((error, n) => {
    const y = line.points[n]?.y ?? NaN;
    return [y - error, y + error];
  }));
  const x = axis(drawn.edges ?? all.map((point) => point.x), { tight: drawn.kind !== "dots" });
  return [x, axis([...all.map((point) => point.y), ...spread], { zero: drawn.kind === "bars" })];
}

type To = (value: number) => number;

function Grid(props: { x: Axis; y: Axis; left: To; top: To; height: number; names: [string, string] }) {
  const { x, y, left, top, height, names } = props;
  const bottom = height - BOX.bottom;
  return (
    <g class="rp-grid" aria-hidden="true">
      {y.ticks.map((value) => (
        <g key={value}>
          <line x1={BOX.left} x2={WIDTH - BOX.right} y1={top(value)} y2={top(value)} />
          <text x={BOX.left - 6} y={top(value) + 4} text-anchor="end">{tick(value)}</text>
        </g>
      ))}
      {x.ticks.map((value) => (
        <text key={value} x={left(value)} y={bottom + 15} text-anchor="middle">{tick(value)}</text>
      ))}
      <text class="rp-axis" x={(WIDTH + BOX.left) / 2} y={height - 6} text-anchor="middle">{names[0]}</text>
      <text class="rp-axis" transform={`translate(11 ${bottom / 2}) rotate(-90)`} text-anchor="middle">{names[1]}</text>
    </g>
  );
}

function Diagonal({ drawn, x, y, left, top }: { drawn: Drawn; x: Axis; y: Axis; left: To; top: To }) {
  const [low, high] = [Math.max(x.low, y.low), Math.min(x.high, y.high)];
  if (low >= high || (drawn.rates && !drawn.diagonal)) return null;
  return <line class="rp-diagonal" x1={left(low)} y1={top(low)} x2={left(high)} y2={top(high)} />;
}

function Series(props: { line: Line; drawn: Drawn; colour: string; dash: readonly number[]; left: To; top: To }) {
  const { line, drawn, colour, dash, left, top } = props;
  const sound = line.points.filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y));
  if (drawn.kind === "bars") return <Bars line={line} edges={drawn.edges} colour={colour} left={left} top={top} />;
  return (
    <g>
      {line.errors?.map((error, n) => {
        const point = line.points[n];
        return point && <line key={n} class="rp-error" stroke={colour} x1={left(point.x)} x2={left(point.x)} y1={top(point.y - error)} y2={top(point.y + error)} />;
      })}
      {drawn.kind === "dots" || sound.length === 1
        ? sound.map((point, n) => <circle key={n} cx={left(point.x)} cy={top(point.y)} r={3} fill={colour} fill-opacity={0.75} />)
        : <polyline class="rp-series" stroke={colour} stroke-dasharray={dash.join(" ")} points={sound.map((point) => `${left(point.x)},${top(point.y)}`).join(" ")} />}
    </g>
  );
}

function Bars({ line, edges, colour, left, top }: { line: Line; edges: readonly number[] | undefined; colour: string; left: To; top: To }) {
  return (
    <g fill={colour} fill-opacity={0.8}>
      {line.points.map((point, n) => {
        const [from, to] = edges ? [edges[n]!, edges[n + 1]!] : [point.x - 0.4, point.x + 0.4];
        const [a, b] = [left(from), left(to)];
        const gap = b - a > 4 ? 1 : 0;
        return <rect key={n} x={a} width={Math.max(0.5, b - a - gap)} y={Math.min(top(point.y), top(0))} height={Math.abs(top(0) - top(point.y))} />;
      })}
    </g>
  );
}

/** The point that is nearest to a place on the picture, if one is near. */
function nearest(drawn: Drawn, x: number, y: number, left: To, top: To): { line: Line; n: number } | null {
  let found: { line: Line; n: number } | null = null;
  let least = drawn.kind === "bars" ? Infinity : 60;
  for (const line of drawn.lines) {
    line.points.forEach((point, n) => {
      const away = drawn.kind === "bars" ? Math.abs(left(point.x) - x) : Math.hypot(left(point.x) - x, top(point.y) - y);
      if (away < least) [found, least] = [{ line, n }, away];
    });
  }
  return found;
}

function reading(drawn: Drawn, { line, n }: { line: Line; n: number }): string {
  const point = line.points[n]!;
  const place = drawn.edges ? `${number(drawn.edges[n])} to ${number(drawn.edges[n + 1])}` : number(point.x);
  const error = line.errors?.[n];
  const name = drawn.lines.length > 1 ? `${line.name}: ` : "";
  return `${name}${drawn.x} ${place}, ${drawn.y} ${number(point.y)}${error ? ` ± ${number(error)}` : ""}`;
}
