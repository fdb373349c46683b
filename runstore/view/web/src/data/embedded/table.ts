// The table of a report's runs: filtered, ordered, counted and grouped here, where no database is.

import type { Column } from "../../table/columns";
import type { FacetAnswer } from "../../table/facets";
import type { Figures } from "../../table/figures";
import type { RunsAnswer } from "../../table/rows";
import type { Query } from "../source";
import { filter, meant, order } from "./filter";
import { deviation } from "./groups";
import type { MetricOf } from "./shapes";

export type Row = readonly unknown[];

/** What a query says under a name, as a text; empty where it says nothing. */
export function text(query: Query, name: string): string {
  const found = query[name];
  return found === null || found === undefined ? "" : String(found);
}

/** A list that a query says, or null. */
export function list(query: Query, name: string): string[] | null {
  const found = query[name];
  if (found === null || found === undefined) return null;
  return Array.isArray(found) ? [...(found as string[])] : String(found).split(",").filter(Boolean);
}

export function page<T>(all: readonly T[], query: Query, usual: number): T[] {
  const offset = Number(query["offset"] ?? 0);
  return all.slice(offset, offset + Number(query["limit"] ?? usual));
}

export class Table {
  private readonly places: ReadonlyMap<string, number>;

  constructor(
    readonly columns: readonly Column[],
    private readonly whole: RunsAnswer,
  ) {
    this.places = new Map(whole.columns.map((one, place) => [one.name, place]));
  }

  cell(row: Row, column: string): unknown {
    const place = this.places.get(column);
    return place === undefined ? null : row[place];
  }

  /** The rows that an experiment and a filter leave. */
  rows(experiment: string, where: string): Row[] {
    const fits = filter(where, this.columns);
    return this.whole.rows.filter(
      (row) => (!experiment || this.cell(row, "experiment") === experiment) && fits((column) => this.cell(row, column)),
    );
  }

  runs(query: Query): RunsAnswer {
    const found = this.rows(text(query, "experiment"), text(query, "where"));
    const sorted = this.sorted(found, list(query, "sort") ?? [], query["desc"] === true);
    const names = [...new Set(["run_id", ...(list(query, "columns") ?? this.whole.columns.map((one) => one.name))])];
    const known = names.map((name) => meant(name, this.columns));
    return {
      total: found.length,
      columns: names.map((name, at) => ({ ...(known[at] ?? { label: name, type: "text", of: "field" }), name }) as Column),
      rows: page(sorted, query, 100).map((row) => known.map((column) => (column ? this.cell(row, column.name) : null))),
    };
  }

  facets(query: Query): FacetAnswer & { different: number } {
    const column = meant(text(query, "column"), this.columns);
    const rows = this.rows(text(query, "experiment"), text(query, "where"));
    const values = rows.map((row) => (column ? this.cell(row, column.name) : null));
    const counts = new Map<string, { value: unknown; count: number; rows: Row[] }>();
    values.forEach((value, at) => {
      const key = JSON.stringify(value ?? null);
      const one = counts.get(key) ?? { value: value ?? null, count: 0, rows: [] };
      one.count++;
      one.rows.push(rows[at]!);
      counts.set(key, one);
    });
    const there = values.filter((value) => value !== null && value !== undefined).sort(order);
    const listed = [...counts.values()].sort((a, b) => b.count - a.count || nulls(a.value, b.value));
    return {
      values: page(listed, query, 50).map(({ rows, ...one }) => ({ ...one, figures: this.figures(rows, list(query, "figures") ?? []) })),
      min: there[0] ?? null,
      max: there.at(-1) ?? null,
      different: counts.size - (counts.has("null") ? 1 : 0),
      without: values.length - there.length,
    };
  }

  /** What columns are among some runs. */
  private figures(rows: readonly Row[], names: readonly string[]): Record<string, Figures> {
    const told = names.map((name): [string, Figures] => {
      const cells = rows.map((row) => this.cell(row, name) ?? null);
      const numbers = cells.filter((cell) => typeof cell === "number").sort((a, b) => a - b);
      const same = new Set(cells.map((cell) => JSON.stringify(cell))).size === 1 ? cells[0] : null;
      const { mean, std } = numbers.length ? deviation(numbers) : { mean: null, std: null };
      return [name, { n: numbers.length, mean, std, min: numbers[0] ?? null, max: numbers.at(-1) ?? null, same }];
    });
    return Object.fromEntries(told);
  }

  /** By these keys; `down`: those that don't say which way go down. */
  private sorted(rows: readonly Row[], keys: readonly string[], down: boolean): Row[] {
    const by = keys.flatMap((key) => {
      const [, name = key, way = down ? "desc" : "asc"] = /^(.*?)(?:\s+(asc|desc))?$/is.exec(key) ?? [];
      const column = meant(name, this.columns);
      return column ? [{ name: column.name, down: way.toLowerCase() === "desc" }] : [];
    });
    return [...rows].sort((left, right) => {
      for (const { name, down } of by) {
        const [a, b] = [this.cell(left, name), this.cell(right, name)];
        const missing = nulls(a, b, false);
        const found = missing || (down ? order(b, a) : order(a, b));
        if (found) return found;
      }
      return 0;
    });
  }
}

/** What is absent comes last; of what is there the order, or nothing. */
function nulls(left: unknown, right: unknown, others = true): number {
  const [a, b] = [left ?? null, right ?? null].map((value) => Number(value === null)) as [number, number];
  return a - b || (others && !a ? order(left, right) : 0);
}

/** The metrics of some runs, each name once for each kind of thing that it holds. */
export function metrics(of: Readonly<Record<string, readonly MetricOf[]>>, runs: readonly string[], query: Query) {
  const sought = text(query, "search").toLowerCase().split(/\s+/).filter(Boolean);
  const found = new Map<string, MetricOf & { runs: number }>();
  for (const one of runs.flatMap((run) => of[run] ?? [])) {
    if (!sought.every((word) => one.name.toLowerCase().includes(word))) continue;
    const drawn = one.kind === "curve" || one.kind === "value";
    const key = `${drawn ? "curve" : one.kind} ${one.name}`;
    const before = found.get(key);
    found.set(key, {
      ...one,
      kind: before && before.kind === "curve" ? "curve" : one.kind,
      runs: (before?.runs ?? 0) + 1,
      points: (before?.points ?? 0) + (one.points ?? 0),
      last_step: Math.max(before?.last_step ?? -Infinity, one.last_step ?? -Infinity),
    });
  }
  const all = [...found.values()].map((one) => ({ ...one, last_step: Number.isFinite(one.last_step) ? one.last_step : null }));
  all.sort((a, b) => a.name.toLowerCase().localeCompare(b.name.toLowerCase()) || a.kind.localeCompare(b.kind));
  return { metrics: page(all, query, 200), total: all.length };
}
