// A chart's buttons. Seldom-used ones wait in a menu.

import { useEffect, useRef, useState } from "preact/hooks";

const PATHS = {
  log: "M3 13V3 M3 13H13 M4.5 12C8 12 11 9 12 3.5",
  reset: "M4 8a4.2 4.2 0 1 0 1.4-3.1 M5.6 2.2V5h2.9",
  full: "M3 6V3h3 M10 3h3v3 M13 10v3h-3 M6 13H3v-3",
  table: "M2.5 3.5h11v9h-11z M2.5 6.5h11 M6.5 3.5v9",
  more: "M8 3.4v.2 M8 7.9v.2 M8 12.4v.2",
  close: "M4 4l8 8 M12 4l-8 8",
} as const;

export function Icon({ name }: { name: keyof typeof PATHS }) {
  const width = name === "more" ? 2.2 : 1.5;
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width={width} stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

export interface Tools {
  title: string;
  zoomed: boolean;
  logX: boolean;
  logY: boolean;
  table: boolean;
  full: boolean;
  onReset(): void;
  onLogX(): void;
  onLogY(): void;
  onTable(): void;
  onFull?: (() => void) | undefined;
  onTake(what: "png" | "svg" | "csv"): void;
}

export function Toolbar(tools: Tools) {
  const { title, zoomed, logX, logY, table, full } = tools;
  return (
    <div class="rs-tools" role="group" aria-label={`${title}: tools`}>
      {zoomed && <Tool name="reset" label="Reset the zoom (double-click)" onClick={tools.onReset} />}
      <Tool name="log" label="Logarithmic y axis" pressed={logY} onClick={tools.onLogY} />
      <Tool name="table" label="View as table" pressed={table} onClick={tools.onTable} />
      {tools.onFull && <Tool name={full ? "close" : "full"} label={full ? "Leave full screen" : "Full screen"} onClick={tools.onFull} />}
      <Menu title={title} logX={logX} onLogX={tools.onLogX} onTake={tools.onTake} />
    </div>
  );
}

function Tool({ name, label, pressed, onClick }: { name: keyof typeof PATHS; label: string; pressed?: boolean; onClick(): void }) {
  return (
    <button type="button" class="rs-tool" title={label} aria-label={label} aria-pressed={pressed} onClick={onClick}>
      <Icon name={name} />
    </button>
  );
}

function Menu({ title, logX, onLogX, onTake }: Pick<Tools, "title" | "logX" | "onLogX" | "onTake">) {
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const leave = (event: Event): void => {
      if (!place.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", leave);
    place.current?.querySelector<HTMLElement>("[role^=menuitem]")?.focus();
    return () => document.removeEventListener("pointerdown", leave);
  }, [open]);
  const items: [string, () => void, boolean?][] = [
    ["Logarithmic x axis", onLogX, logX],
    ["Picture as PNG", () => onTake("png")],
    ["Picture as SVG", () => onTake("svg")],
    ["Numbers as CSV", () => onTake("csv")],
  ];
  return (
    <div class="rs-menu-place" ref={place} onKeyDown={(event) => walked(event, place.current, () => setOpen(false))}>
      <button type="button" class="rs-tool" title="More" aria-label={`More for ${title}`} aria-haspopup="menu" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="more" />
      </button>
      {open && (
        <div class="rs-menu" role="menu" aria-label={`More for ${title}`}>
          {items.map(([label, deed, checked]) => (
            <button
              key={label}
              type="button"
              role={checked === undefined ? "menuitem" : "menuitemcheckbox"}
              aria-checked={checked}
              tabIndex={-1}
              onClick={() => (setOpen(false), deed())}
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
