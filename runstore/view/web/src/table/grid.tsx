// The table of the runs: a grid of which only the lines in its window are in the document.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Row } from "./rows";
import type { Column } from "./columns";
import type { Figure } from "./figures";
import { at, lines, type Branch, type Stretch } from "./group";
import { Headings } from "./headings";
import { Line } from "./line";
import { inWindow, layOutColumns, type Layout } from "./model";
import { move, type Place } from "./moves";
import { useVirtual } from "./virtual";
import type { SortKey } from "../state/view";

export const HEIGHT = 30;
export const OWN = 68; // the check box and the eye
export const OWN_COLUMNS = 2;

/** What the table may ask of the page around it. */
export interface GridActs {
  row(where: string, place: number): Row | null;
  isDrawn(id: string, place: number | null): boolean;
  placeOf(id: string, number: number | null): number;
  choose(id: string, line: number): void;
  chooseRange(from: number, to: number): void;
  toggleEye(id: string, place: number | null): void;
  recolour(id: string, place: number): void;
  solo(id: string): void;
  /** Of a double click, whose first click has switched the eye already. */
  soloClicked(id: string): void;
  open(id: string): void;
  openLog(id: string): void;
  href(id: string): string;
  toggleGroup(key: string): void;
  hover(id: string | null): void;
  sort(column: string, more: boolean): void;
  resize(column: string, width: number): void;
  pin(column: string): void;
  hide(column: string): void;
  reorder(column: string, to: string): void;
  group(column: string): void;
}

export interface GridState {
  columns: readonly Column[];
  stretches: readonly Stretch[];
  pinned: readonly string[];
  widths: Record<string, number>;
  sort: readonly SortKey[];
  group: readonly string[];
  /** Which figure of a column stands in a group's line. */
  figure: Figure;
  open: ReadonlySet<string>;
  chosen: ReadonlySet<string>;
  hovered: string | null;
  dim: boolean;
}

/** One line of the table: a run and its place among the runs around it, a group, or something on its way. */
export type LineOf =
  | { kind: "run"; row: Row; place: number; depth: number }
  | { kind: "group"; branch: Branch }
  | { kind: "wait" };

export function Grid({ state, acts }: { state: GridState; acts: GridActs }) {
  const scroller = useRef<HTMLDivElement>(null);
  const layout = useMemo(
    () => layOutColumns(state.columns, state.pinned, roomy(state), OWN),
    [state.columns, state.pinned, state.widths, state.group],
  );
  const count = lines(state.stretches);
  const virtual = useVirtual(scroller, count, HEIGHT);
  const { scrollLeft, width } = virtual;
  const seen = useMemo(() => inWindow(layout, scrollLeft, width), [layout, scrollLeft, width]);
  const cursor = useCursor(scroller, state, acts, layout, count, virtual);
  return (
    <div
      ref={scroller}
      class={`rs-grid${state.dim ? " rs-dim" : ""}`}
      role={state.group.length ? "treegrid" : "grid"}
      aria-label="Runs"
      aria-rowcount={count + 1}
      aria-colcount={layout.columns.length + OWN_COLUMNS}
      aria-multiselectable="true"
      aria-busy={state.dim}
      onKeyDown={cursor.onKeyDown}
      onFocusIn={cursor.onFocusIn}
      onPointerLeave={() => acts.hover(null)}
      onFocusOut={(event) => {
        if (!scroller.current?.contains(event.relatedTarget as Node | null)) acts.hover(null);
      }}
    >
      <Headings layout={layout} seen={seen} state={state} acts={acts} cursor={cursor.place} />
      <div class="rs-grid-body" role="rowgroup" style={{ height: `${count * HEIGHT}px`, width: `${layout.width}px` }}>
        {virtual.items.map((item) => (
          <Line
            key={item.index}
            index={item.index}
            top={item.start}
            of={lineAt(state.stretches, item.index, acts)}
            seen={seen}
            state={state}
            acts={acts}
            cursor={cursor.place.line === item.index ? cursor.place.column : null}
          />
        ))}
      </div>
    </div>
  );
}

/** Names of groups and their figures take more room than those of runs. */
function roomy({ group, widths, columns }: GridState): Record<string, number> {
  if (!group.length) return widths;
  const usual = columns.map((one) => [one.name, one.name === "name" ? 210 : one.type === "number" ? 124 : undefined] as const);
  const wide = usual.flatMap(([name, width]) => (width === undefined ? [] : [[name, width] as const]));
  return { ...Object.fromEntries(wide), ...widths };
}

/** What stands in a line. */
export function lineAt(stretches: readonly Stretch[], line: number, acts: Pick<GridActs, "row">): LineOf {
  const stretch = at(stretches, line);
  if (stretch?.kind === "group") return { kind: "group", branch: stretch.branch };
  if (stretch?.kind !== "runs") return { kind: "wait" };
  const place = line - stretch.start;
  const row = acts.row(stretch.where, place);
  return row ? { kind: "run", row, place, depth: stretch.depth } : { kind: "wait" };
}

type Virtual = ReturnType<typeof useVirtual>;

/** The cell that the keys are at: the only one in the tab order. */
function useCursor(
  scroller: { current: HTMLElement | null },
  state: GridState,
  acts: GridActs,
  layout: Layout,
  count: number,
  virtual: Virtual,
) {
  const [place, setPlace] = useState<Place>({ line: 0, column: OWN_COLUMNS });
  const wanted = useRef(false);
  const anchor = useRef<number | null>(null);
  const columns = layout.columns.length + OWN_COLUMNS;
  const inside = { line: Math.min(place.line, count - 1), column: Math.min(place.column, columns - 1) };
  useLayoutEffect(() => {
    if (!wanted.current) return;
    const cell = scroller.current?.querySelector<HTMLElement>(`[data-cell="${inside.line}:${inside.column}"]`);
    if (!cell) return;
    wanted.current = false;
    cell.focus({ preventScroll: true });
  });
  useEffect(() => reveal(scroller.current, layout, inside.column), [inside.column]);
  const walk = (next: Place) => {
    wanted.current = true;
    setPlace(next);
    if (next.line >= 0) virtual.scrollTo(next.line);
    const line = next.line >= 0 ? lineAt(state.stretches, next.line, acts) : null;
    acts.hover(line?.kind === "run" ? line.row.id : null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if ((event.target as HTMLElement).closest(".rs-panel")) return;
    const ctrl = event.ctrlKey || event.metaKey;
    if (event.altKey || (ctrl && event.key.length === 1)) return;
    const next = move(inside, event.key, ctrl, { lines: count, columns, page: virtual.page });
    if (next) {
      if (event.shiftKey && next.line !== inside.line) {
        anchor.current ??= inside.line;
        acts.chooseRange(anchor.current, next.line);
      } else anchor.current = null;
      walk(next);
    } else if (!act(event, lineAt(state.stretches, inside.line, acts), inside, acts)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onFocusIn = (event: FocusEvent) => {
    const told = (event.target as HTMLElement).closest<HTMLElement>("[data-cell]")?.dataset["cell"]?.split(":");
    if (told) setPlace({ line: Number(told[0]), column: Number(told[1]) });
  };
  return { place: inside, onKeyDown, onFocusIn };
}

/** What a key does to the line it is pressed in; false where it means nothing there. */
function act(event: KeyboardEvent, line: LineOf, place: Place, acts: GridActs): boolean {
  if (place.line < 0) return false;
  const { key } = event;
  if (line.kind === "group") {
    if (key === "h") acts.toggleEye(line.branch.key, null);
    else if (key === "s") acts.solo(line.branch.key);
    else if (key === "Enter" || key === " ") acts.toggleGroup(line.branch.key);
    else return false;
    return true;
  }
  if (line.kind !== "run") return false;
  const { id } = line.row;
  if (key === "x" || (key === " " && place.column !== 1)) acts.choose(id, place.line);
  else if (key === "h" || (key === " " && place.column === 1)) acts.toggleEye(id, line.depth ? null : line.place);
  else if (key === "s") acts.solo(id);
  else if (key === "l") acts.openLog(id);
  else if (key === "Enter") acts.open(id);
  else return false;
  return true;
}

/** Scroll sideways until a column is clear of the pinned ones. */
function reveal(scroller: HTMLElement | null, layout: Layout, column: number): void {
  const laid = layout.columns[column - OWN_COLUMNS];
  if (!scroller || !laid || laid.pinned) return;
  const left = laid.left - layout.pinnedWidth;
  const room = scroller.clientWidth - layout.pinnedWidth;
  if (left < scroller.scrollLeft) scroller.scrollLeft = left;
  else if (left + laid.width > scroller.scrollLeft + room) scroller.scrollLeft = left + laid.width - room;
}
