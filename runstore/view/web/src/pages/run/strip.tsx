/** A chart beside something that has steps or times of its own: its crosshair leads there, and what is picked there moves it. */

import { useEffect, useMemo, useRef } from "preact/hooks";
import { LineChart } from "../../chart/line";
import { useApp } from "../../state/app";
import { placeOf } from "../../state/colours";
import { lookOf } from "../../state/view";
import { Button } from "./buttons";
import type { Place } from "./place";
import { title, type Run } from "./shapes";

const KEPT = "beside"; // in the address: the metric of the chart

export interface Beside {
  /** Which metric is shown; empty where there is no chart. */
  metric: string;
  /** Put the crosshair somewhere. */
  point(x: number): void;
}

/**
 * The page's crosshair, followed and moved.
 *
 * @param kind which kind of x it stands on.
 * @param pointed called with where a chart put it.
 */
export function useBeside(place: Place, kind: "step" | "time", pointed: (x: number) => void): Beside {
  const { linked } = useApp();
  const me = useMemo(() => Symbol("beside"), []);
  const heard = useRef(pointed);
  heard.current = pointed;
  useEffect(() => linked.cursor.subscribe((cursor) => {
    if (cursor !== null && cursor.kind === kind && cursor.by !== me) heard.current(cursor.x);
  }), [linked, kind]);
  return {
    metric: place.more[KEPT] ?? "",
    point: (x) => {
      linked.cursor.value = { kind, x, by: me };
      linked.pinned.value = true;
    },
  };
}

/** Switches the chart on and off, and says of which metric it is. */
export function BesideChoice({ run, place }: { run: Run; place: Place }) {
  const names = curvesOf(run);
  const { linked } = useApp();
  const metric = place.more[KEPT] ?? "";
  if (!names.length) return null;
  if (!metric) return <Button onClick={() => place.set({ [KEPT]: names[0]! })} title="A metric's curve beside this">Chart</Button>;
  return (
    <label class="rp-row">
      <select class="rp-search" aria-label="Metric of the chart" value={metric} onChange={(event) => place.set({ [KEPT]: event.currentTarget.value })}>
        {names.map((name) => <option key={name} value={name}>{name}</option>)}
      </select>
      <Button kind="quiet" onClick={() => { linked.release(); place.set({ [KEPT]: null }); }}>No chart</Button>
    </label>
  );
}

export function Strip({ run, place, kind }: { run: Run; place: Place; kind: "step" | "time" }) {
  const app = useApp();
  const view = app.view.value;
  const name = place.more[KEPT] ?? "";
  if (!curvesOf(run).includes(name)) return null;
  const known = () => ({ label: title(run), place: placeOf(run.run_id, run.number, view.colours) });
  return (
    <div class="rp-beside">
      <LineChart curves={app.curves} linked={app.linked} known={known} wanted={{ metric: name, runs: [run.run_id], group: null }}
        look={{ ...lookOf(view, name), x: kind }}
        onLook={(change) => app.change({ looks: { ...view.looks, [name]: { ...view.looks[name], ...change } } }, true)} />
    </div>
  );
}

function curvesOf(run: Run): string[] {
  return (run.metrics ?? []).filter((one) => one.kind === "curve" && (one.count ?? 2) > 1).map((one) => one.name);
}
