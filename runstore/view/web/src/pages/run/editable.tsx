/** Text and tags that people may change where they stand. */

import { useState } from "preact/hooks";
import { Button } from "./buttons";
import type { Edit } from "./edits";
import { paragraphs } from "./notes";
import { plain } from "./said";

/** One function, so that a field is focused once, not with every change. */
const focus = (field: HTMLElement | null): void => field?.focus();

type Save = (edit: Edit) => Promise<boolean>;

/** A text with a button that makes it a field. */
export function Editable(props: {
  value: string; label: string; none: string; editable: boolean; save: (text: string) => Promise<boolean>;
}) {
  const [draft, setDraft] = useState<string | null>(null);
  if (draft === null) {
    return (
      <div class="rp-text">
        {props.value ? <Text text={props.value} /> : props.none && <p class="rs-muted">{props.none}</p>}
        {props.editable && (
          <Button kind="quiet" onClick={() => setDraft(props.value)}>{props.value ? "Edit" : `Add ${props.label.toLowerCase()}`}</Button>
        )}
      </div>
    );
  }
  const save = async (): Promise<void> => {
    if (draft === props.value || (await props.save(draft))) setDraft(null);
  };
  return (
    <form class="rp-text" onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <textarea aria-label={props.label} rows={4} value={draft} ref={focus}
        onInput={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Escape") setDraft(null);
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void save();
        }} />
      <div class="rp-row">
        <button type="submit" class="rp-button rp-main">Save</button>
        <Button kind="quiet" onClick={() => setDraft(null)}>Cancel</Button>
        <span class="rs-muted">Ctrl+Enter saves, Esc cancels</span>
      </div>
    </form>
  );
}

/** Paragraphs as text, addresses as links. */
export function Text({ text }: { text: string }) {
  return (
    <>
      {paragraphs(text).map((lines, n) => (
        <p key={n}>
          {lines.map((parts, m) => (
            <span key={m}>
              {m > 0 && <br />}
              {parts.map((part, k) =>
                part.href ? <a key={k} href={part.href} rel="noreferrer noopener" target="_blank">{part.text}</a> : part.text,
              )}
            </span>
          ))}
        </p>
      ))}
    </>
  );
}

/** Tags as chips; `key` or `key=value` adds one. */
export function Tags({ tags, editable, save }: { tags: Record<string, unknown>; editable: boolean; save: Save }) {
  const [draft, setDraft] = useState<string | null>(null);
  const entries = Object.entries(tags);
  const add = async (): Promise<void> => {
    const [key = "", ...rest] = (draft ?? "").split("=");
    if (!key.trim()) return setDraft(null);
    const value = rest.length ? rest.join("=").trim() : null;
    if (await save({ change: "tag", key: key.trim(), value })) setDraft(null);
  };
  return (
    <div class="rp-tags">
      {entries.map(([key, value]) => (
        <span class="rp-tag" key={key}>
          <span>{key}{value !== null && value !== "" && <b>{plain(value)}</b>}</span>
          {editable && (
            <button type="button" aria-label={`Remove tag ${key}`} title="Remove"
              onClick={() => void save({ change: "untag", key })}>×</button>
          )}
        </span>
      ))}
      {!entries.length && !editable && <span class="rs-muted">No tags</span>}
      {editable && draft === null && <Button kind="quiet" onClick={() => setDraft("")}>+ Tag</Button>}
      {draft !== null && (
        <input class="rp-search" aria-label="New tag" placeholder="key or key=value" value={draft}
          ref={focus} onBlur={() => draft || setDraft(null)}
          onInput={(event) => setDraft(event.currentTarget.value)}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === "Enter") void add();
            if (event.key === "Escape") setDraft(null);
          }} />
      )}
    </div>
  );
}
