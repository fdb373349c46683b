/** Where a file came from and went: its run, its versions, the models made of it, the runs that used it. */

import { useAnswer } from "../asked";
import type { Place } from "../place";
import { counted, moment, short, size } from "../said";
import { runPath, title, type Run } from "../shapes";

interface Told {
  versions: { time: string | null; size: number; sha256: string }[];
  models: { name: string; version: number }[];
  used_by: { run_id: string; name: string | null; version: number }[];
  looked: number;
}

export function Lineage({ place, run, path }: { place: Place; run: Run; path: string }) {
  const found = useAnswer<Told>(runPath(run.run_id, "lineage"), { path });
  if (!found.value) return null;
  const { versions, models, used_by: users, looked } = found.value;
  const all = versions.map((one, n) => `version ${n + 1}: ${size(one.size)}, ${moment(one.time)}, ${one.sha256.slice(0, 12)}`);
  return (
    <p class="rp-row rp-lineage" aria-label="Lineage">
      <span class="rs-muted">made by</span>
      <a href={place.href("run", run.run_id)}>{title(run)}</a>
      {versions.length > 1 && <span title={all.join("\n")}>{counted(versions.length, "version")}, this is the newest</span>}
      {models.length > 0 && <span class="rs-muted">registered as</span>}
      {models.map((one) => (
        <a key={`${one.name} ${one.version}`} href={place.href("models", one.name, { more: { version: String(one.version) } })}>{one.name}:{one.version}</a>
      ))}
      {users.length > 0 && <span class="rs-muted">used by</span>}
      {users.map((one) => (
        <a key={one.run_id} href={place.href("run", one.run_id)} title={versions.length > 1 ? `version ${one.version}` : one.run_id}>{one.name || short(one.run_id)}</a>
      ))}
      {looked >= 1000 && <span class="rs-muted">of the newest {looked.toLocaleString("en-US")} runs</span>}
    </p>
  );
}
