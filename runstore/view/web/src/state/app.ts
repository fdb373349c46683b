// One page as it stands in a document: its source, its view, and what every part of it may ask for.

import { computed, effect, signal, type ReadonlySignal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { Linked } from "../chart/linked";
import { Curves } from "../data/cache";
import type { Source } from "../data/source";
import { Commands } from "./commands";
import { Live } from "./live";
import type { Place } from "./place";
import { nothing, redo, remember, undo, type Past } from "./undo";
import { read, write } from "./url";
import { plain, type View } from "./view";

export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "bad";
  action: { label: string; run(): void } | null;
}

const EVERY = ["workspace", "experiments", "runs", "compare", "models", "sweeps", "sql"];
const SLIDING = 800; // changes of one thing that follow each other this fast, in ms, are one step to undo
const STAYING = 6000;

export class App {
  readonly view: ReadonlySignal<View>;
  readonly toasts = signal<Toast[]>([]);
  /** Which of the things that lie over the page is open. */
  readonly over = signal<"palette" | "help" | null>(null);
  /** What all charts share, and the run that stands out everywhere. */
  readonly linked = new Linked();
  readonly commands = new Commands();
  readonly curves: Curves;
  readonly live: Live;
  readonly canUndo = computed(() => this.past.value.back.length > 0);
  readonly canRedo = computed(() => this.past.value.forth.length > 0);
  private readonly held: ReturnType<typeof signal<View>>;
  private readonly past = signal<Past<View>>(nothing);
  private readonly forget: () => void;
  private sliding = { field: "", until: 0 };
  private toasted = 0;

  constructor(
    readonly source: Source,
    readonly place: Place,
    /** Whether the page is the whole document. */
    readonly whole = false,
    /** The pages that one can go to; a report has fewer. */
    readonly pages: readonly string[] = EVERY,
  ) {
    this.held = signal(read(place.read()));
    this.view = computed(() => this.held.value ?? plain);
    this.curves = new Curves(source);
    this.live = new Live(source);
    const forget = place.listen(() => (this.held.value = read(place.read())));
    const deaf = effect(() => this.curves.heard(this.live.changed.value?.runs ?? [], this.live.changed.value?.listed));
    const zoomed = this.share();
    this.forget = () => (forget(), deaf(), zoomed());
  }

  /** Show another view. `slide`: one of many small changes, as of a slider, which are undone together. */
  change(change: Partial<View>, slide = false): void {
    const before = this.view.peek();
    const next = { ...before, ...change };
    if (write(next) === write(before)) return;
    const field = slide ? Object.keys(change).join() : "";
    const again = slide && field === this.sliding.field && Date.now() < this.sliding.until;
    this.sliding = { field, until: Date.now() + SLIDING };
    if (!again) this.past.value = remember(this.past.peek(), before);
    this.show(next, next.page === before.page && next.id === before.id);
  }

  /** The hash of another page, for a link. What the page is about goes along, what only this page keeps does not. */
  href(page: string, id = "", change: Partial<View> = {}): string {
    return write({ ...this.view.value, more: {}, full: "", ...change, page, id });
  }

  go(page: string, id = "", change: Partial<View> = {}): void {
    this.change({ more: {}, full: "", ...change, page, id });
  }

  undo(): void {
    const step = undo(this.past.peek(), this.view.peek());
    if (step) this.step(...step);
  }

  redo(): void {
    const step = redo(this.past.peek(), this.view.peek());
    if (step) this.step(...step);
  }

  /** Say something at the page's edge for a while; what failed stays until it is closed. */
  toast(text: string, action: Toast["action"] = null, tone: Toast["tone"] = "plain"): void {
    const id = ++this.toasted;
    this.toasts.value = [...this.toasts.peek(), { id, text, tone, action }].slice(-4);
    if (tone === "plain") setTimeout(() => this.untoast(id), STAYING);
  }

  untoast(id: number): void {
    this.toasts.value = this.toasts.peek().filter((toast) => toast.id !== id);
  }

  close(): void {
    this.forget();
    this.live.close();
  }

  /** The charts' zoom is part of the view, whichever of the two was changed. */
  private share(): () => void {
    const { range } = this.linked;
    const told = effect(() => {
      const zoom = this.view.value.zoom;
      if (JSON.stringify(zoom) !== JSON.stringify(range.peek())) range.value = zoom;
    });
    const heard = range.subscribe((zoom) => this.change({ zoom: zoom && { kind: zoom.kind, low: zoom.low, high: zoom.high } }, true));
    return () => (told(), heard());
  }

  private step(past: Past<View>, view: View): void {
    this.past.value = past;
    this.sliding = { field: "", until: 0 };
    this.show(view, true);
  }

  private show(view: View, replace: boolean): void {
    this.held.value = view;
    this.place.write(write(view), replace);
  }
}

export const AppContext = createContext<App | null>(null);

/** The page that a part is in. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error("there is no page around this part");
  return app;
}
