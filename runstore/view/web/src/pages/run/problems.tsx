/** Warnings and errors of a run, with where they were said. */

import { Button, Copy, Search } from "./buttons";
import { useState } from "preact/hooks";
import { useAsked } from "./asked";
import { Section } from "./facts";
import { failureText } from "./origin";
import type { Place } from "./place";
import { moment } from "./said";
import type { Run } from "./shapes";
import { Nothing, Shown } from "./states";

interface Said {
  time: string | null;
  level: string | null;
  logger: string | null;
  text: string;
  exception: string | null;
}

const MOST = 500;

export function Problems({ run, place }: { run: Run; place: Place }) {
  const [sought, setSought] = useState("");
  const failure = failureText(run);
  const said = useAsked<Said[]>(run.run_id, () => records(place, run));
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

/** The log's records of a level; where they can't be asked for, what the run itself tells. */
async function records(place: Place, run: Run): Promise<Said[]> {
  const query = "SELECT time, level, logger, text, exception FROM logs WHERE run_id = '" +
    run.run_id.replaceAll("'", "''") + "' AND level IN ('WARNING', 'ERROR', 'CRITICAL') ORDER BY time LIMIT " + MOST;
  try {
    const { rows } = await place.source.post<{ rows: (string | null)[][] }>("sql", { query });
    if (rows.length) {
      return rows.map(([time = null, level = null, logger = null, text, exception = null]) =>
        ({ time, level, logger, text: text ?? "", exception }));
    }
  } catch {
    // a report has no SQL; the run's own list is short but there
  }
  return (run.warnings ?? []).map((one) => {
    const told = typeof one === "string" ? { text: one } : one;
    return { time: told.time ?? null, level: "WARNING", logger: null, text: told.message ?? told.text ?? "", exception: null };
  });
}

function holds(one: Said, sought: string): boolean {
  return `${one.text} ${one.logger} ${one.exception}`.toLowerCase().includes(sought.toLowerCase());
}

function Table({ said, none, place }: { said: Said[]; none: boolean; place: Place }) {
  if (none) return <Nothing title="No warnings and no errors">Python warnings and log records from WARNING on are kept here.</Nothing>;
  if (!said.length) return <p class="rs-muted">None has that in it.</p>;
  return (
    <ol class="rp-problems">
      {said.map((one, n) => <Problem key={n} one={one} place={place} />)}
    </ol>
  );
}

function Problem({ one, place }: { one: Said; place: Place }) {
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
