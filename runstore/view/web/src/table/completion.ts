// What may come next in a filter.

import { sqlName, type Column } from "./columns";
import { quoted, words, type Word } from "./words";

export interface Offer {
  text: string;
  label: string;
  detail: string;
}

export interface Completion {
  /** What the chosen offer replaces. */
  from: number;
  to: number;
  offers: Offer[];
  /** The column whose values are wanted, for whoever can ask for them. */
  values: Column | null;
}

const MOST = 12;
const SIGNS: Record<Column["type"], string[]> = {
  number: ["<", "<=", "=", ">=", ">", "!=", "between", "is null", "is not null"],
  duration: ["<", "<=", ">=", ">"],
  time: [">", ">=", "<", "<="],
  text: ["=", "!=", "in (", "like", "ilike", "is null", "is not null"],
  bool: ["=", "is null"],
};

/** What fits at the caret. `values` are those of the column that is being compared, where they are known. */
export function complete(
  text: string,
  caret: number,
  columns: readonly Column[],
  values: readonly unknown[] = [],
): Completion {
  const before = words(text.slice(0, caret));
  const last = before.at(-1);
  const touching = last !== undefined && last.end === caret && /^(name|word|text|number)$/.test(last.kind);
  const typed = touching ? last : null;
  const earlier = typed ? before.slice(0, -1) : before;
  const from = typed?.start ?? caret;
  const [offers, compared] = expected(earlier, columns, values);
  const fitting = matching(offers, typed?.text ?? "");
  return { from, to: caret, offers: fitting.slice(0, MOST), values: compared };
}

function expected(earlier: Word[], columns: readonly Column[], values: readonly unknown[]): [Offer[], Column | null] {
  const last = earlier.at(-1);
  const said = last?.text.toLowerCase() ?? "";
  if (!last || said === "and" || said === "or" || said === "not") return [names(columns), null];
  if (last.kind === "open" && earlier.at(-2)?.text.toLowerCase() !== "in") return [names(columns), null];
  if (last.kind === "name") return [signs(columnOf(last.text, columns)), null];
  const compared = comparedBy(earlier, columns);
  if (compared && wantsValue(last)) return [valuesOf(compared, values), compared];
  return [plainly("and", "or"), null];
}

function wantsValue(last: Word): boolean {
  return /^(sign|open|comma)$/.test(last.kind) || /^(like|ilike|between)$/.test(last.text.toLowerCase());
}

/** The column of the comparison that is being written. */
function comparedBy(earlier: Word[], columns: readonly Column[]): Column | null {
  const name = earlier.filter((word) => word.kind === "name").at(-1);
  return name ? columnOf(name.text, columns) : null;
}

/** The column that a condition's name means: bare, or with where it is from. */
export function columnOf(text: string, columns: readonly Column[]): Column | null {
  const plain = (one: string) => one.toLowerCase().replaceAll('"', "");
  const wanted = plain(text);
  return (
    columns.find((column) => plain(sqlName(column)) === wanted) ??
    columns.find((column) => plain(column.name) === wanted) ??
    null
  );
}

function names(columns: readonly Column[]): Offer[] {
  return columns.map((column) => ({ text: sqlName(column), label: column.label, detail: column.of }));
}

function signs(column: Column | null): Offer[] {
  return plainly(...SIGNS[column?.type ?? "number"]);
}

function valuesOf(column: Column, values: readonly unknown[]): Offer[] {
  const known = column.type === "bool" && !values.length ? [true, false] : values;
  return known.map((value) => ({ text: literal(value), label: String(value), detail: "value" }));
}

/** A value as a condition writes it. */
export function literal(value: unknown): string {
  if (value === null || value === undefined) return "null";
  return typeof value === "number" || typeof value === "boolean" ? String(value) : quoted(String(value));
}

function plainly(...texts: string[]): Offer[] {
  return texts.map((text) => ({ text, label: text, detail: "" }));
}

function matching(offers: Offer[], typed: string): Offer[] {
  const wanted = typed.toLowerCase().replaceAll(/["']/g, "");
  if (!wanted) return offers;
  const rank = (offer: Offer) => {
    const label = offer.label.toLowerCase();
    if (offer.text.toLowerCase() === typed.toLowerCase()) return -1; // it stands there already
    if (label.startsWith(wanted)) return 3;
    if (label.split(/[/._ ]/).some((part) => part.startsWith(wanted))) return 2;
    return label.includes(wanted) || offer.text.toLowerCase().includes(wanted) ? 1 : 0;
  };
  const ranked = offers.map((offer) => [rank(offer), offer] as const).filter(([worth]) => worth > 0);
  return ranked.sort(([left], [right]) => right - left).map(([, offer]) => offer);
}
