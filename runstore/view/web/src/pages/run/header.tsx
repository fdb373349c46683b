/** The head of a run's page: what it is called, how it stands, and what can be done with it. */

import { useState } from "preact/hooks";
import { IconButton } from "../../parts/button";
import { Status } from "../../parts/status";
import { Button, Copy } from "./buttons";
import type { Edit } from "./edits";
import type { Place } from "./place";
import { ago, duration, moment } from "./said";
import { ended, title, type Run } from "./shapes";
import { ofRun } from "./snippets";

const STALE = 30; // seconds without a sign of life that are worth a word

export function Header({ run, place, save }: { run: Run; place: Place; save: (edit: Edit) => Promise<boolean> }) {
  return (
    <header class="rp-head">
      <nav class="rp-crumbs" aria-label="Where this run is">
        <a href={place.href("workspace")}>{place.workspace.name}</a>
        <a href={place.href("runs", "", { experiment: run.experiment, where: "" })}>{run.experiment}</a>
        {run.parent_id && <a href={place.href("run", run.parent_id)}>parent run</a>}
      </nav>
      <div class="rp-row rp-title">
        <Name run={run} editable={place.workspace.editable && !run.deleted} save={save} />
        <Status status={run.status} />
        {run.archived && <span class="rp-badge">archived</span>}
        {run.deleted && <span class="rp-badge rp-bad">deleted</span>}
        <span class="rp-spring" />
        <Copy place={place} text={ofRun(place.workspace.path, run.run_id)} what="Python" label="Copy as Python" />
        <a class="rp-button rp-plain" href={place.href("compare", run.run_id)}>Compare…</a>
        {place.workspace.editable && <Actions run={run} save={save} />}
      </div>
      <p class="rs-muted rp-row">
        {run.number !== null && <span>Run {run.number}</span>}
        <span class="rp-code">{run.run_id}</span>
        <span title={moment(run.started)}>started {ago(run.started)}</span>
        <span>{ended(run) ? `took ${duration(run.duration_s)}` : `running for ${duration(run.duration_s)}`}</span>
        <Heartbeat run={run} />
      </p>
    </header>
  );
}

/** What the run is called; pressed, it is a field. */
function Name({ run, editable, save }: { run: Run; editable: boolean; save: (edit: Edit) => Promise<boolean> }) {
  const [draft, setDraft] = useState<string | null>(null);
  if (draft === null) {
    return (
      <>
        <h1>{title(run)}</h1>
        {editable && <IconButton icon="edit" label="Rename" onClick={() => setDraft(run.name ?? "")} />}
      </>
    );
  }
  const done = async (): Promise<void> => {
    if (!draft.trim() || draft === run.name || (await save({ change: "name", name: draft.trim() }))) setDraft(null);
  };
  return (
    <form class="rp-row" onSubmit={(event) => { event.preventDefault(); void done(); }}>
      <input class="rp-search rp-name-field" aria-label="Name of the run" value={draft} ref={focus}
        onInput={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={(event) => { event.stopPropagation(); if (event.key === "Escape") setDraft(null); }} />
      <button type="submit" class="rp-button rp-main">Rename</button>
      <Button kind="quiet" onClick={() => setDraft(null)}>Cancel</Button>
    </form>
  );
}

/** One function, so that the field is focused once. */
const focus = (field: HTMLInputElement | null): void => field?.select();

/** Says when a run that should be alive gave no sign of it for a while, or is gone without a word. */
export function Heartbeat({ run }: { run: Run }) {
  const age = run.heartbeat_age_s;
  if (run.error === "vanished") return <span class="rp-warn">its process ended without a word</span>;
  if (ended(run) || age === null || age === undefined) return null;
  return (
    <span class={age > STALE ? "rp-warn" : undefined}>
      {age > STALE ? "no sign of life for" : "last sign of life"} {duration(Math.round(age))}{age > STALE ? "" : " ago"}
    </span>
  );
}

function Actions({ run, save }: { run: Run; save: (edit: Edit) => Promise<boolean> }) {
  if (run.deleted) return <Button onClick={() => void save({ change: "restore" })}>Restore</Button>;
  return (
    <>
      <Button onClick={() => void save({ change: run.archived ? "reactivate" : "archive" })}>
        {run.archived ? "Reactivate" : "Archive"}
      </Button>
      <Button onClick={() => void save({ change: "delete" })} title="Can be taken back">Delete</Button>
    </>
  );
}
