// The whole view in the address's hash: `#/runs?where=...&sort=-loss`. Reading what was written gives the same view.

import { plain, type ChartLook, type SortKey, type View } from "./view";

const LISTS = {
  pin: "pinned",
  group: "group",
  open: "open",
  hide: "hidden",
  show: "shown",
  solo: "solo",
  pick: "chosen",
  fold: "closed",
  chart: "charts",
} as const;
const TEXTS = { experiment: "experiment", where: "where", metrics: "metrics", full: "full", band: "band", figure: "figure" } as const;
const NUMBERS = { drawn: "drawn", split: "split" } as const;
const NUMBER_MAPS = { width: "widths", colour: "colours" } as const;
const NONE = "-";

/** The hash of a view, `#` and all. What is as ever is not written. */
export function write(view: View): string {
  const query = new URLSearchParams();
  for (const [key, field] of Object.entries(TEXTS)) if (view[field] !== plain[field]) query.set(key, view[field]);
  for (const [key, field] of Object.entries(NUMBERS)) {
    if (view[field] !== plain[field]) query.set(key, String(view[field]));
  }
  for (const one of view.sort) query.append("sort", (one.descending ? "-" : "+") + one.column);
  for (const [key, field] of Object.entries(LISTS)) writeList(query, key, view[field], plain[field]);
  if (view.columns !== null) writeList(query, "column", view.columns, null);
  for (const [key, field] of Object.entries(NUMBER_MAPS)) {
    for (const [name, value] of Object.entries(view[field])) query.append(key, `${value}:${name}`);
  }
  if (view.zoom) query.set("zoom", `${view.zoom.low}:${view.zoom.high}:${view.zoom.kind}`);
  if (view.differs) query.set("differs", "1");
  if (Object.keys(view.look).length) query.set("look", JSON.stringify(view.look));
  for (const [name, look] of Object.entries(view.looks)) {
    if (Object.keys(look).length) query.append("looks", JSON.stringify({ ...look, name }));
  }
  for (const [name, value] of Object.entries(view.more)) query.set(`my.${name}`, value);
  const path = [view.page, view.id].filter(Boolean).map(encodeURIComponent).join("/");
  const text = query.toString();
  return `#/${path}${text ? `?${text}` : ""}`;
}

/** The view that a hash tells. What it does not say, or says badly, is as ever. */
export function read(hash: string): View {
  const [path = "", text = ""] = split(hash.replace(/^#?\/?/, ""), "?");
  const [page = "", id = ""] = path.split("/").map(decoded);
  const query = new URLSearchParams(text);
  const view: View = { ...plain, page: page || plain.page, id };
  for (const [key, field] of Object.entries(TEXTS)) view[field] = query.get(key) ?? plain[field];
  for (const [key, field] of Object.entries(NUMBERS)) view[field] = number(query.get(key), plain[field]);
  for (const [key, field] of Object.entries(LISTS)) view[field] = readList(query, key) ?? plain[field];
  for (const [key, field] of Object.entries(NUMBER_MAPS)) view[field] = numberMap(query.getAll(key));
  view.columns = readList(query, "column");
  view.sort = query.getAll("sort").map(sortKey).filter((one) => one.column);
  view.differs = query.get("differs") === "1";
  view.zoom = zoom(query.get("zoom") ?? "");
  view.look = look(query.get("look"));
  view.looks = lookMap(query.getAll("looks"));
  view.more = {};
  for (const [key, value] of query) if (key.startsWith("my.")) view.more[key.slice(3)] = value;
  return view;
}

function writeList(query: URLSearchParams, key: string, values: string[], usual: string[] | null): void {
  if (usual !== null && same(values, usual)) return;
  if (!values.length) query.append(key, NONE); // an empty list that is not the usual one has to be said
  for (const value of values) query.append(key, value.startsWith(NONE) ? `${NONE}${value}` : value);
}

function readList(query: URLSearchParams, key: string): string[] | null {
  const values = query.getAll(key);
  if (!values.length) return null;
  return values.filter((value) => value !== NONE).map((value) => (value.startsWith(NONE) ? value.slice(1) : value));
}

function sortKey(text: string): SortKey {
  return { column: text.slice(1), descending: text[0] === "-" };
}

function numberMap(entries: string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const entry of entries) {
    const [value, name] = split(entry, ":");
    const known = Number(value);
    if (name && Number.isFinite(known)) found[name] = known;
  }
  return found;
}

function lookMap(entries: string[]): Record<string, ChartLook> {
  const found: Record<string, ChartLook> = {};
  for (const entry of entries) {
    const name = parsed(entry)["name"];
    if (typeof name === "string" && name) found[name] = look(entry);
  }
  return found;
}

function parsed(text: string | null): Record<string, unknown> {
  try {
    const told: unknown = JSON.parse(text ?? "{}");
    return typeof told === "object" && told !== null ? (told as Record<string, unknown>) : {};
  } catch {
    return {}; // somebody cut the address short
  }
}

function look(text: string | null): ChartLook {
  const found: ChartLook = {};
  const { smoothing, x, logX, logY, y, everything, table } = parsed(text);
  if (typeof smoothing === "number" && smoothing >= 0 && smoothing < 1) found.smoothing = smoothing;
  if (typeof x === "string") found.x = x;
  if (typeof logX === "boolean") found.logX = logX;
  if (typeof logY === "boolean") found.logY = logY;
  const { low, high } = (y ?? {}) as { low?: unknown; high?: unknown };
  if (typeof low === "number" && typeof high === "number" && low < high) found.y = { low, high };
  if (everything === true) found.everything = true;
  if (table === true) found.table = true;
  return found;
}

function zoom(text: string): View["zoom"] {
  const [low, rest] = split(text, ":");
  const [high, kind] = split(rest, ":");
  const range = { kind, low: Number(low), high: Number(high) };
  return kind && range.low < range.high ? range : null;
}

function number(text: string | null, usual: number): number {
  const value = Number(text);
  return text && Number.isFinite(value) && value > 0 ? value : usual;
}

function split(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone % is part of the name
  }
}

function same(left: string[], right: string[]): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index]);
}
