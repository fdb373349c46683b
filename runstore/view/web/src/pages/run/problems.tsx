/** Warnings and errors of a run, with where they were said. */

import { Button, Copy, Search } from "./buttons";
import { useState } from "preact/hooks";
import { useAsked } from "./asked";
import { Section } from "./facts";
import { quoted } from "./below";
import { failureText } from "./origin";
import type { Place } from "./place";
import { moment } from "./said";
import type { Run, Warned } from "./shapes";
import { Nothing, Shown } from "./states";

const MOST = 500;

export function Problems({ run, place }: { run: Run; place: Place }) {
  const [sought, setSought] = useState("");
  const failure = failureText(run);
  const said = useAsked<Warned[]>(`${run.run_id} ${run.errors} ${run.warnings_total}`, () => records(place, run));
  return (
    <div class="rp-stack">
      {failure && <Section title="Why it failed"><pre class="rp-pre rp-failure">{failure}</pre></Section>}
      <Section title="Warnings and errors" aside={<Search value={sought} onChange={setSought} label="Find" />}>
        <Shown of={said} what="warnings">
          {(all) => <Table place={place} said={all.filter((one) => holds(one, sought))} none={!all.length} />}
        </Shown>
      </Section>
    </div>
  );
}

/** What the run tells; where there is more than it tells, the log's records. */
async function records(place: Place, run: Run): Promise<Warned[]> {
  const told = run.warnings ?? [];
  if ((run.warnings_total ?? 0) + (run.errors ?? 0) <= told.length) return told;
  const query = `SELECT time, level, logger, text, exception FROM logs WHERE run_id = ${quoted(run.run_id)} ` +
    `AND level IN ('WARNING', 'ERROR', 'CRITICAL') ORDER BY time LIMIT ${MOST}`;
  try {
    const { rows } = await place.source.post<{ rows: (string | null)[][] }>("sql", { query });
    return rows.map(([time = null, level = null, logger = null, text, exception = null]) =>
      ({ time, level, logger, text: text ?? "", exception }));
  } catch {
    return told; // a report has no SQL
  }
}

function holds(one: Warned, sought: string): boolean {
  return `${one.text} ${one.logger} ${one.exception}`.toLowerCase().includes(sought.toLowerCase());
}

function Table({ said, none, place }: { said: Warned[]; none: boolean; place: Place }) {
  if (none) return <Nothing title="No warnings and no errors">Python warnings and log records from WARNING on are kept here.</Nothing>;
  if (!said.length) return <p class="rs-muted">None has that in it.</p>;
  return (
    <ol class="rp-problems">
      {said.map((one, n) => <Problem key={n} one={one} place={place} />)}
    </ol>
  );
}

function Problem({ one, place }: { one: Warned; place: Place }) {
  const [open, setOpen] = useState(false);
  const bad = one.level !== "WARNING";
  return (
    <li class={bad ? "rp-problem rp-problem-bad" : "rp-problem"}>
      <span class="rp-problem-level">{bad ? "✕" : "!"} {(one.level ?? "").toLowerCase()}</span>
      <div>
        <pre class="rp-problem-text">{one.text}</pre>
        {open && <pre class="rp-pre rp-failure">{one.exception}</pre>}
        <p class="rs-muted rp-row">
          {one.time && <span>{moment(one.time)}</span>}
          {one.logger && <span>{one.logger}</span>}
          {one.exception && <Button kind="quiet" onClick={() => setOpen(!open)}>{open ? "Hide traceback" : "Traceback"}</Button>}
          <Copy place={place} text={[one.text, one.exception].filter(Boolean).join("\n")} what="Text" />
        </p>
      </div>
    </li>
  );
}
