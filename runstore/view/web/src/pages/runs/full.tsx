// One chart alone, filling the page; arrows lead to the next.

import type { ComponentChildren } from "preact";
import { IconButton } from "../../parts/button";
import { Icon } from "../../parts/icon";
import { useApp, type App } from "../../state/app";
import { useCommands, type Command } from "../../state/commands";
import { LookOf } from "./looks";
import { beside } from "./sections";

interface Props {
  name: string;
  names: readonly string[];
  /** The chart itself. */
  children: ComponentChildren;
}

export function Full({ name, names, children }: Props) {
  const app = useApp();
  const step = (by: 1 | -1) => app.change({ full: beside(names, name, by) }, true);
  useCommands([
    { label: "The next chart", keys: ["ArrowRight"], of: "Charts", run: () => step(1) },
    { label: "The chart before", keys: ["ArrowLeft"], of: "Charts", run: () => step(-1) },
    { label: "All charts", keys: ["Escape", "f"], of: "Charts", run: () => app.change({ full: "" }) },
  ]);
  const place = names.indexOf(name);
  return (
    <div class="rs-full-chart">
      <div class="rs-row">
        <IconButton icon="left" label="The chart before" onClick={() => step(-1)} />
        <IconButton icon="right" label="The next chart" onClick={() => step(1)} />
        <span class="rs-muted" role="status">
          {place < 0 ? "" : `${place + 1} of ${names.length}`}
        </span>
        <LookOf name={name} names={names} />
        <span class="rs-space" />
        <button type="button" class="rs-button" onClick={() => app.change({ full: "" })}>
          <Icon name="close" /> All charts
        </button>
      </div>
      {children}
    </div>
  );
}

/** What can be done to charts wherever there are some; keys that a chart hears for itself are listed. */
export function chartCommands(app: App): Command[] {
  const of = "Charts";
  const listed = (label: string, ...keys: string[]): Command => ({ label, keys, of, listed: true, run: () => undefined });
  return [
    { label: "The chart under the pointer fills the page", keys: ["f"], of, run: () => fill(app) },
    { label: "All charts whole again", keys: ["r"], of, run: () => (app.linked.range.value = null) },
    listed("Move the crosshair (shift: faster)", "ArrowLeft", "ArrowRight"),
    listed("Walk from line to line", "ArrowUp", "ArrowDown"),
    listed("Pin the crosshair, let it go", "Enter", "Escape"),
    listed("Zoom in, out", "+", "-"),
    listed("Logarithmic y axis", "l"),
  ];
}

/** The chart that the pointer or the focus is in fills the page. */
function fill(app: App): void {
  const slot = document.querySelector<HTMLElement>(".rs-slot:hover") ?? document.activeElement?.closest<HTMLElement>(".rs-slot");
  const first = document.querySelector<HTMLElement>(".rs-slot");
  const name = (slot ?? first)?.dataset["metric"];
  if (name) app.change({ full: name });
}
