// The frame around every page, and the keys that work everywhere.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useApp } from "../state/app";
import { keyOf, useCommands, writes, type Command } from "../state/commands";
import { toggle } from "../theme/scheme";
import { Help } from "./help";
import { Nav } from "./nav";
import { Palette } from "./palette";
import { Toasts } from "./toasts";

export function Shell({ bare = false, children }: { bare?: boolean; children: ComponentChildren }) {
  const app = useApp();
  const whole = useRef<HTMLDivElement>(null);
  useCommands(everywhere(app));
  useKeys(whole);
  useTop(whole);
  const over = app.over.value;
  return (
    <div class={bare ? "rs-bare" : "rs-shell"} ref={whole}>
      {!bare && <Nav />}
      <main class="rs-main" tabIndex={-1}>
        {children}
      </main>
      {over === "palette" && <Palette />}
      {over === "help" && <Help />}
      <Toasts />
    </div>
  );
}

/** Another page begins at its top. */
function useTop(whole: { current: HTMLElement | null }): void {
  const { page, id } = useApp().view.value;
  useEffect(() => {
    const main = whole.current?.querySelector("main");
    if (main) main.scrollTop = 0;
  }, [page, id, whole]);
}

function everywhere(app: ReturnType<typeof useApp>): Command[] {
  return [
    { label: "Go to or do …", keys: ["ctrl+k"], of: "Everywhere", run: () => (app.over.value = "palette") },
    { label: "Show the keys", keys: ["?"], of: "Everywhere", run: () => (app.over.value = "help") },
    { label: "Light or dark theme", keys: ["t"], of: "Everywhere", run: toggle },
    { label: "Undo", keys: ["ctrl+z"], of: "Everywhere", run: () => app.undo() },
    { label: "Redo", keys: ["ctrl+shift+z", "ctrl+y"], of: "Everywhere", run: () => app.redo() },
    { label: "Pause, or go on", keys: ["p"], of: "Everywhere", run: () => app.live.toggle() },
    ...app.pages.map((page) => ({ label: `Go to ${NAMES[page] ?? page}`, of: "Pages", run: () => app.go(page) })),
  ];
}

const NAMES: Record<string, string> = { sql: "SQL" };

/** Keys are heard on the whole document where the page is all of it, and inside the page only where it is a guest. */
function useKeys(whole: { current: HTMLElement | null }): void {
  const app = useApp();
  useEffect(() => {
    const root = whole.current?.closest(".rs");
    const heard: EventTarget = root?.parentElement === document.body ? document : (root ?? document);
    const listen = (event: Event) => {
      const pressed = event as KeyboardEvent;
      const key = keyOf(pressed);
      if (pressed.defaultPrevented || (writes(pressed.target) && key !== "ctrl+k") || app.over.peek()) return;
      const command = app.commands.of(key);
      if (!command) return;
      pressed.preventDefault();
      command.run();
    };
    heard.addEventListener("keydown", listen);
    return () => heard.removeEventListener("keydown", listen);
  }, [app, whole]);
}
