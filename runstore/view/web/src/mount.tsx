// The one door: the page, a notebook's widget and a report all put themselves into an element here.

import { effect } from "@preact/signals";
import { render } from "preact";
import "./theme/tokens.css";
import "./parts/shell.css";
import "./parts/parts.css";
import "./table/table.css";
import "./pages/runs/runs.css";
import { begun } from "./chart/first";
import type { Source } from "./data/source";
import { Router } from "./parts/router";
import { Caught } from "./parts/caught";
import { Shell } from "./parts/shell";
import { App, AppContext } from "./state/app";
import { address, memory } from "./state/place";
import { read, write } from "./state/url";
import { dark } from "./theme/scheme";

export interface Spec {
  /** Whether the page is the whole document: its view is then in the address. */
  whole?: boolean;
  /** The view to begin with, as a hash. */
  view?: string;
  /** Told the hash of every view that is shown. */
  seen?: (view: string) => void;
  /** Without the frame around it, as in a notebook. */
  bare?: boolean;
  /** The pages that one can go to; all where nothing is said. */
  pages?: readonly string[];
}

/** Links lead to views: where the page is a guest, the address around is not theirs. */
function leading(el: HTMLElement, app: App): () => void {
  const led = (event: MouseEvent): void => {
    const link = (event.target as Element).closest?.("a[href^='#']");
    if (!link || event.defaultPrevented) return;
    event.preventDefault();
    app.change(read(link.getAttribute("href")!));
  };
  el.addEventListener("click", led);
  return () => el.removeEventListener("click", led);
}

/** Show a source's runs in an element; gives the function that takes them away again. */
export function mount(el: HTMLElement, source: Source, spec: Spec = {}): () => void {
  const { whole = false, bare = false, view = "", pages, seen } = spec;
  const app = new App(source, whole ? address() : memory(view), whole, pages);
  const themed = effect(() => void (el.dataset["theme"] = dark.value ? "dark" : "light"));
  const told = effect(() => seen?.(write(app.view.value)));
  const left = whole ? () => undefined : leading(el, app);
  el.classList.add("rs");
  begun();
  render(
    <AppContext.Provider value={app}>
      <Shell bare={bare}>
        <Caught what="The page">
          <Router />
        </Caught>
      </Shell>
    </AppContext.Provider>,
    el,
  );
  return () => {
    render(null, el);
    themed();
    told();
    left();
    app.close();
  };
}
