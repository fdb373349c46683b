// The one door: the page, a notebook's widget and a report all put themselves into an element here.

import { render } from "preact";
import "./theme/tokens.css";
import "./parts/shell.css";
import "./parts/parts.css";
import "./table/table.css";
import "./pages/runs/runs.css";
import type { Source } from "./data/source";
import { Router } from "./parts/router";
import { Caught } from "./parts/caught";
import { Shell } from "./parts/shell";
import { App, AppContext } from "./state/app";
import { address, memory } from "./state/place";

export interface Spec {
  /** Whether the page is the whole document: its view is then in the address. */
  whole?: boolean;
  /** The view to begin with, as a hash. */
  view?: string;
  /** Without the frame around it, as in a notebook. */
  bare?: boolean;
}

/** Show a source's runs in an element; gives the function that takes them away again. */
export function mount(el: HTMLElement, source: Source, spec: Spec = {}): () => void {
  const app = new App(source, spec.whole ? address() : memory(spec.view ?? ""));
  el.classList.add("rs");
  const page = (
    <Caught what="The page">
      <Router />
    </Caught>
  );
  render(<AppContext.Provider value={app}>{spec.bare ? page : <Shell>{page}</Shell>}</AppContext.Provider>, el);
  return () => {
    render(null, el);
    app.close();
  };
}
