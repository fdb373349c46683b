// Facets: the values of a column that were clicked, as one clause of the filter.

import { sqlName, type Column } from "./columns";
import { literal } from "./completion";
import type { Figures } from "./figures";
import { all, clauses, words } from "./words";

export interface Facet {
  value: unknown;
  count: number;
  /** By column, where they were asked for. */
  figures?: Record<string, Figures>;
}

/** What the source answers about a column's values. */
export interface FacetAnswer {
  values: Facet[];
  min: unknown;
  max: unknown;
  /** How many runs have no value there. */
  without?: number;
}

/** The values of an answer; runs without one have one too: none. */
export function facetsOf({ values, without }: FacetAnswer): Facet[] {
  const known = values.some((facet) => facet.value === null);
  return without && !known ? [...values, { value: null, count: without }] : values;
}

/** The values that the filter asks of this column, as literals. */
export function picked(where: string, column: Pick<Column, "name" | "of">): string[] {
  const clause = clauseOf(where, column);
  if (!clause) return [];
  const found = words(clause).slice(words(sqlName(column)).length);
  if (isNull(found.map((word) => word.text))) return ["null"];
  const joined: string[] = [];
  for (const word of found) {
    const sign = joined.at(-1) === "-" && word.kind === "number";
    if (sign) joined[joined.length - 1] = `-${word.text}`;
    else if (/^(text|number|sign)$/.test(word.kind) || /^(true|false)$/.test(word.text)) joined.push(word.text);
  }
  return clause.includes(" is null") ? [...joined, "null"] : joined;
}

/** The filter with one value of the column asked for, or asked for no more. */
export function toggled(where: string, column: Pick<Column, "name" | "of">, value: unknown): string {
  const before = picked(where, column);
  const one = literal(value);
  const after = before.includes(one) ? before.filter((other) => other !== one) : [...before, one];
  const rest = clauses(where).filter((clause) => clause !== clauseOf(where, column));
  return all([...rest, asked(sqlName(column), after)]);
}

/** The condition that the column has just this value. */
export function equal(column: Pick<Column, "name" | "of">, value: unknown): string {
  return asked(sqlName(column), [literal(value)]);
}

function asked(name: string, literals: string[]): string {
  const known = literals.filter((one) => one !== "null");
  const list = known.length ? `${name} in (${known.join(", ")})` : "";
  const none = known.length < literals.length ? `${name} is null` : "";
  return list && none ? `(${list} or ${none})` : list || none;
}

function clauseOf(where: string, column: Pick<Column, "name" | "of">): string | undefined {
  const name = sqlName(column);
  return clauses(where).find(
    (clause) => clause === `${name} is null` || clause.startsWith(`${name} in (`) || clause.startsWith(`(${name} in (`),
  );
}

function isNull(texts: string[]): boolean {
  return texts.join(" ").toLowerCase() === "is null";
}
