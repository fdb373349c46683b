// Everything that can be done: what the palette lists, what the keys do and what the help shows are one list.

import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useApp } from "./app";

export interface Command {
  label: string;
  /** As `keyOf` writes them; the first is the one that is shown. */
  keys?: string[];
  /** What it belongs to, for the help's headings. */
  of: string;
  /** Keys that a part hears for itself are only listed. */
  listed?: boolean;
  run(): void;
}

export class Commands {
  /** Of the parts that are on the page now, the newest last. */
  readonly lists = signal<Command[][]>([]);

  add(list: Command[]): () => void {
    this.lists.value = [...this.lists.peek(), list];
    return () => (this.lists.value = this.lists.peek().filter((other) => other !== list));
  }

  every(): Command[] {
    return this.lists.value.flat();
  }

  /** The command of a key; of several the newest part's. */
  of(key: string): Command | null {
    const found = this.lists.peek().flat().filter((command) => !command.listed && command.keys?.includes(key));
    return found.at(-1) ?? null;
  }
}

/** A key as commands name it: `ctrl+k`, `?`, `Escape`. */
export function keyOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">): string {
  const key = event.key.length === 1 && event.shiftKey && /[a-z]/i.test(event.key) ? `shift+${event.key.toLowerCase()}` : event.key;
  const parts = [event.ctrlKey || event.metaKey ? "ctrl" : "", event.altKey ? "alt" : "", key];
  return parts.filter(Boolean).join("+");
}

/** Whether a key means itself where it was pressed: in a field one writes. */
export function writes(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !/^(checkbox|radio|range|button)$/.test(target.type);
  return target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Offer these commands as long as the part that says so is on the page. Their labels tell whether they changed. */
export function useCommands(list: Command[]): void {
  const app = useApp();
  const newest = useRef(list);
  newest.current = list;
  const labels = list.map((command) => command.label).join("\n");
  useLayoutEffect(() => {
    const offered = newest.current.map((command, place) => ({
      ...command,
      run: () => newest.current[place]?.run(), // as it is when it is run, not as it was when it was offered
    }));
    return app.commands.add(offered);
  }, [app, labels]);
}
