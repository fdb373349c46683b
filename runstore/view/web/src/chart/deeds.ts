// What pointer, wheel and keys do in a chart.

import { batch } from "@preact/signals";
import type { AreaProps } from "./area";
import type { Curve, Range } from "./curve";
import { deedOf, stepped, type Deed } from "./keys";
import type { Linked } from "./linked";
import type { Doings, Plot } from "./plot";
import { moved, zoomed } from "./ranges";
import { readings } from "./readings";

const NEAR = 18; // pixels from a line within which the pointer means it
const STILL = 40; // milliseconds that the pointer rests on a line before it stands out

/** The zoom asked for, kept within what there is; null if that is everything. */
function kept(range: Range, whole: Range): Range | null {
  const low = Math.max(range.low, whole.low);
  const high = Math.min(range.high, whole.high);
  if (low <= whole.low && high >= whole.high) return null;
  return high > low && high - low > Math.abs(high) * 1e-12 ? { low, high } : { low: whole.low, high: whole.high };
}

/** What the pointer does in a chart. */
export function doings(now: { current: AreaProps }, linked: Linked, me: symbol, moving: { current: boolean }, drawn: { current: Plot | null }): Doings {
  let resting = 0;
  let meant = false; // whether what stands out does so because of this pointer
  const mean = (x: number | null, top: number): void => {
    clearTimeout(resting);
    const { curves } = now.current;
    if (x === null ? !meant : curves.length < 2) return;
    resting = window.setTimeout(() => {
      const id = x === null || drawn.current === null ? null : under(drawn.current, curves, x, top);
      if (id === null && !meant) return;
      meant = id !== null;
      linked.hovered.value = id;
    }, STILL);
  };
  const zoom = (range: Range): void => {
    moving.current = true;
    now.current.onZoom(kept(range, now.current.whole));
  };
  return {
    pointed: (x: number | null, top: number) => {
      const { kind, curves } = now.current;
      mean(x, top);
      batch(() => {
        if (x === null && linked.cursor.value?.by !== me) return;
        linked.point(kind.x, x === null || !curves.length ? null : x, me);
      });
    },
    clicked: () => linked.pin(),
    boxed: (x: Range | null, y: Range | null) => {
      if (x !== null) now.current.onZoom(kept(x, now.current.whole));
      if (y !== null) now.current.onBox(y);
    },
    reset: () => now.current.onReset(),
    wheeled: (at: number, factor: number) => zoom(zoomed(now.current.x, at, factor, now.current.kind.logX)),
    dragged: (x: number, y: number) => {
      const { x: range, y: up, kind, whole, onBox } = now.current;
      if (x) {
        const to = moved(range, -x, kind.logX);
        if (to.low >= whole.low && to.high <= whole.high) zoom(to);
      }
      if (y) onBox(moved(up, y, kind.logY));
    },
  };
}

/** The curve that the pointer is on, if it is near one. */
function under(plot: Plot, curves: readonly Curve[], x: number, top: number): string | null {
  let [best, least]: [string | null, number] = [null, NEAR];
  for (const row of readings(curves, x)) {
    const away = Math.abs(plot.top(row.value) - top);
    if (away < least) [best, least] = [row.curve.id, away];
  }
  return best;
}

/** What a key does in a chart. */
export function pressed(event: KeyboardEvent, props: AreaProps, linked: Linked, me: symbol): void {
  const { kind, curves, x } = props;
  const at = linked.cursor.value?.kind === kind.x ? linked.cursor.value.x : null;
  const deed = deedOf(event);
  if (deed !== null) {
    if (!done(deed, props, linked, at)) return;
  } else {
    const to = event.ctrlKey || event.metaKey || event.altKey ? null : stepped(curves, x, at, event.key, event.shiftKey);
    if (to === null) return;
    linked.pinned.value = false;
    linked.point(kind.x, to, me);
  }
  event.preventDefault();
  event.stopPropagation();
}

/** Do it; whether there was something to do. */
function done(deed: Deed, props: AreaProps, linked: Linked, at: number | null): boolean {
  const { x, kind, whole } = props;
  const around = at ?? (kind.logX ? Math.sqrt(x.low * x.high) : (x.low + x.high) / 2);
  if (deed === "pin") linked.pin();
  else if (deed === "log") props.onLog();
  else if (deed === "release") {
    if (linked.cursor.value === null) return false;
    linked.release();
  } else if (deed === "reset") props.onReset();
  else if (deed === "narrower" || deed === "wider") {
    props.onZoom(kept(zoomed(x, around, deed === "narrower" ? 0.5 : 2, kind.logX), whole));
  } else {
    const rows = readings(props.curves, around);
    if (!rows.length) return false;
    const place = rows.findIndex((row) => row.curve.id === linked.hovered.value);
    const to = deed === "down" ? place + 1 : place < 0 ? rows.length - 1 : place - 1;
    linked.hovered.value = rows[to]?.curve.id ?? null;
  }
  return true;
}
