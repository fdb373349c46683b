/** The first tab of a run's page: what it is, what it was given, and where it came from. */

import { Status } from "../../parts/status";
import { Copy, Long } from "./buttons";
import type { Edit } from "./edits";
import { Editable, Tags, Text } from "./editable";
import { Fact, Facts, Section } from "./facts";
import { Heartbeat } from "./header";
import type { Place } from "./place";
import { commandLine, environment, failureText, gitFacts, notes } from "./origin";
import { ago, duration, moment, number, plain, short } from "./said";
import { lastOf, type Run, type Values } from "./shapes";

type Save = (edit: Edit) => Promise<boolean>;

export function Overview({ run, place, save }: { run: Run; place: Place; save: Save }) {
  const editable = place.workspace.editable;
  const failure = failureText(run);
  return (
    <div class="rp-columns">
      {failure && (
        <Section title="Why it failed" wide aside={<Copy place={place} text={failure} what="Error" />}>
          <pre class="rp-pre rp-failure">{failure}</pre>
        </Section>
      )}
      <div class="rp-stack">
        <Standing run={run} place={place} />
        <Section title="Tags"><Tags tags={run.tags ?? {}} editable={editable && !run.deleted} save={save} /></Section>
        <Section title="Description">
          <Editable value={run.description ?? ""} label="Description" none="No description" editable={editable}
            save={(text) => save({ change: "describe", text })} />
        </Section>
        <Notes run={run} editable={editable} save={save} />
      </div>
      <div class="rp-stack">
        <Section title="Params"><Facts place={place} values={run.params ?? {}} noun="param" none="No params logged" /></Section>
        <Section title="Last values"><Lasts run={run} place={place} /></Section>
        {(run.inputs?.length ?? 0) > 0 && <Section title="Used"><Inputs run={run} place={place} /></Section>}
        <Section title="Properties">
          <Facts place={place} values={run.properties ?? {}} noun="property" none="No properties" />
        </Section>
      </div>
      <div class="rp-stack"><Origin run={run} place={place} /></div>
    </div>
  );
}

function Standing({ run, place }: { run: Run; place: Place }) {
  return (
    <Section title="Run">
      <dl class="rp-facts">
        <Fact name="Status"><Status status={run.status} /> <Heartbeat run={run} /></Fact>
        <Fact name="Started"><span title={run.started ?? ""}>{moment(run.started)}</span> <span class="rs-muted">{ago(run.started)}</span></Fact>
        {run.ended && <Fact name="Ended">{moment(run.ended)}</Fact>}
        <Fact name="Duration">{duration(run.duration_s)}</Fact>
        <Fact name="Experiment">{run.experiment}</Fact>
        <Fact name="Run id" action={<Copy place={place} text={run.run_id} what="Run id" />}><span class="rp-code">{run.run_id}</span></Fact>
        {typeof run.provenance?.["user"] === "string" && <Fact name="Submitted by">{run.provenance["user"]}</Fact>}
        {run.type && <Fact name="Type">{run.type}</Fact>}
        {(run.attempts?.length ?? 0) > 1 && <Fact name="Attempts">{run.attempts?.length}</Fact>}
        {(run.writers?.length ?? 0) > 1 && <Fact name="Processes">{run.writers?.length}</Fact>}
        {run.parent_id && <Fact name="Parent"><a href={place.href("run", run.parent_id)}>{run.parent_id}</a></Fact>}
      </dl>
    </Section>
  );
}

/** The files of other runs that it used. */
function Inputs({ run, place }: { run: Run; place: Place }) {
  return (
    <ul class="rp-list">
      {run.inputs!.slice(0, 100).map((one, n) => (
        <li key={n}>
          <a href={place.href("run", one.run_id, { more: { tab: "files", path: one.name } })}>{one.name}</a>{" "}
          <span class="rs-muted">version {one.version} of run {short(one.run_id)}</span>
        </li>
      ))}
    </ul>
  );
}

function Lasts({ run, place }: { run: Run; place: Place }) {
  const values: Values = {};
  for (const metric of run.metrics ?? []) {
    if (metric.kind === "curve" || metric.kind === "value") values[metric.name] = lastOf(metric);
  }
  return <Facts place={place} values={values} noun="metric" none="No metrics logged yet" />;
}

function Notes({ run, editable, save }: { run: Run; editable: boolean; save: Save }) {
  const all = notes(run);
  if (!all.length && !editable) return null;
  return (
    <Section title="Notes">
      {all.map((note, n) => (
        <article class="rp-note" key={n}>
          <Text text={note.text} />
          {note.time && <p class="rs-muted">{[note.author, ago(note.time)].filter(Boolean).join(", ")}</p>}
        </article>
      ))}
      {editable && (
        <Editable value="" label="Note" none="" editable save={(text) => save({ change: "note", text })} />
      )}
    </Section>
  );
}

function Origin({ run, place }: { run: Run; place: Place }) {
  const told = run.provenance ?? {};
  const command = commandLine(told);
  const git = gitFacts(told);
  const rest = environment(told);
  return (
    <>
      {command && (
        <Section title="Command" aside={<Copy place={place} text={command} what="Command" />}>
          <pre class="rp-pre">{command}</pre>
        </Section>
      )}
      {Object.keys(git).length > 0 && (
        <Section title="Git">
          <Facts place={place} values={git} noun="fact" none="" sort={false} />
        </Section>
      )}
      <Section title="Environment">
        <Facts place={place} values={rest} noun="fact" none="Where it ran was not recorded" sort={false} />
      </Section>
      {(run.writers?.length ?? 0) > 1 && (
        <Section title="Processes">
          <table class="rp-table">
            <thead><tr><th>rank</th><th>host</th><th class="rp-num">pid</th><th>state</th></tr></thead>
            <tbody>
              {run.writers!.slice(0, 100).map((writer, n) => (
                <tr key={n}>
                  <td>{plain(writer["rank"])}</td><td><Long text={plain(writer["host"])} most={40} /></td>
                  <td class="rp-num">{number(writer["pid"] as number)}</td><td>{plain(writer["state"])}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Section>
      )}
    </>
  );
}
