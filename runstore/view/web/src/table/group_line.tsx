// A group's line in the table.

import { useApp } from "../state/app";
import { Icon } from "../parts/icon";
import { Status } from "../parts/status";
import { lookOf } from "../theme/palettes";
import { dark } from "../theme/scheme";
import { shown } from "./cells";
import { cellOf } from "./figures";
import { OWN, OWN_COLUMNS, type GridActs } from "./grid";
import { ownerOf, type Branch } from "./group";
import { common, type Props } from "./line";
import { placed, type Laid } from "./model";
import { Swatch } from "./swatch";

type GroupProps = Props & { branch: Branch };

/** A group's line: what its runs have in common, how many they are, and what each column is among them. */
export function GroupLine({ branch, index, top, seen, state, acts, cursor }: GroupProps) {
  const app = useApp();
  const open = state.open.has(branch.key);
  const value = branch.value === null ? "(none)" : shown(branch.value, branch.column.type);
  const innermost = branch.depth === state.group.length - 1;
  return (
    <div
      {...common(index, top)}
      class="rs-grid-line rs-grid-group"
      aria-level={branch.depth + 1}
      aria-expanded={open}
      onPointerEnter={() => (app.linked.hovered.value = innermost ? ownerOf(branch.key) : null)}
    >
      <GroupOwn {...{ branch, index, acts, cursor, open, innermost, value }} />
      {seen.columns.map((laid, order) => {
        const place = state.columns.findIndex((one) => one.name === laid.column.name) + OWN_COLUMNS;
        const gap = !laid.pinned && (order === 0 || seen.columns[order - 1]?.pinned) ? seen.skipped : 0;
        const cell = { laid, gap, index, place, cursor };
        if (order === 0) return <GroupName key={laid.column.name} {...cell} branch={branch} value={value} />;
        return <GroupFigure key={laid.column.name} {...cell} {...cellOf(branch.figures[laid.column.name], laid.column, state.figure)} />;
      })}
    </div>
  );
}

interface GroupOwnProps {
  branch: Branch;
  index: number;
  acts: GridActs;
  cursor: number | null;
  open: boolean;
  innermost: boolean;
  value: string;
}

function GroupOwn({ branch, index, acts, cursor, open, innermost, value }: GroupOwnProps) {
  const drawn = acts.isDrawn(branch.key, null);
  return (
    <div class="rs-cell rs-own" style={{ width: `${OWN}px`, left: 0 }}>
      <span role="gridcell" aria-colindex={1} tabIndex={cursor === 0 ? 0 : -1} data-cell={`${index}:0`} class="rs-own-half">
        <button type="button" class="rs-icon-button" tabIndex={-1} aria-expanded={open} aria-label={`Open ${value}`} onClick={() => acts.toggleGroup(branch.key)}>
          <Icon name={open ? "down" : "right"} />
        </button>
      </span>
      <span role="gridcell" aria-colindex={2} tabIndex={cursor === 1 ? 0 : -1} data-cell={`${index}:1`} class="rs-own-half">
        {innermost && (
          <button
            type="button"
            class="rs-eye"
            tabIndex={-1}
            aria-pressed={drawn}
            aria-label={`Draw ${value}`}
            onClick={(event) => event.detail < 2 && acts.toggleEye(branch.key, null)}
            onDblClick={() => acts.soloClicked(branch.key)}
          >
            {drawn ? <Swatch look={lookOf(acts.placeOf(branch.key, null), dark.value)} /> : <Icon name="hidden" />}
          </button>
        )}
      </span>
    </div>
  );
}

interface GroupCellProps {
  laid: Laid;
  gap: number;
  index: number;
  place: number;
  cursor: number | null;
}

function groupCell({ laid, gap, index, place, cursor }: GroupCellProps) {
  return {
    role: "gridcell" as const,
    "aria-colindex": place + 1,
    tabIndex: cursor === place ? 0 : -1,
    "data-cell": `${index}:${place}`,
    style: placed(laid, gap),
  };
}

function GroupName({ branch, value, ...cell }: GroupCellProps & { branch: Branch; value: string }) {
  const common = groupCell(cell);
  return (
    <div
      {...common}
      class={`rs-cell rs-group-name${cell.laid.pinned ? " rs-pinned" : ""}`}
      style={{ ...common.style, paddingLeft: `${8 + branch.depth * 16}px` }}
      title={`${branch.column.label} ${value}: ${branch.count.toLocaleString("en")} ${branch.count === 1 ? "run" : "runs"}`}
    >
      <span class="rs-muted rs-cut">{branch.column.label}</span> <strong class="rs-cut">{value}</strong>
      <span class="rs-count">{branch.count.toLocaleString("en")}</span>
    </div>
  );
}

function GroupFigure({ text, spread, title, ...cell }: GroupCellProps & { text: string; spread: string; title: string }) {
  const { column } = cell.laid;
  const number = column.type === "number" || column.type === "duration";
  return (
    <div {...groupCell(cell)} class={`rs-cell${cell.laid.pinned ? " rs-pinned" : ""}${number ? " rs-number" : ""}`} title={title || undefined}>
      <span class="rs-cut">
        {column.name === "status" && text ? <Status status={text} /> : text}
        {spread && <span class="rs-muted rs-spread">{spread}</span>}
      </span>
    </div>
  );
}
