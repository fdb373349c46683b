// Drawing curves on a canvas: bands as one small rectangle per bucket, lines stroked in short pieces. Both cost a third
// of one long path where no GPU helps.

import { finite, visible, type Curve, type Range } from "./curve";

export interface Scene {
  /** The plotting area in CSS pixels. */
  width: number;
  height: number;
  /** Device pixels per CSS pixel. */
  density: number;
  x: Range;
  y: Range;
  logX: boolean;
  logY: boolean;
  curves: readonly Curve[];
  /** Whether the line was smoothed, so that the raw one shows faintly behind. */
  raw: boolean;
  /** Whether it is one of many frames: lines are thinner and bands coarser then, which takes half the time. */
  moving?: boolean;
}

/** Where a value stands, in pixels from the low end of the axis. */
export type Place = (value: number) => number;

const HAIR = 1; // pixels: any wider line is an outline that is filled
const PIECE = 32; // points stroked at once
const SPARSE = 14; // pixels between points from which on each shows as a dot
const APART = 3; // pixels between buckets from which on their band is joined
const CROWD = 6; // lines from which on bands get fainter

export function placing(range: Range, length: number, log: boolean): Place {
  if (log) {
    const [from, to] = [Math.log(range.low), Math.log(range.high)];
    return (value) => (value > 0 ? ((Math.log(value) - from) / (to - from)) * length : NaN);
  }
  const scale = length / (range.high - range.low);
  return (value) => (value - range.low) * scale;
}

/** All curves; `faint`, where another is to stand out. */
export function paint(context: CanvasRenderingContext2D, scene: Scene, faint = false): void {
  const { width, height, density, curves } = scene;
  const [px, py] = places(scene);
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  const crowd = Math.min(1, CROWD / Math.max(1, curves.length));
  context.globalAlpha = faint ? 0.04 : 0.07 + 0.1 * crowd;
  for (const curve of curves) if (!curve.thin) band(context, scene, curve, px, py);
  if (scene.raw) {
    context.globalAlpha = faint ? 0.08 : 0.28;
    for (const curve of curves) line(context, scene, curve, curve.series.mean, px, py, 1);
  }
  for (const curve of curves) {
    context.globalAlpha = faint ? 0.22 : curve.thin ? 0.55 : 1;
    line(context, scene, curve, curve.line, px, py, curve.thin ? 0.9 : scene.moving ? HAIR : 1.5);
  }
  context.globalAlpha = 1;
  for (const curve of curves) marks(context, scene, curve, px);
}

/** One curve as it stands out before all the others. */
export function standOut(context: CanvasRenderingContext2D, scene: Scene, curve: Curve): void {
  const [px, py] = places(scene);
  context.setTransform(scene.density, 0, 0, scene.density, 0, 0);
  context.globalAlpha = 0.22;
  if (!curve.thin) band(context, scene, curve, px, py);
  context.globalAlpha = 0.28;
  if (scene.raw) line(context, scene, curve, curve.series.mean, px, py, 1);
  context.globalAlpha = 1;
  line(context, scene, curve, curve.line, px, py, 2.4);
  marks(context, scene, curve, px);
}

function places({ x, y, width, height, logX, logY }: Scene): [Place, Place] {
  const up = placing(y, height, logY);
  return [placing(x, width, logX), (value) => height - up(value)];
}

function band(context: CanvasRenderingContext2D, scene: Scene, curve: Curve, px: Place, py: Place): void {
  const { series } = curve;
  const [from, to] = visible(series, scene.x);
  if (to <= from) return;
  context.fillStyle = curve.look.colour;
  const wide = (scene.width / (to - from)) * density(scene, curve, px, from, to) > 3;
  if (wide) polygons(context, scene, curve, px, py, from, to);
  else columns(context, scene, curve, px, py, from, to);
}

/** The share of the width that the curve takes, at least a little. */
function density(scene: Scene, { series }: Curve, px: Place, from: number, to: number): number {
  return Math.max(0.05, Math.min(1, (px(series.x[to - 1]!) - px(series.x[from]!)) / scene.width || 1));
}

/** One rectangle for each column of device pixels (three, while it moves), so that none is painted twice; where buckets lie apart, what joins them. */
function columns(context: CanvasRenderingContext2D, scene: Scene, curve: Curve, px: Place, py: Place, from: number, to: number): void {
  const { height, logY } = scene;
  const dots = scene.moving ? scene.density / 3 : scene.density;
  const { series } = curve;
  let [column, min, max, first] = [NaN, Infinity, -Infinity, from];
  const fill = (next: number): void => {
    if (!(max > min)) return;
    const top = Math.max(-2, py(max));
    const floor = logY && min <= 0 ? height : Math.min(height + 2, py(min));
    context.fillRect(column / dots, top, Math.max(1, next - column) / dots, Math.max(1 / scene.density, floor - top));
  };
  for (let at = from; at < to; at++) {
    const here = Math.floor(px(series.x[at]!) * dots);
    if (here !== column) {
      const apart = here - column > APART * dots;
      const joins = apart && first === at - 1 && finite(series, at - 1) > 0 && finite(series, at) > 0;
      if (joins) polygons(context, scene, curve, px, py, at - 1, at + 1);
      else fill(apart ? column + 1 : here);
      [column, min, max, first] = [here, Infinity, -Infinity, at];
    }
    if (series.min[at]! < min) min = series.min[at]!;
    if (series.max[at]! > max) max = series.max[at]!;
  }
  fill(column + 1);
}

/** Where buckets lie apart, the band joins them. */
function polygons(context: CanvasRenderingContext2D, scene: Scene, { series }: Curve, px: Place, py: Place, from: number, to: number): void {
  const [far, deep] = [-scene.height, 2 * scene.height];
  const clamp = (value: number): number => (Number.isNaN(value) ? scene.height : Math.max(far, Math.min(deep, value)));
  for (let start = from; start < to; start++) {
    let end = start;
    while (end < to && finite(series, end) > 0) end++;
    if (end - start > 1) {
      context.beginPath();
      for (let at = start; at < end; at++) context.lineTo(px(series.x[at]!), clamp(py(series.max[at]!)));
      for (let at = end - 1; at >= start; at--) context.lineTo(px(series.x[at]!), clamp(py(series.min[at]!)));
      context.fill();
    }
    start = Math.max(start, end);
  }
}

function line(
  context: CanvasRenderingContext2D, scene: Scene, curve: Curve, values: ArrayLike<number>, px: Place, py: Place, width: number,
): void { // prettier-ignore
  const { series, look } = curve;
  const [from, to] = visible(series, scene.x);
  const far = 20 * scene.height;
  context.strokeStyle = context.fillStyle = look.colour;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.setLineDash(look.dash as number[]);
  let [drawn, gone, alone, lastX, lastY] = [0, 0, false, NaN, NaN];
  const dots = to - from <= 2 + scene.width / SPARSE;
  context.beginPath();
  for (let at = from; at <= to; at++) {
    const y = at < to ? Math.max(-far, Math.min(far, py(values[at]!))) : NaN;
    const x = at < to ? px(series.x[at]!) : NaN;
    if (Number.isNaN(y) || Number.isNaN(x)) {
      if (alone && values === curve.line) dot(context, lastX, lastY, width);
      alone = false;
      lastX = NaN;
      continue;
    }
    if (Number.isNaN(lastX)) {
      context.moveTo(x, y);
      alone = true;
    } else {
      context.lineTo(x, y);
      if (look.dash.length) gone += Math.hypot(x - lastX, y - lastY);
      alone = false;
      if (++drawn % PIECE === 0) {
        context.stroke();
        context.lineDashOffset = gone; // dashes go on where the piece ended
        context.beginPath();
        context.moveTo(x, y);
      }
    }
    if (dots && values === curve.line) dot(context, x, y, width);
    lastX = x;
    lastY = y;
  }
  context.stroke();
  context.lineDashOffset = 0;
  context.setLineDash([]);
}

function dot(context: CanvasRenderingContext2D, x: number, y: number, width: number): void {
  context.fillRect(x - width, y - width - 0.5, 2 * width, 2 * width + 1);
  context.fillRect(x - width - 0.5, y - width, 2 * width + 1, 2 * width); // two make it look round, for less than an arc
}

/** NaN and infinite values on the axis, and spikes beyond an edge: what points at it says so. */
function marks(context: CanvasRenderingContext2D, scene: Scene, curve: Curve, px: Place): void {
  const { series, look } = curve;
  const [from, to] = visible(series, scene.x);
  const base = scene.height - 5;
  context.strokeStyle = context.fillStyle = look.colour;
  context.lineWidth = 1.4;
  let [odd, over, under] = [-Infinity, -Infinity, -Infinity];
  const inside = (x: number): boolean => x >= 0 && x <= scene.width;
  for (let at = from; at < to; at++) {
    const strange = series.nan[at]! + series.inf[at]! > 0;
    const above = series.max[at]! > scene.y.high;
    const below = series.min[at]! < scene.y.low && (!scene.logY || series.min[at]! > 0);
    if (!strange && !above && !below) continue;
    const x = px(series.x[at]!);
    if (strange && x - odd >= 6) {
      if (series.nan[at]! > 0) cross(context, x, base);
      else triangle(context, x, base - 3, 3.5);
      odd = x;
    }
    if (above && x - over >= 6 && inside(x)) {
      triangle(context, x, 1, 3.5);
      over = x;
    }
    if (below && x - under >= 6 && inside(x)) {
      triangle(context, x, scene.height - 1, -3.5);
      under = x;
    }
  }
}

function cross(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.beginPath();
  context.moveTo(x - 3, y - 3);
  context.lineTo(x + 3, y + 3);
  context.moveTo(x - 3, y + 3);
  context.lineTo(x + 3, y - 3);
  context.stroke();
}

function triangle(context: CanvasRenderingContext2D, x: number, top: number, size: number): void {
  context.beginPath();
  context.moveTo(x - size, top + 1.6 * size);
  context.lineTo(x + size, top + 1.6 * size);
  context.lineTo(x, top);
  context.fill();
}
