/** What the machine did while a run ran: processor, memory, disk, graphics, over time. */

import { useMemo, useState } from "preact/hooks";
import { Linked } from "../../chart/linked";
import { useApp } from "../../state/app";
import { Full } from "../runs/full";
import { useAnswer } from "./asked";
import { Search } from "./buttons";
import { Curve } from "./metrics/curve";
import type { Place } from "./place";
import { runPath, type Run } from "./shapes";
import { Nothing, Shown } from "./states";

type Names = (string | { name: string })[];

export function System({ run }: { run: Run; place: Place }) {
  const found = useAnswer<Names | { metrics: Names } | { names: Names }>(runPath(run.run_id, "system"));
  const [sought, setSought] = useState("");
  const { full } = useApp().view.value;
  const linked = useMemo(() => new Linked(), []); // a stretch of time is no stretch of steps
  return (
    <Shown of={found} what="system metrics">
      {(answer) => {
        const all = (Array.isArray(answer) ? answer : "metrics" in answer ? answer.metrics : answer.names)
          .map((one) => (typeof one === "string" ? one : one.name));
        if (!all.length) return <Nothing title="No system metrics">A run measures its machine when it is asked to, or lasts long enough.</Nothing>;
        if (all.includes(full)) {
          return <div class="rp-full"><Full name={full} names={all}><Curve key={full} run={run} name={full} linked={linked} system /></Full></div>;
        }
        const shown = all.filter((name) => name.toLowerCase().includes(sought.toLowerCase()));
        return (
          <div class="rp-stack">
            {all.length > 8 && <div class="rp-row rp-bar"><Search value={sought} onChange={setSought} label="Find a measure" /></div>}
            <h2 class="rs-unseen">Measures of the machine</h2>
            <div class="rp-cards">{shown.map((name) => <Curve key={name} run={run} name={name} linked={linked} system />)}</div>
          </div>
        );
      }}
    </Shown>
  );
}
