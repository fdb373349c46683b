/** Figures of Plotly as far as a small chart can show them: lines, dots and bars over numbers. */

import type { Drawn, Line } from "../metrics/plot";

type Values = Record<string, unknown>;

const KINDS: Record<string, new (buffer: ArrayBuffer) => ArrayLike<number>> = {
  f8: Float64Array, f4: Float32Array, i4: Int32Array, u4: Uint32Array, i2: Int16Array, u2: Uint16Array, i1: Int8Array,
  u1: Uint8Array,
};

/** The chart of a figure, or null where it has something else in it. */
export function chartOf(figure: unknown): Drawn | null {
  const { data, layout } = record(figure);
  if (!Array.isArray(data) || !data.length) return null;
  const traces = data.map(record);
  const kinds = new Set(traces.map((trace) => trace["type"] ?? "scatter"));
  const [kind] = kinds;
  if (kinds.size !== 1 || !["scatter", "scattergl", "bar"].includes(String(kind))) return null;
  if (kind === "bar" && traces.length > 1) return null;
  const lines = traces.map(lineOf);
  if (lines.some((line) => line === null)) return null;
  const dots = traces.every((trace) => /^markers/.test(String(trace["mode"] ?? "")));
  return {
    kind: kind === "bar" ? "bars" : dots ? "dots" : "lines", lines: lines as Line[], x: axisTitle(layout, "xaxis"),
    y: axisTitle(layout, "yaxis"),
  };
}

/** What the figure is called. */
export function titleOf(figure: unknown): string {
  return textOf(record(record(figure)["layout"])["title"]);
}

function lineOf(trace: Values, place: number): Line | null {
  const y = numbers(trace["y"]);
  if (!y) return null;
  const x = trace["x"] === undefined ? Array.from(y, (_, n) => n) : numbers(trace["x"]);
  if (!x || x.length !== y.length) return null;
  return { name: String(trace["name"] ?? `trace ${place}`), points: Array.from(y, (value, n) => ({ x: x[n]!, y: value })) };
}

/** Numbers as a list, or packed as Plotly packs arrays: a type and base64. */
export function numbers(given: unknown): ArrayLike<number> | null {
  if (Array.isArray(given)) {
    return given.every((one) => typeof one === "number" || one === null) ? given.map((one: number | null) => one ?? NaN) : null;
  }
  const { dtype, bdata } = record(given);
  const kind = KINDS[String(dtype)];
  if (!kind || typeof bdata !== "string") return null;
  try {
    const text = atob(bdata);
    return new kind(Uint8Array.from(text, (sign) => sign.charCodeAt(0)).buffer);
  } catch {
    return null; // no base64, or not whole numbers of bytes
  }
}

function axisTitle(layout: unknown, axis: string): string {
  return textOf(record(record(layout)[axis])["title"]);
}

function textOf(title: unknown): string {
  if (typeof title === "string") return title;
  const { text } = record(title);
  return typeof text === "string" ? text : "";
}

function record(value: unknown): Values {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Values) : {};
}
