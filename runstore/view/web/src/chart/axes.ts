// uPlot's axes: fonts and colours of the theme, ticks that people read.

import type uPlot from "uplot";
import { clock, duration, magnitude, tick } from "./numbers";

const SECONDS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200,
  10800, 21600, 43200, 86400, 172800, 432000, 864000, 2592000, 8640000, 31536000,
]; // prettier-ignore
const WHOLE = [1, 2, 5].flatMap((digit) => Array.from({ length: 15 }, (_, power) => digit * 10 ** power)).sort((a, b) => a - b);

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
  return [
    { ...shared, size: 26, gap: 3, space: 64, grid: { show: false }, ...ofX(kind, logX) },
    { ...shared, size: 54, gap: 4, space: 34, values: valuesOf(logY), grid: { stroke: ink.grid, width: 1, ...thinned(logY) }, ...thinned(logY) },
  ];
}

function ofX(kind: string, log: boolean): uPlot.Axis {
  if (log) return { values: kind === "relative" ? mapped(duration) : mapped(magnitude), ...thinned(true) };
  if (kind === "time") return { space: 76, values: (_, splits, __, ___, step) => splits.map((at) => (at === null ? null : clock(at, step))) };
  if (kind === "relative") return { incrs: SECONDS, values: mapped(duration) };
  return { values: valuesOf(false), ...(kind === "step" ? { incrs: WHOLE } : {}) };
}

function valuesOf(log: boolean): uPlot.Axis.DynamicValues {
  return (_, splits, __, ___, step) => {
    const most = splits.reduce((found, at) => Math.max(found, Math.abs(at ?? 0)), 0);
    return splits.map((at) => (at === null ? null : log ? magnitude(at) : tick(at, step, most)));
  };
}

function mapped(told: (number: number) => string): uPlot.Axis.DynamicValues {
  return (_, splits) => splits.map((at) => (at === null ? null : told(at)));
}

/** On a logarithmic axis, labels where there is room: powers of ten, and 2 and 5 if there are few of those. */
function thinned(log: boolean): Pick<uPlot.Axis, "filter"> {
  if (!log) return {};
  return {
    filter: (_, splits) => {
      const power = (at: number): number => at / 10 ** Math.floor(Math.log10(at) + 1e-9);
      const decades = splits.filter((at) => at > 0 && Math.abs(power(at) - 1) < 1e-6).length;
      const every = Math.max(1, Math.ceil(decades / 8));
      return splits.map((at) => {
        if (!(at > 0)) return null;
        const digit = Math.round(power(at));
        if (Math.abs(power(at) - digit) > 1e-6) return null; // the axis's own end
        if (digit === 1) return Math.round(Math.log10(at)) % every === 0 ? at : null;
        return decades <= 2 && (digit === 2 || digit === 5) ? at : decades === 0 && splits.length < 12 ? at : null;
      });
    },
  };
}
