// The page around a widget says whether it is dark: JupyterLab, VS Code and Colab each in their own way.

import { follow } from "./scheme";

let followers = 0;
let watch: MutationObserver | null = null;

/** Be as dark as the page around is, until the function returned is called. */
export function followHost(): () => void {
  followers++;
  if (watch === null) {
    watch = new MutationObserver(look);
    for (const element of [document.documentElement, document.body]) watch.observe(element, { attributes: true });
    look();
  }
  return () => {
    if (--followers > 0) return;
    watch?.disconnect();
    watch = null;
    follow(null);
  };
}

function look(): void {
  follow(said(document.documentElement, document.body));
}

/** What these elements say; null where they say nothing. */
export function said(...elements: readonly Pick<HTMLElement, "dataset" | "getAttribute">[]): boolean | null {
  for (const element of elements) {
    const { jpThemeLight, vscodeThemeKind } = element.dataset;
    if (jpThemeLight) return jpThemeLight === "false";
    if (vscodeThemeKind) return /dark|high-contrast$/.test(vscodeThemeKind);
    const theme = element.getAttribute("theme") ?? element.dataset["theme"];
    if (theme === "dark" || theme === "light") return theme === "dark";
  }
  return null;
}
