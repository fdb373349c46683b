// A chart's buttons. Seldom-used ones wait in a menu.

import { Icon, type IconName } from "./icon";
import { Menu, type Item } from "./menu";

export interface Tools {
  title: string;
  zoomed: boolean;
  logY: boolean;
  table: boolean;
  full: boolean;
  onReset(): void;
  onLogY(): void;
  onTable(): void;
  onFull?: (() => void) | undefined;
  /** What the menu has. */
  items: readonly Item[];
}

export function Toolbar(tools: Tools) {
  const { title, zoomed, logY, table, full, items } = tools;
  return (
    <div class="rs-tools" role="group" aria-label={`${title}: tools`}>
      {zoomed && <Tool name="reset" label="Reset the zoom (double-click)" onClick={tools.onReset} />}
      <Tool name="log" label="Logarithmic y axis" pressed={logY} onClick={tools.onLogY} />
      <Tool name="table" label="View as table" pressed={table} onClick={tools.onTable} />
      {tools.onFull && <Tool name={full ? "close" : "full"} label={full ? "Leave full screen" : "Full screen"} onClick={tools.onFull} />}
      <Menu title={title} items={items} />
    </div>
  );
}

function Tool({ name, label, pressed, onClick }: { name: IconName; label: string; pressed?: boolean; onClick(): void }) {
  return (
    <button type="button" class="rs-tool" title={label} aria-label={label} aria-pressed={pressed} onClick={onClick}>
      <Icon name={name} />
    </button>
  );
}
