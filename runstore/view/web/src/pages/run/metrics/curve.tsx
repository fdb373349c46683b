/** The curve of one metric of one run, as the charts of many runs draw it. */

import type { Linked } from "../../../chart/linked";
import { LineChart } from "../../../chart/line";
import { useApp } from "../../../state/app";
import { placeOf } from "../../../state/colours";
import { lookOf } from "../../../state/view";
import { title, type Run } from "../shapes";

interface Props {
  run: Run;
  name: string;
  /** Charts with the same one are zoomed and pointed at together; the page's own where it isn't said. */
  linked?: Linked;
  /** The machine's own measures, over time. */
  system?: boolean;
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
      onLook={(change) => app.change({ looks: { ...view.looks, [name]: { ...view.looks[name], ...change } } }, true)} />
  );
}
