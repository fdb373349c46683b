/** What the pages here need of the page around them, in one piece: its data, its address, its notices. */

import { useMemo } from "preact/hooks";
import type { Source } from "../../data/source";
import { useAnswer } from "../../state/answer";
import { useApp } from "../../state/app";
import type { View } from "../../state/view";

export interface Workspace {
  name: string;
  path: string;
  editable: boolean;
}

export interface Place {
  source: Source;
  workspace: Workspace;
  /** What the page is about: a run's id; runs' ids joined by commas; empty. */
  id: string;
  /** What the address keeps of this page's own. */
  more: Readonly<Record<string, string>>;
  /** Change what the address keeps; null takes a key away. `slide`: one of many small changes. */
  set(changes: Record<string, string | null>, slide?: boolean): void;
  /** The address of another page, for links. */
  href(page: string, id?: string, view?: Partial<View>): string;
  /** A short notice that goes away by itself, with a way to take back what was done. */
  say(text: string, undo?: () => void): void;
}

const UNKNOWN: Workspace = { name: "Workspace", path: ".", editable: false };

export function usePlace(): Place {
  const app = useApp();
  const view = app.view.value;
  const workspace = useAnswer<Workspace>("workspace").value ?? UNKNOWN;
  return useMemo(
    () => ({
      source: app.source,
      workspace,
      id: view.id,
      more: view.more,
      set: (changes, slide) => app.change({ more: changed(app.view.peek().more, changes) }, slide),
      href: (page, id, change) => app.href(page, id, change),
      say: (text, undo) => app.toast(text, undo ? { label: "Undo", run: undo } : null),
    }),
    [app, workspace, view],
  );
}

/** What an address keeps, with changes; null takes a key away. */
export function changed(
  kept: Readonly<Record<string, string>>, changes: Record<string, string | null>,
): Record<string, string> {
  const entries = Object.entries({ ...kept, ...changes }).filter(([, value]) => value !== null);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Put text on the clipboard and say so. */
export async function copy(place: Place, text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    place.say(`${what} copied`);
  } catch {
    place.say(`The browser does not let this page copy; ${what.toLowerCase()}: ${text}`);
  }
}
