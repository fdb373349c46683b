/** Small controls that several pages have. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { copy, type Place } from "./place";

export function Button(props: {
  onClick: () => void; children: ComponentChildren; title?: string; pressed?: boolean; disabled?: boolean;
  kind?: "plain" | "main" | "quiet";
}) {
  return (
    <button type="button" class={`rp-button rp-${props.kind ?? "plain"}`} title={props.title}
      aria-pressed={props.pressed} disabled={props.disabled} onClick={props.onClick}>
      {props.children}
    </button>
  );
}

export function Copy({ place, text, what, label }: { place: Place; text: string; what: string; label?: string }) {
  return (
    <Button kind="quiet" title={`Copy ${what.toLowerCase()}`} onClick={() => void copy(place, text, what)}>
      {label ?? "Copy"}
    </Button>
  );
}

/** One of a few, as buttons beside each other. */
export function Choice<T extends string>(props: {
  label: string; value: T; options: readonly (readonly [T, string])[]; onChange: (value: T) => void;
}) {
  return (
    <div class="rp-choice" role="group" aria-label={props.label}>
      {props.options.map(([value, text]) => (
        <button type="button" key={value} aria-pressed={value === props.value} onClick={() => props.onChange(value)}>
          {text}
        </button>
      ))}
    </div>
  );
}

export function Search(props: {
  value: string; onChange: (value: string) => void; label: string; onKeyDown?: (event: KeyboardEvent) => void;
}) {
  return (
    <input type="search" class="rp-search" placeholder={props.label} aria-label={props.label} value={props.value}
      onInput={(event) => props.onChange(event.currentTarget.value)} onKeyDown={props.onKeyDown} />
  );
}

/** A text that shows whole when it is asked for. */
export function Long({ text, most = 240 }: { text: string; most?: number }) {
  const [open, setOpen] = useState(false);
  if (text.length <= most) return <>{text}</>;
  return (
    <>
      {open ? text : `${text.slice(0, most)}…`}{" "}
      <button type="button" class="rp-link" onClick={() => setOpen(!open)}>{open ? "less" : "all of it"}</button>
    </>
  );
}
