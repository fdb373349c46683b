// One line of the table: a run, a group's heading, or a place whose run is on its way.

import { useMemo } from "preact/hooks";
import { Icon } from "../parts/icon";
import { Status } from "../parts/status";
import { dark } from "../theme/scheme";
import { lookOf, type Look } from "../theme/palettes";
import { shown } from "./cells";
import { OWN, OWN_COLUMNS, type GridActs, type GridState, type LineOf } from "./grid";
import { GroupLine } from "./group_line";
import { placed, type inWindow, type Laid } from "./model";
import type { Row } from "./rows";
import { Swatch } from "./swatch";

export interface Props {
  index: number;
  top: number;
  of: LineOf;
  seen: ReturnType<typeof inWindow>;
  state: GridState;
  acts: GridActs;
  /** The column that the keys are at, if they are in this line. */
  cursor: number | null;
}

export function Line(props: Props) {
  const { of, index, top } = props;
  if (of.kind === "run") return <RunLine {...props} row={of.row} place={of.depth ? null : of.place} depth={of.depth} />;
  if (of.kind === "wait") return <div {...common(index, top)} class="rs-grid-line rs-grid-wait" />;
  return <GroupLine {...props} branch={of.branch} />;
}

/** What every line has. */
export function common(index: number, top: number) {
  return { role: "row" as const, "aria-rowindex": index + 2, style: { transform: `translateY(${top}px)` } };
}

type RunProps = Props & { row: Row; place: number | null; depth: number };

/** A run's line. It is drawn anew only when something that it shows changed: many lines pass while one scrolls. */
function RunLine({ row, place, depth, index, top, seen, state, acts, cursor }: RunProps) {
  const chosen = state.chosen.has(row.id);
  const hovered = state.hovered === row.id;
  const eyes = !state.group.length;
  const drawn = eyes && acts.isDrawn(row.id, place);
  const look = acts.placeOf(row.id, row.number);
  return useMemo(
    () => (
      <div
        {...common(index, top)}
        class={["rs-grid-line", chosen && "rs-chosen", hovered && "rs-hovered"].filter(Boolean).join(" ")}
        aria-selected={chosen}
        aria-level={depth ? depth + 1 : undefined}
        data-run={row.id}
        onPointerEnter={() => acts.hover(row.id)}
        onClick={(event) => event.shiftKey && acts.chooseRange(-1, index)}
      >
        <OwnCells {...{ row, index, place, chosen, eyes, drawn, acts, cursor }} look={lookOf(look, dark.value)} />
        {seen.columns.map((laid, order) => (
          <Cell
            key={laid.column.name}
            laid={laid}
            gap={!laid.pinned && (order === 0 || seen.columns[order - 1]?.pinned) ? seen.skipped : 0}
            depth={order === 0 ? depth : 0}
            row={row}
            at={`${index}:${state.columns.findIndex((one) => one.name === laid.column.name) + OWN_COLUMNS}`}
            cursor={cursor}
            acts={acts}
          />
        ))}
      </div>
    ),
    [row, place, depth, index, top, seen, state.columns, chosen, hovered, eyes, drawn, look, cursor, dark.value],
  );
}

interface OwnProps {
  row: Row;
  index: number;
  place: number | null;
  chosen: boolean;
  /** Whether runs are drawn by themselves, not as groups. */
  eyes: boolean;
  drawn: boolean;
  look: Look;
  acts: GridActs;
  cursor: number | null;
}

function OwnCells({ row, index, place, chosen, eyes, drawn, look, acts, cursor }: OwnProps) {
  return (
    <div class="rs-cell rs-own" style={{ width: `${OWN}px`, left: 0 }}>
      <span role="gridcell" aria-colindex={1} tabIndex={cursor === 0 ? 0 : -1} data-cell={`${index}:0`} class="rs-own-half">
        <input
          type="checkbox"
          tabIndex={-1}
          checked={chosen}
          aria-label={`Choose ${row.name}`}
          onClick={(event) => {
            if (event.shiftKey) return; // the line chooses the range
            event.stopPropagation();
            acts.choose(row.id, index);
          }}
        />
      </span>
      <span role="gridcell" aria-colindex={2} tabIndex={cursor === 1 ? 0 : -1} data-cell={`${index}:1`} class="rs-own-half">
        {eyes && (
          <button
            type="button"
            class="rs-eye"
            tabIndex={-1}
            aria-pressed={drawn}
            aria-label={`Draw ${row.name}`}
            title={drawn ? "Drawn: click to hide, double click for this one only" : "Hidden: click to draw"}
            onClick={(event) => event.detail < 2 && acts.toggleEye(row.id, place)}
            onDblClick={() => acts.soloClicked(row.id)}
          >
            {drawn ? <Swatch look={look} /> : <Icon name="hidden" />}
          </button>
        )}
      </span>
    </div>
  );
}

interface CellProps {
  laid: Laid;
  gap: number;
  depth: number;
  row: Row;
  at: string;
  cursor: number | null;
  acts: GridActs;
}

function Cell({ laid, gap, depth, row, at, cursor, acts }: CellProps) {
  const { column } = laid;
  const value = row.values[column.name];
  const text = shown(value, column.type);
  const number = column.type === "number" || column.type === "duration";
  const place = Number(at.split(":")[1]);
  return (
    <div
      role="gridcell"
      aria-colindex={place + 1}
      tabIndex={cursor === place ? 0 : -1}
      data-cell={at}
      class={`rs-cell${laid.pinned ? " rs-pinned" : ""}${number ? " rs-number" : ""}`}
      style={{ ...placed(laid, gap), paddingLeft: depth ? `${8 + depth * 16}px` : undefined }}
      title={text === String(value ?? "") && text.length < 16 ? undefined : String(value ?? "")}
    >
      {column.name === "name" ? (
        <a class="rs-cut" href={acts.href(row.id)} tabIndex={-1}>
          {row.name}
        </a>
      ) : column.name === "status" ? (
        <Status status={text} />
      ) : (
        <span class="rs-cut">{text}</span>
      )}
    </div>
  );
}
