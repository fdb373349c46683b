/** The curve of one metric of one run, as the charts of many runs draw it. */

import type { Linked } from "../../../chart/linked";
import { LineChart } from "../../../chart/line";
import { useApp } from "../../../state/app";
import { placeOf } from "../../../state/colours";
import { hostOf } from "../../../state/host";
import { lookOf, withLook } from "../../../state/view";
import { LookOf } from "../../runs/looks";
import { title, type Run } from "../shapes";

interface Props {
  run: Run;
  name: string;
  /** Charts with the same one are zoomed and pointed at together; the page's own where it isn't said. */
  linked?: Linked;
  /** The machine's own measures, over time. */
  system?: boolean;
  /** All metrics that may be its x axis. */
  names?: readonly string[];
}

/** The curve among others, with a button of its own for how it is drawn. */
export function CurveCard(props: Props & { names: readonly string[] }) {
  return (
    <div class="rs-slot rs-slot-one" data-metric={props.name}>
      <div class="rs-slot-own">
        <LookOf name={props.name} names={props.names} />
      </div>
      <Curve {...props} />
    </div>
  );
}

export function Curve({ run, name, linked, system = false }: Props) {
  const app = useApp();
  const view = app.view.value;
  const look = lookOf(view, name);
  const known = () => ({ label: title(run), place: placeOf(run.run_id, run.number, view.colours) });
  return (
    <LineChart curves={app.curves} linked={linked ?? app.linked} known={known}
      wanted={{ metric: name, runs: [run.run_id], group: null, ...(system ? { source: "system" as const } : {}) }}
      look={system ? { ...look, x: "time", smoothing: 0 } : look}
      full={view.full === name} onFull={() => app.change({ full: view.full === name ? "" : name })}
      host={hostOf(app)} onLook={(change) => app.change(withLook(app.view.peek(), name, change), true)} />
  );
}
