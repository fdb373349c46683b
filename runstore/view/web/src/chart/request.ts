// What a chart asks for: which curves, of which stretch, how finely.

import type { CurveRequest } from "../data/source";
import type { Range } from "./curve";

export type Wanted = Pick<CurveRequest, "metric" | "runs" | "group" | "experiment" | "where" | "x" | "source" | "band" | "seeds">;

/** Lines that a chart draws at first. */
export const LINES = 100;
const POINTS = { full: 1000, usual: 500, crowd: 250 };

/** How finely so many lines are asked for. */
export function pointsOf(lines: number, full: boolean): number {
  return lines > LINES ? POINTS.crowd : full ? POINTS.full : POINTS.usual;
}

/**
 * What to ask for a stretch of x. Where it is smoothed, left of it as much again comes along: with it the line is warm
 * where the picture begins.
 */
export function requestOf(wanted: Wanted, zoom: Range | null, points: number, smoothed: boolean): CurveRequest {
  if (zoom === null) return { key: wanted.metric, ...wanted, low: null, high: null, points };
  const whole = wanted.x === "step";
  const low = smoothed ? zoom.low - (zoom.high - zoom.low) : zoom.low;
  return {
    key: wanted.metric,
    ...wanted,
    low: whole ? Math.floor(low) : low,
    high: whole ? Math.ceil(zoom.high) : zoom.high,
    points: smoothed ? 2 * points : points,
  };
}
