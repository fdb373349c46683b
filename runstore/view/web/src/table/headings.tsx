// The table's headings: each sorts, is dragged to another place and to another width, and has a menu.

import { Popover } from "../parts/popover";
import { Icon, type IconName } from "../parts/icon";
import type { GridActs, GridState } from "./grid";
import { headingOf } from "./columns";
import { OWN, OWN_COLUMNS } from "./grid";
import { placed, type inWindow, type Laid, type Layout } from "./model";
import type { Place } from "./moves";
import { spoken } from "./order";

interface Props {
  layout: Layout;
  seen: ReturnType<typeof inWindow>;
  state: GridState;
  acts: GridActs;
  cursor: Place;
}

export function Headings({ layout, seen, state, acts, cursor }: Props) {
  const here = (column: number) => (cursor.line === -1 && cursor.column === column ? 0 : -1);
  return (
    <div class="rs-grid-head" role="rowgroup" style={{ width: `${layout.width}px` }}>
      <div class="rs-grid-line" role="row" aria-rowindex={1}>
        <div class="rs-cell rs-own" style={{ width: `${OWN}px`, left: 0 }}>
          {["Chosen", "Drawn"].map((label, column) => (
            <span
              key={label}
              role="columnheader"
              aria-colindex={column + 1}
              class="rs-own-half"
              tabIndex={here(column)}
              data-cell={`-1:${column}`}
            >
              <span class="rs-unseen">{label}</span>
            </span>
          ))}
        </div>
        {seen.columns.map((laid) => {
          const place = layout.columns.indexOf(laid) + OWN_COLUMNS;
          const first = laid === seen.columns.find((one) => !one.pinned);
          return (
            <Heading
              key={laid.column.name}
              laid={laid}
              place={place}
              gap={first ? seen.skipped : 0}
              tab={here(place)}
              state={state}
              acts={acts}
            />
          );
        })}
      </div>
    </div>
  );
}

interface HeadingProps {
  laid: Laid;
  place: number;
  gap: number;
  tab: number;
  state: GridState;
  acts: GridActs;
}

function Heading({ laid, place, gap, tab, state, acts }: HeadingProps) {
  const { column } = laid;
  const order = spoken(state.sort, column.name);
  const rank = state.sort.findIndex((key) => key.column === column.name);
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Enter" && event.target === event.currentTarget) acts.sort(column.name, event.shiftKey);
    else if (event.altKey && event.key === "ArrowRight") acts.resize(column.name, laid.width + 16);
    else if (event.altKey && event.key === "ArrowLeft") acts.resize(column.name, laid.width - 16);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      role="columnheader"
      aria-colindex={place + 1}
      aria-sort={order}
      tabIndex={tab}
      data-cell={`-1:${place}`}
      class={`rs-cell rs-heading${laid.pinned ? " rs-pinned" : ""}${/^(number|duration)$/.test(column.type) ? " rs-number" : ""}`}
      style={placed(laid, gap)}
      draggable
      onDragStart={(event) => event.dataTransfer?.setData("text/rs-column", column.name)}
      onDragOver={(event) => event.dataTransfer?.types.includes("text/rs-column") && event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        acts.reorder(event.dataTransfer?.getData("text/rs-column") ?? "", column.name);
      }}
      onKeyDown={keys}
    >
      <button
        type="button"
        class="rs-heading-sort"
        tabIndex={-1}
        title={`${column.label} (${WORDS[column.of]}). Click sorts, Shift adds to the order.`}
        onClick={(event) => acts.sort(column.name, event.shiftKey)}
      >
        <span class="rs-cut">{headingOf(column, state.columns)}</span>
        {order !== "none" && <Icon name={order === "ascending" ? "rise" : "fall"} size={12} />}
        {state.sort.length > 1 && rank >= 0 && <small>{rank + 1}</small>}
      </button>
      <Popover icon="more" label={`More of ${column.label}`} text={null} tab={-1}>
        {(close) => <Menu laid={laid} state={state} acts={acts} close={close} />}
      </Popover>
      <Grip laid={laid} acts={acts} />
    </div>
  );
}

const WORDS = { field: "of the run", param: "param", metric: "metric, last value", tag: "tag" };

function Menu({ laid, state, acts, close }: { laid: Laid; state: GridState; acts: GridActs; close: () => void }) {
  const { name } = laid.column;
  const grouped = state.group.includes(name);
  const told: [IconName, string, () => void][] = [
    ["fall", "Sort", () => acts.sort(name, false)],
    ["pin", laid.pinned ? "Let go" : "Pin at the left", () => acts.pin(name)],
    ["group", grouped ? "Don't group by this" : "Group by this", () => acts.group(name)],
    ["hidden", "Hide", () => acts.hide(name)],
  ];
  return (
    <div class="rs-column-menu" role="menu">
      {told.map(([icon, label, run]) => (
        <button
          key={label}
          type="button"
          role="menuitem"
          onClick={() => {
            close();
            run();
          }}
        >
          <Icon name={icon} /> {label}
        </button>
      ))}
    </div>
  );
}

function Grip({ laid, acts }: { laid: Laid; acts: GridActs }) {
  const start = (event: PointerEvent) => {
    event.preventDefault();
    const grip = event.currentTarget as HTMLElement;
    const from = event.clientX;
    grip.setPointerCapture(event.pointerId);
    const drag = (moved: PointerEvent) => acts.resize(laid.column.name, laid.width + moved.clientX - from);
    grip.addEventListener("pointermove", drag);
    grip.addEventListener("lostpointercapture", () => grip.removeEventListener("pointermove", drag), { once: true });
  };
  return <span class="rs-grip" aria-hidden="true" draggable={false} onPointerDown={start} />;
}
