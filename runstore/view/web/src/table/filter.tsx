// The filter: a condition in the grammar of `--where`, with what may come next below it and what is wrong with it inline.

import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { IconButton } from "../parts/button";
import { Icon } from "../parts/icon";
import { hintOf } from "../data/source";
import { useAnswer } from "../state/answer";
import { useApp } from "../state/app";
import type { Column } from "./columns";
import { complete, type Offer } from "./completion";
import type { Facet } from "./facets";

interface Props {
  columns: readonly Column[];
  error: Error | null;
}

export function Filter({ columns, error }: Props) {
  const app = useApp();
  const where = app.view.value.where;
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const [text, setText] = useState(where);
  const [caret, setCaret] = useState<number | null>(null); // null: closed
  const [place, setPlace] = useState(-1);
  const wanted = useRef<number | null>(null);
  useEffect(() => setText(where), [where]);
  useLayoutEffect(() => {
    // at once after what was taken stands there: whoever types fast goes on behind it
    if (wanted.current !== null) field.current?.setSelectionRange(wanted.current, wanted.current);
    wanted.current = null;
  });
  const { offers, from, to } = useCompletion(text, caret, columns);
  const take = (offer: Offer) => {
    const end = from + offer.text.length + 1;
    setText(`${text.slice(0, from)}${offer.text} ${text.slice(to).trimStart()}`);
    setPlace(-1);
    setCaret(end);
    wanted.current = end;
  };
  const apply = () => {
    setCaret(null);
    setPlace(-1);
    app.change({ where: text.trim() });
  };
  const keys = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const offer = offers[Math.max(0, place)];
    if (step && offers.length) setPlace((place + step + offers.length) % offers.length);
    else if (event.key === "Enter" && place >= 0 && offer) take(offer);
    else if (event.key === "Enter") return event.preventDefault(), apply();
    else if (event.key === "Tab" && offer && caret !== null && !event.shiftKey && text.trim() !== where) take(offer);
    else if (event.key === "Escape" && caret !== null) setCaret(null);
    else return undefined;
    return event.preventDefault();
  };
  const look = () => setCaret(field.current?.selectionStart ?? null);
  const open = caret !== null && offers.length > 0;
  return (
    <div>
      <div class={`rs-filter${error ? " rs-filter-bad" : ""}`} role="search">
        <Icon name="filter" />
        <input
          ref={field}
          type="text"
          data-rs-filter
          role="combobox"
          aria-label="Filter runs"
          aria-expanded={open}
          aria-controls={`${id}-offers`}
          aria-activedescendant={open && place >= 0 ? `${id}-${place}` : undefined}
          aria-invalid={error !== null}
          aria-describedby={error ? `${id}-error` : undefined}
          autoComplete="off"
          spellcheck={false}
          placeholder="Filter, such as  lr < 0.01 and status = 'Completed'"
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setPlace(-1);
            look();
          }}
          onKeyUp={(event) => /^(Arrow(Left|Right)|Home|End)$/.test(event.key) && look()}
          onClick={look}
          onFocus={look}
          onBlur={() => setCaret(null)}
          onKeyDown={keys}
        />
        {text.trim() !== where && <kbd title="Press Enter to filter">↵</kbd>}
        {text && (
          <IconButton
            icon="close"
            label="Clear the filter"
            onClick={() => {
              setText("");
              app.change({ where: "" });
              field.current?.focus();
            }}
          />
        )}
        {open && (
          <ul id={`${id}-offers`} class="rs-offers" role="listbox" aria-label="What may come next">
            {offers.map((offer, index) => (
              <li
                key={offer.text}
                id={`${id}-${index}`}
                role="option"
                aria-selected={index === place}
                onPointerDown={(event) => {
                  event.preventDefault(); // the field keeps the focus
                  take(offer);
                }}
              >
                <span class="rs-cut">{offer.label}</span>
                <span class="rs-muted">{offer.detail}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
      {error && !open && (
        <p id={`${id}-error`} class="rs-filter-error" role="alert">
          {error.message}
          {hintOf(error) ? <span class="rs-muted"> {hintOf(error)}</span> : null}
        </p>
      )}
    </div>
  );
}

/** What may come next at the caret; values of a column are asked for when one is being compared. */
function useCompletion(text: string, caret: number | null, columns: readonly Column[]) {
  const app = useApp();
  const first = complete(text, caret ?? 0, columns);
  const compared = caret === null ? null : first.values;
  const experiment = app.view.value.experiment || null;
  const wanted = compared !== null && (compared.type === "text" || compared.type === "bool");
  const facets = useAnswer<{ values: Facet[] }>(wanted ? "facets" : null, { column: compared?.name, experiment, limit: 30 });
  if (!wanted || facets.waiting || !facets.value) return first;
  const values = facets.value.values.map((facet) => facet.value).filter((value) => value !== null);
  return complete(text, caret ?? 0, columns, values);
}
