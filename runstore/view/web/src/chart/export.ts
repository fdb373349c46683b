// Taking a chart out: its numbers as CSV, its picture as SVG or PNG.

import { visible, type Curve, type Range } from "./curve";
import { place } from "./numbers";
import { placing } from "./paint";
import { logNames, names, stepOf, ticks } from "./ticks";

export interface Drawn {
  title: string;
  kind: string;
  x: Range;
  y: Range;
  logX: boolean;
  logY: boolean;
  curves: readonly Curve[];
  dark: boolean;
}

/** The buckets of all curves, one a line; without those outside of the range, if one is given. */
export function csv(title: string, kind: string, curves: readonly Curve[], range: Range = { low: -Infinity, high: Infinity }): string {
  const lines = [["curve", kind, "points", `${title} smoothed`, "mean", "min", "max", "last", "nan", "inf"]];
  for (const { label, series, line } of curves) {
    for (let at = 0; at < series.n; at++) {
      const { x, count, mean, min, max, last, nan, inf } = series;
      if (x[at]! < range.low || x[at]! > range.high) continue;
      const numbers = [x[at]!, count[at]!, line[at]!, mean[at]!, min[at]!, max[at]!, last[at]!, nan[at]!, inf[at]!];
      lines.push([label, ...numbers.map((number) => (Number.isNaN(number) ? "NaN" : String(number)))]);
    }
  }
  return lines.map((line) => line.map(quoted).join(",")).join("\r\n") + "\r\n";
}

/** A cell; one that a spreadsheet would take for a formula is kept a text. */
function quoted(cell: string): string {
  const safe = /^[=+@\t\r]|^-[^\d.I]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const SIZE = { width: 900, height: 420, left: 64, top: 40, right: 20, bottom: 40, row: 18 };

/** The picture as an SVG of its own: axes, bands, lines and a legend. */
export function svg(drawn: Drawn): string {
  const { width, left, top, right, bottom, row, height } = SIZE;
  const [w, h] = [width - left - right, height - top - bottom];
  const columns = 3;
  const legend = Math.ceil(drawn.curves.length / columns) * row + 8;
  const px = placing(drawn.x, w, drawn.logX);
  const up = placing(drawn.y, h, drawn.logY);
  const py = (value: number): number => h - up(value);
  const ink = drawn.dark ? { bg: "#14171c", text: "#e6e9ee", grid: "#262c35" } : { bg: "#ffffff", text: "#1b1f26", grid: "#e9ecf1" };
  const text = (x: number, y: number, said: string, anchor: string, size = 11): string =>
    `<text x="${r(x)}" y="${r(y)}" text-anchor="${anchor}" font-size="${size}" fill="${ink.text}">${escaped(said)}</text>`;
  const marks = ticks(drawn.y, drawn.logY);
  const told = drawn.logY ? logNames(marks) : names(marks, stepOf(marks));
  const grid = marks.map(
    (at, place) =>
      `<line x1="${left}" x2="${left + w}" y1="${r(top + py(at))}" y2="${r(top + py(at))}" stroke="${ink.grid}"/>` +
      text(left - 6, top + py(at) + 4, told[place]!, "end"),
  );
  const below = ticks(drawn.x, drawn.logX).map((at) => text(left + px(at), top + h + 18, place(at, drawn.kind), "middle"));
  const lines = drawn.curves.map((curve) => shapes(curve, drawn.x, px, py));
  const keys = drawn.curves.map((curve, index) => {
    const [x, y] = [left + (index % columns) * (w / columns), height + Math.floor(index / columns) * row + 8];
    return `<line x1="${r(x)}" x2="${r(x + 20)}" y1="${y}" y2="${y}" ${pen(curve, 2)}/>${text(x + 26, y + 4, curve.label, "start")}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height + legend}" viewBox="0 0 ${width} ${height + legend}" font-family="sans-serif">`,
    `<rect width="100%" height="100%" fill="${ink.bg}"/>`,
    text(left, 24, drawn.title, "start", 15),
    ...grid,
    ...below,
    `<clipPath id="plot"><rect width="${w}" height="${h}"/></clipPath>`,
    `<g transform="translate(${left} ${top})" clip-path="url(#plot)">${lines.join("")}</g>`,
    ...keys,
    "</svg>",
  ].join("\n");
}

function shapes(curve: Curve, range: Range, px: (x: number) => number, py: (y: number) => number): string {
  const { series, line } = curve;
  const [from, to] = visible(series, range);
  const upper: string[] = [];
  const lower: string[] = [];
  let path = "";
  let pen_up = true;
  for (let at = from; at < to; at++) {
    const x = px(series.x[at]!);
    const [y, high, low] = [py(line[at]!), py(series.max[at]!), py(series.min[at]!)];
    if (Number.isFinite(high) && Number.isFinite(low)) {
      upper.push(`${r(x)} ${r(high)}`);
      lower.unshift(`${r(x)} ${r(low)}`);
    }
    if (Number.isFinite(y) && Number.isFinite(x)) path += `${pen_up ? "M" : "L"}${r(x)} ${r(y)}`;
    pen_up = !Number.isFinite(y);
  }
  const band = upper.length ? `<path d="M${[...upper, ...lower].join("L")}Z" fill="${curve.look.colour}" opacity="0.14"/>` : "";
  return `${band}<path d="${path}" fill="none" ${pen(curve, 1.5)}/>`;
}

function pen({ look }: Curve, width: number): string {
  const dash = look.dash.length ? ` stroke-dasharray="${look.dash.join(" ")}"` : "";
  return `stroke="${look.colour}" stroke-width="${width}" stroke-linejoin="round"${dash}`;
}

function r(number: number): number {
  return Math.round(number * 100) / 100;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** The SVG as a PNG, at twice its size. */
export async function png(picture: string): Promise<Blob> {
  const image = new Image();
  const url = URL.createObjectURL(new Blob([picture], { type: "image/svg+xml" }));
  try {
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth * 2;
    canvas.height = image.naturalHeight * 2;
    canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((done, failed) =>
      canvas.toBlob((blob) => (blob === null ? failed(new Error("the picture is too large")) : done(blob)), "image/png"),
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Hand a file to the reader. */
export function save(name: string, content: Blob | string, type = "text/plain"): void {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  saveFrom(url, name);
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Hand over what an address gives. */
export function saveFrom(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

/** A file name made of a metric's name. */
export function fileName(title: string, end: string): string {
  return `${title.replace(/[^\p{L}\p{N}._-]+/gu, "_").slice(0, 80) || "chart"}.${end}`;
}
