/** From which step on the metrics of runs are no longer the same. */

import { counted, number, plain } from "../run/said";
import { Nothing } from "../run/states";
import type { Parting } from "./shapes";

export function Partings({ all, name, base }: { all: Parting[]; name: (run: string) => string; base: string }) {
  const parted = all.filter((one) => one.metrics.length);
  if (!parted.length) {
    return <Nothing title="No divergence">At every step that these runs have in common, their metrics are the same.</Nothing>;
  }
  return (
    <div class="rp-stack">
      {all.map((one) => (
        <section class="rp-stack" key={one.run_id}>
          <h2>
            {name(one.run_id)} <span class="rs-muted">against {base}; {counted(one.same, "metric")} never part</span>
          </h2>
          {one.metrics.length > 0 && <Steps one={one} name={name(one.run_id)} base={base} />}
        </section>
      ))}
    </div>
  );
}

function Steps({ one, name, base }: { one: Parting; name: string; base: string }) {
  return (
    <div class="rp-scroll">
      <table class="rp-table rp-hover">
        <thead>
          <tr><th>metric</th><th class="rp-num">parts at step</th><th class="rp-num">{base}</th><th class="rp-num">{name}</th><th class="rp-num">points that differ</th></tr>
        </thead>
        <tbody>
          {one.metrics.map((metric) => (
            <tr key={metric.name}>
              <th scope="row">{metric.name}</th>
              <td class="rp-num">{number(metric.step)}</td>
              <td class="rp-num">{plain(metric.baseline)}</td><td class="rp-num">{plain(metric.other)}</td>
              <td class="rp-num">{number(metric.parted)} of {number(metric.common)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
