// Light or dark: as the system says, or as was chosen; the choice is kept.

import { computed, signal } from "@preact/signals";

export type Choice = "system" | "light" | "dark";

const KEPT = "runstore.theme";

/** What was chosen. */
export const choice = signal<Choice>(kept());
const system = signal(asked());

const host = signal<boolean | null>(null);

/** Whether the page is dark now. */
export const dark = computed(() => host.value ?? (choice.value === "dark" || (choice.value === "system" && system.value)));

/** Be as dark as the page around, whatever was chosen or the system says; null: no longer. */
export function follow(around: boolean | null): void {
  host.value = around;
}

/** Choose; `system` goes back to what the system says. */
export function choose(wanted: Choice): void {
  choice.value = wanted;
  try {
    localStorage.setItem(KEPT, wanted);
  } catch {
    // it then lasts as long as the page
  }
}

/** The other one of light and dark. */
export function toggle(): void {
  choose(dark.value ? "light" : "dark");
}

function kept(): Choice {
  try {
    const found = localStorage.getItem(KEPT);
    return found === "light" || found === "dark" ? found : "system";
  } catch {
    return "system";
  }
}

function asked(): boolean {
  const query = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
  query?.addEventListener("change", (event) => (system.value = event.matches));
  return query?.matches ?? false;
}
