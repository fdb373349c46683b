// The table's lines when runs are grouped: a tree whose closed branches cost nothing, laid out as one list.

import { equal, type Facet } from "./facets";
import type { Figures } from "./figures";
import { all } from "./words";
import type { Column } from "./columns";

const BETWEEN = "\u001f";

/** One value of a grouping column, within the groups around it. */
export interface Branch {
  key: string;
  column: Column;
  value: unknown;
  count: number;
  /** What the columns are among its runs. */
  figures: Record<string, Figures>;
  depth: number;
  /** The condition that its runs fulfil, the filter of the page included. */
  where: string;
  /** Its own groups; null until they are known, and in the innermost groups. */
  branches: Branch[] | null;
}

/** A stretch of lines of one kind: a group's heading, runs, or a line that says that something is being fetched. */
export type Stretch =
  | { kind: "group"; start: number; length: 1; branch: Branch }
  | { kind: "runs"; start: number; length: number; depth: number; where: string; key: string }
  | { kind: "wait"; start: number; length: 1; branch: Branch };

/** The groups of one column's values. */
export function branches(column: Column, values: readonly Facet[], parent: Parent): Branch[] {
  return inOrder(values).map(({ value, count, figures = {} }) => ({
    key: [parent.key, `${column.name}=${JSON.stringify(value)}`].filter(Boolean).join(BETWEEN),
    column,
    value,
    count,
    figures,
    depth: parent.depth + 1,
    where: all([parent.where, equal(column, value)]),
    branches: null,
  }));
}

/** Numbers by their size, the runs without one last; texts as they come, the most frequent first. */
function inOrder<T extends { value: unknown }>(values: readonly T[]): readonly T[] {
  if (!values.every(({ value }) => value === null || typeof value === "number")) return values;
  const size = ({ value }: T) => (typeof value === "number" ? value : Infinity);
  return [...values].sort((left, right) => size(left) - size(right));
}

type Parent = Pick<Branch, "key" | "depth" | "where">;

/** What all groups are in. */
export function root(where: string): Parent {
  return { key: "", depth: -1, where };
}

/** The lines of grouped runs: each group's heading and, where it is open, what is in it. */
export function layOut(tree: readonly Branch[], open: ReadonlySet<string>, levels: number): Stretch[] {
  const found: Stretch[] = [];
  let start = 0;
  const add = (stretch: Stretch) => {
    found.push(stretch);
    start += stretch.length;
  };
  const visit = (branch: Branch) => {
    add({ kind: "group", start, length: 1, branch });
    if (!open.has(branch.key)) return;
    if (branch.depth === levels - 1) {
      add({ kind: "runs", start, length: branch.count, depth: branch.depth + 1, where: branch.where, key: branch.key });
    } else if (branch.branches) branch.branches.forEach(visit);
    else add({ kind: "wait", start, length: 1, branch });
  };
  tree.forEach(visit);
  return found;
}

/** The lines of runs that are not grouped. */
export function flat(where: string, total: number): Stretch[] {
  return [{ kind: "runs", start: 0, length: total, depth: 0, where, key: "" }];
}

/** How many lines there are. */
export function lines(stretches: readonly Stretch[]): number {
  const last = stretches.at(-1);
  return last ? last.start + last.length : 0;
}

/** The stretch that a line lies in. */
export function at(stretches: readonly Stretch[], line: number): Stretch | null {
  let low = 0;
  let high = stretches.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((stretches[middle] as Stretch).start <= line) low = middle;
    else high = middle - 1;
  }
  const found = stretches[low];
  return found && line >= found.start && line < found.start + found.length ? found : null;
}

/** The key of the innermost group that curves are of: `owner` is its values by column, as JSON. */
export function keyOf(owner: string, columns: readonly Pick<Column, "name">[]): string {
  const values = JSON.parse(owner) as Record<string, unknown>;
  return columns.map(({ name }) => `${name}=${JSON.stringify(values[name] ?? null)}`).join(BETWEEN);
}

/** What a group is called among the curves: the other way round. */
export function ownerOf(key: string): string {
  const pairs = key.split(BETWEEN).map((part) => {
    const at = part.search(/=(?=["\d\-tfn])/); // a name may have a sign in it too
    return [part.slice(0, at), JSON.parse(part.slice(at + 1)) as unknown] as const;
  });
  return JSON.stringify(Object.fromEntries(pairs));
}

/** The branch of a key, however deep it lies. */
export function branchOf(tree: readonly Branch[], key: string): Branch | null {
  for (const branch of tree) {
    if (branch.key === key) return branch;
    const found = branchOf(branch.branches ?? [], key);
    if (found) return found;
  }
  return null;
}
