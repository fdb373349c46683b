/** From which step on the metrics of runs are no longer the same. */

import { number, plain } from "../run/said";
import { Nothing } from "../run/states";
import type { Parting } from "./shapes";

export function Partings({ partings, name, base }: { partings: Parting[]; name: (run: string) => string; base: string }) {
  const parted = partings.filter((one) => one.step !== null).sort((a, b) => a.step! - b.step!);
  if (!parted.length) {
    return <Nothing title="No divergence">At every step that these runs have in common, their metrics are the same.</Nothing>;
  }
  const several = new Set(parted.map((one) => one.run_id)).size > 1;
  return (
    <div class="rp-scroll">
      <table class="rp-table rp-hover">
        <thead>
          <tr><th class="rp-num">first step</th><th>metric</th>{several && <th>run</th>}<th class="rp-num">{base}</th><th class="rp-num">the run</th></tr>
        </thead>
        <tbody>
          {parted.map((one, n) => (
            <tr key={n}>
              <td class="rp-num">{number(one.step)}</td><th scope="row">{one.metric ?? one.name}</th>
              {several && <td>{one.run_id ? name(one.run_id) : ""}</td>}
              <td class="rp-num">{plain(one.baseline ?? one.a)}</td><td class="rp-num">{plain(one.value ?? one.b)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
