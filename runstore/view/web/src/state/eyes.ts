// Which runs are drawn, and which are chosen: what the eyes and the check boxes of the table mean.

import type { View } from "./view";

type Eyes = Pick<View, "hidden" | "shown" | "solo" | "drawn">;

/** Whether the run at this place of the table is drawn. Runs without a place are drawn when asked for. */
export function drawn(view: Eyes, id: string, index: number | null): boolean {
  if (view.solo.length) return view.solo.includes(id);
  if (view.shown.includes(id)) return true;
  return index !== null && index < view.drawn && !view.hidden.includes(id);
}

/** The ids of all runs that are drawn, those of the table first, in its order. */
export function drawnOf(view: Eyes, listed: readonly string[]): string[] {
  if (view.solo.length) return [...view.solo];
  const seen = listed.filter((id, index) => drawn(view, id, index));
  const known = new Set(seen);
  return [...seen, ...view.shown.filter((id) => !known.has(id))];
}

/** Draw a run, or draw it no more. */
export function toggle(view: Eyes, id: string, index: number | null): Pick<View, "hidden" | "shown" | "solo"> {
  return set(view, id, !drawn(view, id, index), index);
}

function set(view: Eyes, id: string, on: boolean, index: number | null): Pick<View, "hidden" | "shown" | "solo"> {
  if (view.solo.length) {
    const solo = on ? [...view.solo, id] : without(view.solo, id);
    return { hidden: view.hidden, shown: view.shown, solo };
  }
  const first = index !== null && index < view.drawn;
  const hidden = without(view.hidden, id);
  const shown = without(view.shown, id);
  if (!on && first) hidden.push(id);
  if (on && !first) shown.push(id);
  return { hidden, shown, solo: [] };
}

/** Draw only this run; all as before when it was the only one already. */
export function solo(view: Eyes, id: string): Pick<View, "solo"> {
  return { solo: view.solo.length === 1 && view.solo[0] === id ? [] : [id] };
}

/** Of the runs of the table, draw those that are not drawn and the other way round. */
export function invert(view: Eyes, listed: readonly string[]): Pick<View, "hidden" | "shown" | "solo"> {
  let next = { hidden: view.hidden, shown: view.shown, solo: [] as string[] };
  listed.forEach((id, index) => {
    next = set({ ...next, solo: [], drawn: view.drawn }, id, !drawn(view, id, index), index);
  });
  return next;
}

/** Choose one run, or choose it no more. */
export function choose(chosen: readonly string[], id: string): string[] {
  return chosen.includes(id) ? without(chosen, id) : [...chosen, id];
}

/** Choose all from one place of the table to another, both included; what was chosen stays so. */
export function chooseRange(chosen: readonly string[], listed: readonly string[], from: number, to: number): string[] {
  const range = listed.slice(Math.min(from, to), Math.max(from, to) + 1);
  return [...new Set([...chosen, ...range])];
}

function without(ids: readonly string[], id: string): string[] {
  return ids.filter((one) => one !== id);
}
