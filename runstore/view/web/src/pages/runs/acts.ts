// What the table's clicks and keys do to the view.

import { useMemo, useRef } from "preact/hooks";
import type { App } from "../../state/app";
import { placeOf } from "../../state/colours";
import { choose, chooseRange, drawn, solo, toggle } from "../../state/eyes";
import { moved, NARROWEST, switched, usual } from "../../table/columns";
import { lineAt, type GridActs } from "../../table/grid";
import { clicked } from "../../table/order";
import { GROUPS_DRAWN, groupPlace, type Listing } from "./listing";

/** The table's acts; the same object as long as the page is the same. */
export function useActs(app: App, listing: Listing): GridActs {
  const newest = useRef(listing);
  newest.current = listing;
  return useMemo(() => acts(app, () => newest.current), [app]);
}

function acts(app: App, listing: () => Listing): GridActs {
  const view = () => app.view.peek();
  const order = () => view().columns ?? usual(listing().columns);
  let before = { hidden: view().hidden, shown: view().shown, solo: view().solo }; // the first of two clicks
  let last = 0; // the line that was chosen last: where a range begins
  const acts: GridActs = {
    row: (where, place) => listing().windows.row(where, place),
    isDrawn: (id, place) => (listing().groupColumns.length ? listing().drawn.includes(id) : drawn(view(), id, place)),
    placeOf: (id, number) => {
      const { colours } = view();
      return listing().ids.includes(id) && id.includes("=") ? groupPlace(listing(), id, colours) : placeOf(id, number, colours);
    },
    choose: (id, line) => {
      last = line;
      app.change({ chosen: choose(view().chosen, id) });
    },
    chooseRange: (from, to) => {
      const ids = idsOf(listing(), from < 0 ? last : from, to, acts);
      app.change({ chosen: chooseRange(view().chosen, ids, 0, ids.length) });
      getSelection()?.removeAllRanges();
    },
    toggleEye: (id, place) => {
      const { hidden, shown, solo: alone } = view();
      before = { hidden, shown, solo: alone };
      const { groupColumns, ids } = listing();
      app.change(groupColumns.length ? toggle({ ...view(), drawn: GROUPS_DRAWN }, id, ids.indexOf(id)) : toggle(view(), id, place));
    },
    recolour: (id, place) => app.change({ colours: { ...view().colours, [id]: place } }),
    solo: (id) => app.change(solo(view(), id)),
    soloClicked: (id) => app.change({ ...before, ...solo({ ...view(), ...before }, id) }),
    open: (id) => app.go("run", id),
    openLog: (id) => app.go("run", id, { more: { tab: "logs" } }),
    href: (id) => app.href("run", id),
    toggleGroup: (key) => app.change({ open: switched(view().open, key) }),
    hover: (id) => (app.linked.hovered.value = id !== null && listing().drawn.includes(id) ? id : null),
    sort: (column, more) => app.change({ sort: clicked(view().sort, column, more) }),
    resize: (column, width) => {
      app.change({ widths: { ...view().widths, [column]: Math.max(NARROWEST, Math.round(width)) } }, true);
    },
    pin: (column) => app.change({ pinned: switched(view().pinned, column) }),
    hide: (column) => app.change({ columns: order().filter((name) => name !== column) }),
    reorder: (column, to) => app.change({ columns: moved(order(), column, to) }),
    group: (column) => app.change({ group: switched(view().group, column), open: [], solo: [], hidden: [], shown: [] }),
  };
  return acts;
}

/** The runs from one line to another, both included. */
function idsOf(listing: Listing, from: number, to: number, acts: GridActs): string[] {
  const ids: string[] = [];
  for (let line = Math.max(0, Math.min(from, to)); line <= Math.max(from, to); line++) {
    const found = lineAt(listing.stretches, line, acts);
    if (found.kind === "run") ids.push(found.row.id);
  }
  return ids;
}
