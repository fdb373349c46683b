// The keys, as the parts that are on the page offer them.

import { useApp } from "../state/app";
import { IconButton } from "./button";
import { Dialog } from "./dialog";

export function Help() {
  const app = useApp();
  const close = () => (app.over.value = null);
  const commands = app.commands.every().filter((command) => command.keys?.length);
  const headings = [...new Set(commands.map((command) => command.of))];
  return (
    <Dialog label="Keys" kind="help" onClose={close}>
      <header>
        <h2>Keys</h2>
        <IconButton icon="close" label="Close" onClick={close} />
      </header>
      <div class="rs-help-lists">
        {headings.map((heading) => (
          <section key={heading}>
            <h3>{heading}</h3>
            <dl>
              {commands
                .filter((command) => command.of === heading)
                .map((command) => (
                  <div key={command.label}>
                    <dt>
                      {(command.listed ? command.keys ?? [] : command.keys?.slice(0, 1) ?? []).map((key) => (
                        <Keys key={key} of={key} />
                      ))}
                    </dt>
                    <dd>{command.label}</dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

/** A key, or several pressed together, as they are written on the keys. */
export function Keys({ of }: { of: string }) {
  const parts = of === "+" ? ["+"] : of.split("+");
  return (
    <span class="rs-keys">
      {parts.map((part) => (
        <kbd key={part}>{NAMES[part] ?? part}</kbd>
      ))}
    </span>
  );
}

const NAMES: Record<string, string> = {
  ctrl: "Ctrl",
  shift: "Shift",
  alt: "Alt",
  Escape: "Esc",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
};
