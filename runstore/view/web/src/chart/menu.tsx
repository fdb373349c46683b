// A button with a menu behind it, for what is seldom needed.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icon";

export interface Item {
  label: string;
  run(): void;
  /** Whether it is so now; only of what can be so or not. */
  checked?: boolean;
  disabled?: boolean;
}

export function Menu({ title, items }: { title: string; items: readonly Item[] }) {
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    // Before the next key, not after the next paint: whoever types fast would be one item short.
    if (open) place.current?.querySelector<HTMLElement>("[role^=menuitem]")?.focus();
  }, [open]);
  useEffect(() => {
    if (!open) return;
    const leave = (event: Event): void => {
      if (!place.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", leave);
    return () => document.removeEventListener("pointerdown", leave);
  }, [open]);
  const chosen = (run: () => void): void => {
    place.current?.querySelector<HTMLElement>("button")!.focus(); // before the item with the focus goes
    setOpen(false);
    run();
  };
  return (
    <div class="rs-menu-place" ref={place} onKeyDown={(event) => walked(event, place.current, () => setOpen(false))}>
      <button type="button" class="rs-tool" title="More" aria-label={`More for ${title}`} aria-haspopup="menu" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="more" />
      </button>
      {open && (
        <div class="rs-menu" role="menu" aria-label={`More for ${title}`}>
          {items.map(({ label, run, checked, disabled = false }) => (
            <button
              key={label}
              type="button"
              role={checked === undefined ? "menuitem" : "menuitemcheckbox"}
              aria-checked={checked}
              tabIndex={-1}
              disabled={disabled}
              onClick={() => chosen(run)}
            >
              <span class="rs-check">{checked ? "✓" : ""}</span>
              {label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** Arrow keys in a menu; Escape goes back to its button. */
function walked(event: KeyboardEvent, place: HTMLElement | null, close: () => void): void {
  const items = [...(place?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
  if (!items.length || place === null) return;
  const at = items.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to !== undefined) items[(to + items.length) % items.length]!.focus();
  else if (event.key === "Escape") {
    close();
    place.querySelector<HTMLElement>("button")!.focus();
  } else if (event.key === "Tab") close();
  if (to !== undefined || event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
  }
}
