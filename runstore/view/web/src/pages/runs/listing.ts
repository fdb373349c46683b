// The runs that the page is about: columns, rows, groups, and which of them are drawn.

import { useEffect, useMemo, useRef } from "preact/hooks";
import { opened } from "../../chart/first";
import { useAnswer, useAsked } from "../../state/answer";
import { useApp, type App } from "../../state/app";
import { hash } from "../../state/colours";
import { drawnOf } from "../../state/eyes";
import { shownColumns, type Column } from "../../table/columns";
import { figureOf } from "../../table/figures";
import { flat, layOut, type Branch, type Stretch } from "../../table/group";
import { Groups } from "../../table/groups";
import { ALWAYS, questionOf } from "../../table/question";
import { rowsOf, type Row, type RunsAnswer } from "../../table/rows";
import { Windows } from "../../table/windows";
import { PLACES } from "../../theme/palettes";
import { all, quoted } from "../../table/words";

const COLUMNS = 2000;
export const GROUPS_DRAWN = 30;

export interface Listing {
  columns: readonly Column[];
  shown: readonly Column[];
  groupColumns: readonly Column[];
  windows: Windows;
  groups: Groups;
  stretches: readonly Stretch[];
  total: number | null;
  /** The first runs of the table, in its order. */
  first: readonly Row[];
  /** What can be drawn without being asked for: the first runs, or the innermost groups. */
  ids: readonly string[];
  /** What is drawn: runs, or groups by their keys. */
  drawn: readonly string[];
  /** It is known that nothing is. */
  undrawn: boolean;
  byId: ReadonlyMap<string, Row>;
  /** The runs of open groups, drawn beside them: to each the key of its group. */
  seeds: ReadonlyMap<string, Seed>;
  error: Error | null;
  stale: boolean;
  again(): void;
}

/** The listing of the view; asked anew when runs come or end, and when what it shows changes. */
export function useListing(): Listing {
  const app = useApp();
  const view = app.view.value;
  const { where, experiment } = view;
  const answer = useAnswer<{ columns: Column[] }>(
    opened.value || view.group.length ? "columns" : null, // the first chart is there sooner if these wait for it
    { experiment: experiment || null, limit: COLUMNS },
    app.live.listed.value,
  );
  const columns = answer.value?.columns ?? NONE;
  const shown = useMemo(() => shownColumns(columns, view), [columns, view.columns, view.pinned, view.differs]);
  const groupColumns = useMemo(
    () => view.group.flatMap((name) => columns.find((column) => column.name === name) ?? []),
    [columns, view.group],
  );
  const { windows, groups } = useStores(app);
  const known = answer.value !== null;
  // The charts need to know only which runs there are: they don't wait for the columns.
  windows.ask(questionOf(view, shown.map((one) => one.name)));
  if (known) groups.ask(groupColumns, where, experiment, groupColumns.length ? shown.map((one) => one.name) : NO_NAMES);
  void [windows.came.value, groups.came.value]; // read, so that what comes is drawn
  const grouped = groupColumns.length > 0 || (!known && view.group.length > 0);
  const tree = useKept(known && grouped ? groups.tree(new Set(view.open), view.sort, figureOf(view.figure)) : null, grouped);
  const rows = useKept(windows.has(where) ? where : null, true); // those of before until these have come
  const total = rows === null ? null : windows.total(rows);
  const first = rows === null ? NO_ROWS : windows.first(rows, view.drawn);
  const stretches = useMemo(
    () => (grouped ? layOut(tree ?? [], new Set(view.open), groupColumns.length) : flat(rows ?? "", total ?? 0)),
    [tree && JSON.stringify(tree), view.open, groupColumns, rows, total],
  );
  const ids = grouped ? innermost(tree ?? [], groupColumns.length) : first.map((row) => row.id);
  const wanted = drawnOf(grouped ? { ...view, drawn: GROUPS_DRAWN } : view, ids);
  const { rows: extra, waiting } = useAbsent(grouped ? [] : wanted, first);
  const byId = new Map([...first, ...extra].map((row) => [row.id, row]));
  const drawn = grouped ? wanted : wanted.filter((id) => byId.has(id)); // an old address may name runs that are gone
  return {
    columns,
    shown,
    groupColumns,
    windows,
    groups,
    stretches,
    total,
    first,
    ids,
    drawn,
    undrawn: !grouped && total !== null && total > 0 && !waiting && !drawn.length,
    byId,
    seeds: grouped ? seedsOf(stretches, windows) : NO_SEEDS,
    error: answer.error ?? windows.error.value ?? groups.error.value,
    stale: rows !== where || !windows.fresh(where),
    again: () => {
      answer.again();
      windows.renew();
      groups.renew();
    },
  };
}

const NONE: Column[] = [];
const NO_ROWS: Row[] = [];
const NO_NAMES: string[] = [];
const NO_SEEDS: ReadonlyMap<string, Seed> = new Map();
const SEEDS = { group: 20, all: 100 };

/** A run of an open group. */
export interface Seed {
  key: string;
  row: Row;
}

/** The first runs of each open group, as far as they are here. */
function seedsOf(stretches: readonly Stretch[], windows: Windows): Map<string, Seed> {
  const found = new Map<string, Seed>();
  for (const one of stretches) {
    if (one.kind !== "runs") continue;
    for (let place = 0; place < Math.min(one.length, SEEDS.group) && found.size < SEEDS.all; place++) {
      const row = windows.row(one.where, place);
      if (row) found.set(row.id, { key: one.key, row });
    }
  }
  return found;
}

/** What was known last, as long as nothing newer is: the page keeps its picture while it waits. */
function useKept<T>(now: T | null, keep: boolean): T | null {
  const last = useRef<T | null>(null);
  if (now !== null || !keep) last.current = now;
  return last.current;
}

/**
 * A group's place in the palette: one each, whatever order they are shown in. Of groups within groups only those are known
 * that were opened: there it is the name that decides, lest one that is opened repaints the others.
 */
export function groupPlace(listing: Pick<Listing, "ids" | "groupColumns">, key: string, byHand: Record<string, number>): number {
  const known = listing.groupColumns.length > 1 ? -1 : [...listing.ids].sort().indexOf(key);
  return byHand[key] ?? (known < 0 ? hash(key) % PLACES : known);
}

function useStores(app: App): { windows: Windows; groups: Groups } {
  const stores = useMemo(() => ({ windows: new Windows(app.source), groups: new Groups(app.source) }), [app]);
  const changed = app.live.changed.value;
  const listed = app.live.listed.value;
  useEffect(() => {
    if (changed) stores.windows.renewSoon();
  }, [stores, changed]);
  useEffect(() => {
    if (listed) stores.groups.renew();
  }, [stores, listed]);
  useEffect(() => () => stores.windows.close(), [stores]);
  return stores;
}

/** The keys of the innermost groups that are known; the outermost where none is open. */
function innermost(tree: readonly Branch[], levels: number): string[] {
  return tree.flatMap((branch) => (branch.depth === levels - 1 ? [branch.key] : innermost(branch.branches ?? [], levels)));
}

/** Runs that are drawn but not among the table's first: asked for by their ids. */
function useAbsent(drawn: readonly string[], first: readonly Row[]): { rows: Row[]; waiting: boolean } {
  const app = useApp();
  const known = new Set(first.map((row) => row.id));
  const absent = drawn.filter((id) => !known.has(id));
  const { value, error } = useAsked(absent.length ? absent.join() : null, async (signal) => {
    const where = `run_id in (${absent.map(quoted).join(", ")})`;
    const query = { where: all([where]), columns: ALWAYS, limit: absent.length };
    return rowsOf(await app.source.json<RunsAnswer>("runs", query, signal));
  });
  return { rows: absent.length ? (value ?? []) : [], waiting: absent.length > 0 && value === null && error === null };
}
