/** Queries that were saved, asked lately, or that show what can be asked. */

import { useState } from "preact/hooks";
import { Button } from "../run/buttons";
import type { Kept, Saved } from "./saved";

interface Props {
  kept: Kept;
  query: string;
  pick: (query: string) => void;
  save: (name: string) => void;
  drop: (name: string) => void;
}

const EXAMPLES: Saved[] = [
  { name: "Best runs by a metric", query: "SELECT r.experiment, r.name, m.min, m.last\nFROM metric_summary m JOIN runs r USING (run_id)\nWHERE m.name = 'loss'\nORDER BY m.min\nLIMIT 20" },
  { name: "Runs by status", query: "SELECT status, count(*) AS runs\nFROM runs\nGROUP BY status\nORDER BY runs DESC" },
  { name: "Hours by experiment", query: "SELECT experiment, count(*) AS runs, round(sum(epoch(ended - started)) / 3600, 2) AS hours\nFROM runs\nGROUP BY experiment\nORDER BY hours DESC" },
  { name: "Metrics side by side", query: "FROM (PIVOT metric_summary ON name IN ('loss', 'accuracy') USING first(last) GROUP BY run_id)\nORDER BY loss" },
  { name: "Largest files", query: "SELECT run_id, name, size\nFROM artifacts\nORDER BY size DESC\nLIMIT 50" },
  { name: "Last errors in logs", query: "SELECT time, run_id, logger, text\nFROM logs\nWHERE level IN ('ERROR', 'CRITICAL')\nORDER BY time DESC\nLIMIT 100" },
];
const SHOWN = 6;

export function Library({ kept, query, pick, save, drop }: Props) {
  const [name, setName] = useState<string | null>(null);
  const done = (): void => {
    if (name?.trim()) save(name.trim());
    setName(null);
  };
  return (
    <section class="rp-card" aria-label="Queries">
      <header>
        <h2>Saved</h2>
        <Button kind="quiet" onClick={() => setName("")}>Save this one</Button>
      </header>
      {name !== null && (
        <form onSubmit={(event) => { event.preventDefault(); done(); }}>
          <input class="rp-search sql-name" aria-label="Name of the query" placeholder="Name" value={name} ref={focus}
            onInput={(event) => setName(event.currentTarget.value)} onBlur={done}
            onKeyDown={(event) => { event.stopPropagation(); if (event.key === "Escape") setName(null); }} />
        </form>
      )}
      <ul class="sql-list">
        {kept.saved.map((one) => (
          <li key={one.name}>
            <button type="button" title={one.query} aria-current={one.query === query} onClick={() => pick(one.query)}>{one.name}</button>
            <button type="button" class="sql-drop" aria-label={`Forget ${one.name}`} title="Forget" onClick={() => drop(one.name)}>×</button>
          </li>
        ))}
      </ul>
      {!kept.saved.length && name === null && <p class="rs-muted">Kept in this browser.</p>}
      {kept.recent.length > 0 && <h2>Lately</h2>}
      <ul class="sql-list">
        {kept.recent.slice(0, SHOWN).map((one) => (
          <li key={one}><button type="button" title={one} onClick={() => pick(one)}>{one.replace(/\s+/g, " ")}</button></li>
        ))}
      </ul>
      <h2>Examples</h2>
      <ul class="sql-list">
        {EXAMPLES.map((one) => <li key={one.name}><button type="button" title={one.query} onClick={() => pick(one.query)}>{one.name}</button></li>)}
      </ul>
    </section>
  );
}

/** One function, so that the field is focused once. */
const focus = (field: HTMLElement | null): void => field?.focus();
