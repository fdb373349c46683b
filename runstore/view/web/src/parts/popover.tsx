// A button and what it opens below itself; closed by Escape, by a click elsewhere, and by what is inside.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icon";

interface Props {
  icon?: IconName;
  label: string;
  /** What stands on the button beside its drawing; the label where nothing is given. */
  text?: string | null;
  count?: number;
  wide?: boolean;
  tab?: number;
  children: (close: () => void) => ComponentChildren;
}

export function Popover({ icon, label, text = label, count = 0, wide = false, tab, children }: Props) {
  const [open, setOpen] = useState(false);
  const whole = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const id = useId();
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  useOutside(whole, open, () => setOpen(false));
  useLayoutEffect(() => {
    if (!open || !panel.current) return;
    put(panel.current, button.current);
    panel.current.querySelector<HTMLElement>("input:not(:disabled),button,select,[tabindex]")?.focus();
  }, [open]);
  return (
    <div class="rs-popover" ref={whole} onKeyDown={(event) => escape(event, open, close)}>
      <button
        type="button"
        ref={button}
        tabIndex={tab}
        class={text ? "rs-button" : "rs-icon-button"}
        aria-label={text ? undefined : label}
        title={text ? undefined : label}
        aria-expanded={open}
        aria-haspopup="dialog"
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {icon && <Icon name={icon} />}
        {text}
        {count > 0 && <span class="rs-count">{count}</span>}
      </button>
      {open && (
        <div
          id={id}
          ref={panel}
          popover="manual"
          class={`rs-panel${wide ? " rs-panel-wide" : ""}`}
          role="dialog"
          aria-label={label}
          tabIndex={-1} // a click on a label puts the focus here, not on the page behind
        >
          {children(close)}
        </div>
      )}
    </div>
  );
}

function escape(event: KeyboardEvent, open: boolean, close: () => void): void {
  if (event.key !== "Escape" || !open) return;
  event.stopPropagation();
  close();
}

/** Put a panel below its button, in front of everything, and inside the window. */
function put(panel: HTMLElement, button: HTMLElement | null): void {
  panel.showPopover?.();
  const at = button?.getBoundingClientRect();
  if (!at) return;
  const { clientWidth, clientHeight } = document.documentElement;
  const { width, height } = panel.getBoundingClientRect();
  const below = at.bottom + 4;
  panel.style.left = `${Math.max(8, Math.min(at.left, clientWidth - width - 8))}px`;
  panel.style.top = `${below + height > clientHeight - 8 ? Math.max(8, clientHeight - height - 8) : below}px`;
}

function useOutside(whole: { current: HTMLElement | null }, open: boolean, leave: () => void): void {
  const leaving = useRef(leave);
  leaving.current = leave;
  useEffect(() => {
    if (!open) return undefined;
    const look = (event: Event) => {
      if (!whole.current?.contains(event.target as Node)) leaving.current();
    };
    document.addEventListener("pointerdown", look);
    document.addEventListener("focusin", look);
    return () => {
      document.removeEventListener("pointerdown", look);
      document.removeEventListener("focusin", look);
    };
  }, [open, whole]);
}
