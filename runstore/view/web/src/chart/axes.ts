// uPlot's axes: fonts and colours of the theme, ticks that people read.

import type uPlot from "uplot";
import { clock, duration } from "./numbers";
import { logMarks, logNames, names, ticks } from "./ticks";

const SECONDS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200,
  10800, 21600, 43200, 86400, 172800, 432000, 864000, 2592000, 8640000, 31536000,
]; // prettier-ignore
const WHOLE = [1, 2, 5].flatMap((digit) => Array.from({ length: 15 }, (_, power) => digit * 10 ** power)).sort((a, b) => a - b);

const SPACE = { x: 64, y: 34, log: 26 }; // pixels that a tick has for itself

export interface Ink {
  text: string;
  grid: string;
  line: string;
  font: string;
}

/** What the theme says that axes look like. */
export function inkOf(element: HTMLElement): Ink {
  const style = getComputedStyle(element);
  const token = (name: string, usual: string): string => style.getPropertyValue(name).trim() || usual;
  return {
    text: token("--muted", "#586273"),
    grid: token("--grid", "#e9ecf1"),
    line: token("--line", "#dfe3e9"),
    font: `11px ${token("--font", "system-ui, sans-serif")}`,
  };
}

export function axesOf(ink: Ink, kind: string, logX: boolean, logY: boolean): uPlot.Axis[] {
  const shared = {
    stroke: ink.text,
    font: ink.font,
    ticks: { stroke: ink.line, width: 1, size: 4 },
    border: { show: true, stroke: ink.line, width: 1 },
  };
  const even = (_: uPlot, splits: (number | null)[], __: number, ___: number, step: number) => names(splits.map(Number), step);
  const ofY = logY ? marked(SPACE.log, logNames) : { values: even, grid: { stroke: ink.grid, width: 1 } };
  return [
    { ...shared, size: 26, gap: 3, space: SPACE.x, grid: { show: false }, ...ofX(kind, logX) },
    { ...shared, size: wide, gap: 4, space: SPACE.y, ...ofY, grid: { stroke: ink.grid, width: 1, ...ofY.grid } },
  ];
}

function ofX(kind: string, log: boolean): uPlot.Axis {
  if (log) return { ...marked(SPACE.x, kind === "relative" ? (places) => places.map(duration) : logNames), grid: { show: false } };
  if (kind === "time") return { space: 76, values: (_, splits, __, ___, step) => splits.map((at) => (at === null ? null : clock(at, step))) };
  if (kind === "relative") return { incrs: SECONDS, values: (_, splits) => splits.map((at) => (at === null ? null : duration(at))) };
  return { values: (_, splits, __, ___, step) => names(splits.map(Number), step), ...(kind === "step" ? { incrs: WHOLE } : {}) };
}

/** As wide as the longest name asks for. */
function wide(_: uPlot, told: (string | null)[] | null): number {
  const longest = (told ?? []).reduce((most, name) => Math.max(most, name?.length ?? 0), 0);
  return Math.max(54, Math.min(110, 6.4 * longest + 12));
}

/** A logarithmic axis: marks at all digits, names and lines where there is room for a name. */
function marked(space: number, told: (places: number[]) => string[]): Pick<uPlot.Axis, "splits" | "filter" | "values" | "grid"> {
  const named = (u: uPlot, axis: number): number[] => {
    const { min, max } = u.scales[axis ? "y" : "x"]!;
    const length = (axis ? u.bbox.height : u.bbox.width) / (devicePixelRatio || 1);
    return ticks({ low: min!, high: max! }, true, Math.max(2, Math.floor(length / space)));
  };
  return {
    splits: (u, axis, low, high) => logMarks({ low, high }, named(u, axis)),
    filter: (_, splits) => splits,
    values: (u, splits, axis) => {
      const places = named(u, axis);
      const by = new Map(told(places).map((name, at) => [places[at], name]));
      return splits.map((at) => by.get(at!) ?? null);
    },
    grid: {
      filter: (u, splits, axis) => {
        const places = new Set(named(u, axis));
        return splits.map((at) => (places.has(at) ? at : null));
      },
    },
  };
}
