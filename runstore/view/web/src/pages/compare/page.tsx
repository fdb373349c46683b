/** Runs beside each other: what was changed between them, and what came of it. */

import { Empty } from "../../parts/empty";
import { Tabs } from "../../parts/tabs";
import { useApp } from "../../state/app";
import { useAsked } from "../run/asked";
import { Choice } from "../run/buttons";
import { usePlace, type Place } from "../run/place";
import { short } from "../run/said";
import { Shown } from "../run/states";
import { CodeChanges } from "./code";
import { Picker } from "./picker";
import { asked, type Compared } from "./shapes";
import { Metrics, Values } from "./tables";
import { Partings } from "./partings";
import { Joins } from "./joins";
import "../run/pages.css";
import "./compare.css";

export function ComparePage() {
  const place = usePlace();
  const app = useApp();
  const runs = asked(place.id, app.view.value.chosen);
  const choose = (next: string[]): void => app.change(next.length ? { id: next.join(",") } : { id: "", chosen: [] });
  return (
    <article class="rp-page">
      <h1>Compare runs</h1>
      <Picker runs={runs} choose={choose} />
      {runs.length < 2 ? (
        <Empty icon="compare" title={runs.length ? "One more run to compare it with" : "Choose two runs or more"}>
          <p class="rs-muted">Find them above, or choose them in the table of runs and come back.</p>
        </Empty>
      ) : (
        <Both place={place} runs={runs} />
      )}
    </article>
  );
}

function Both({ place, runs }: { place: Place; runs: string[] }) {
  const baseline = runs.includes(place.more["baseline"] ?? "") ? place.more["baseline"]! : runs[0]!;
  const found = useAsked<Compared>(JSON.stringify([runs, baseline]), (signal) =>
    place.source.post<Compared>("compare", { runs, baseline }, signal),
  );
  return (
    <Shown of={found} what="comparison">
      {(compared) => {
        const names = runs.map((run) => nameOf(compared, run));
        const base = runs.indexOf(baseline);
        return (
          <>
            <Verdict compared={compared} />
            <div class="rp-row">
              <span class="rs-muted">Baseline</span>
              <Choice label="Baseline" value={baseline} onChange={(run) => place.set({ baseline: run })}
                options={runs.map((run, n) => [run, names[n]!] as const)} />
            </div>
            <Parts place={place} compared={compared} runs={runs} names={names} base={base} />
          </>
        );
      }}
    </Shown>
  );
}

function Parts(props: { place: Place; compared: Compared; runs: string[]; names: string[]; base: number }) {
  const { place, compared, runs, names, base } = props;
  const { params, metrics, provenance, code, first_divergence: partings } = compared;
  const differing = (all: { differs: boolean }[]): number => all.filter((one) => one.differs).length;
  const most = (counts: number[]): number => Math.max(0, ...counts);
  const name = (run: string): string => nameOf(compared, run);
  const heads = { runs, names, base, href: (run: string): string => place.href("run", run) };
  const shown = place.more["tab"] ?? "params";
  return (
    <Tabs label="What is compared" shown={shown} onShow={(tab) => place.set({ tab: tab === "params" ? null : tab })}
      tabs={[
        { name: "params", label: "Params", count: differing(params) },
        { name: "metrics", label: "Metrics", count: differing(metrics) },
        { name: "code", label: "Code", count: most(code.map((one) => one.files.length)) },
        { name: "environment", label: "Environment", count: differing(provenance) },
        { name: "parting", label: "First divergence", count: most(partings.map((one) => one.metrics.length)) },
        { name: "tables", label: "Tables" },
      ]}>
      {shown === "metrics" ? <Metrics heads={heads} metrics={metrics} />
        : shown === "code" ? <CodeChanges all={code} name={name} base={names[base]!} />
          : shown === "environment" ? <Values heads={heads} all={provenance} noun="fact" none="Where these runs came from was not recorded" />
            : shown === "parting" ? <Partings all={partings} name={name} base={names[base]!} />
              : shown === "tables" ? <Joins place={place} heads={heads} />
                : <Values heads={heads} all={params} noun="param" none="These runs have no params" />}
    </Tabs>
  );
}

/** What each run differs in, in a line; and what can't be told. */
function Verdict({ compared }: { compared: Compared }) {
  const said = compared.first_divergence.filter((one) => one.verdict);
  if (!said.length && !compared.notes.length) return null;
  return (
    <div class="rp-card">
      {said.map((one) => (
        <p key={one.run_id}><strong>{nameOf(compared, one.run_id)}</strong> and {nameOf(compared, compared.baseline)} {one.verdict}</p>
      ))}
      {compared.notes.map((note) => <p class="rs-muted" key={note}>{note}</p>)}
    </div>
  );
}

export function nameOf(compared: Compared, run: string): string {
  return compared.runs.find((one) => one.run_id === run || one.run_id.startsWith(run))?.name || short(run);
}
