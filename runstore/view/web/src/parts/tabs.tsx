// Tabs as people with a keyboard expect them: arrows move between them, only the shown one is in the tab order.

import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";

export interface Tab {
  name: string;
  label: string;
  count?: number | null;
}

interface Props {
  label: string;
  tabs: readonly Tab[];
  shown: string;
  onShow(name: string): void;
  children: ComponentChildren;
}

export function Tabs({ label, tabs, shown, onShow, children }: Props) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const walk = (event: KeyboardEvent) => {
    const place = tabs.findIndex((tab) => tab.name === shown);
    const next = PLACES[event.key]?.(place, tabs.length);
    const tab = next === undefined ? undefined : tabs[next];
    if (!tab) return;
    event.preventDefault();
    onShow(tab.name);
    (list.current?.children[next as number] as HTMLElement | undefined)?.focus();
  };
  return (
    <>
      <div class="rs-tabs" role="tablist" aria-label={label} ref={list} onKeyDown={walk}>
        {tabs.map((tab) => (
          <button
            key={tab.name}
            type="button"
            role="tab"
            id={`${id}-${tab.name}`}
            aria-selected={tab.name === shown}
            aria-controls={`${id}-panel`}
            tabIndex={tab.name === shown ? 0 : -1}
            onClick={() => onShow(tab.name)}
          >
            {tab.label}
            {tab.count ? <span class="rs-count">{tab.count}</span> : null}
          </button>
        ))}
      </div>
      <div class="rs-tab-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${shown}`} tabIndex={-1}>
        {children}
      </div>
    </>
  );
}

const PLACES: Record<string, (place: number, length: number) => number> = {
  ArrowRight: (place, length) => (place + 1) % length,
  ArrowLeft: (place, length) => (place + length - 1) % length,
  Home: () => 0,
  End: (_, length) => length - 1,
};
