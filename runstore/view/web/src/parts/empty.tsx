// What stands where there is nothing, or where something went wrong: what it is, and what can be done.

import type { ComponentChildren } from "preact";
import { hintOf } from "../data/source";
import { Icon, type IconName } from "./icon";

export function Empty({ icon, title, children }: { icon?: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="rs-empty">
      {icon && <Icon name={icon} size={28} />}
      <p class="rs-empty-title">{title}</p>
      {children}
    </div>
  );
}

/** An error where it happened, with the way to try again. */
export function Failed({ error, what, again }: { error: Error; what: string; again?: () => void }) {
  const hint = hintOf(error);
  return (
    <div class="rs-failed" role="alert">
      <p>
        <strong>{what}</strong> {error.message}
      </p>
      {hint && <p class="rs-muted">{hint}</p>}
      {again && (
        <button type="button" class="rs-button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Grey lines in the place of what is on its way; they show after a moment only. */
export function Waiting({ lines = 3, label = "Loading" }: { lines?: number; label?: string }) {
  return (
    <div class="rs-waiting" role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} />
      ))}
    </div>
  );
}

/** How to log a first run into this workspace. */
export function FirstRun({ path }: { path: string }) {
  const code = `import runstore\n\nwith runstore.start_run("first", workspace=${JSON.stringify(path)}) as run:\n    for step in range(100):\n        run.log("loss", 1 / (step + 1), step=step)`;
  return (
    <Empty icon="runs" title="No runs yet">
      <p class="rs-muted">Log one into this workspace; it appears here while it runs.</p>
      <pre class="rs-code" tabIndex={0}>{code}</pre>
      <button type="button" class="rs-button" onClick={() => void navigator.clipboard?.writeText(code)}>
        Copy
      </button>
    </Empty>
  );
}
