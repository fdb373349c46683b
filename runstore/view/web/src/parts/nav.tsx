// The page's left edge: where one is, where one may go, and how what is seen is kept up to date.

import { useEffect } from "preact/hooks";
import { opened } from "../chart/first";
import { choose, dark } from "../theme/scheme";
import { useApp } from "../state/app";
import { useAnswer } from "../state/answer";
import type { Liveness } from "../state/live";
import { IconButton } from "./button";
import { Icon, type IconName } from "./icon";

export interface WorkspaceFacts {
  name: string;
  path: string;
  url: string | null;
  experiments: number;
  runs: number;
  running: number;
  editable: boolean;
  version: string;
  /** What could not be read: a line each, of many the first. */
  damage?: { total: number; told: string[] };
}

const PAGES: [page: string, icon: IconName, label: string][] = [
  ["workspace", "workspace", "Workspace"],
  ["experiments", "experiments", "Experiments"],
  ["runs", "runs", "Runs"],
  ["compare", "compare", "Compare"],
  ["models", "models", "Models"],
  ["sweeps", "sweeps", "Sweeps"],
  ["sql", "sql", "SQL"],
];
const WORDS: Record<Liveness, string> = {
  live: "Live",
  paused: "Paused",
  lost: "Connection lost, trying again",
  still: "As it was saved",
};

export function Nav() {
  const app = useApp();
  const { page, experiment } = app.view.value;
  const { value } = useAnswer<WorkspaceFacts>(page === "runs" && !opened.value ? null : "workspace", {}, app.live.listed.value);
  const title = [page === "runs" && experiment ? experiment : page, value?.name].filter(Boolean).join(" · ");
  useEffect(() => {
    if (app.whole) document.title = title;
  }, [app, title]);
  return (
    <nav class="rs-nav" aria-label="Pages">
      <a class="rs-skip" href={app.href(app.view.value.page, app.view.value.id)} onClick={skip}>
        To the page's content
      </a>
      <a class="rs-brand" href={app.href("workspace")} title={value?.path}>
        <span class="rs-brand-mark" aria-hidden="true" />
        <span class="rs-cut">{value?.name ?? "runstore"}</span>
      </a>
      <button type="button" class="rs-nav-search" onClick={() => (app.over.value = "palette")}>
        <Icon name="search" /> <span>Go to …</span> <kbd>Ctrl K</kbd>
      </button>
      <ul>
        {PAGES.filter(([page]) => app.pages.includes(page)).map(([page, icon, label]) => (
          <li key={page}>
            <a href={app.href(page)} aria-current={isAt(app.view.value.page, page) ? "page" : undefined} title={label}>
              <Icon name={icon} /> <span>{label}</span>
              {page === "runs" && value ? <span class="rs-nav-count">{value.runs.toLocaleString("en")}</span> : null}
            </a>
          </li>
        ))}
      </ul>
      <div class="rs-nav-end">
        <LiveMark running={value?.running ?? 0} />
        <div class="rs-nav-tools">
          <IconButton icon="undo" label="Undo" disabled={!app.canUndo.value} onClick={() => app.undo()} />
          <IconButton icon="redo" label="Redo" disabled={!app.canRedo.value} onClick={() => app.redo()} />
          <IconButton
            icon={dark.value ? "sun" : "moon"}
            label={dark.value ? "Light theme" : "Dark theme"}
            onClick={() => choose(dark.value ? "light" : "dark")}
          />
          <IconButton icon="help" label="Keys" onClick={() => (app.over.value = "help")} />
        </div>
      </div>
    </nav>
  );
}

function skip(event: MouseEvent): void {
  event.preventDefault();
  (event.currentTarget as HTMLElement).closest(".rs-shell")?.querySelector<HTMLElement>("main")?.focus();
}

function isAt(shown: string, page: string): boolean {
  return shown === page || (shown === "run" && page === "runs");
}

function LiveMark({ running }: { running: number }) {
  const { live } = useApp();
  const state = live.state.value;
  const paused = state === "paused";
  return (
    <div class={`rs-live rs-live-${state}`} title={live.reason.value || undefined}>
      <span class="rs-live-mark" aria-hidden="true" />
      <span role="status" class="rs-cut">
        {WORDS[state]}
        {state === "live" && running > 0 ? ` · ${running} running` : ""}
      </span>
      {state !== "still" && (
        <IconButton icon={paused ? "play" : "pause"} label={paused ? "Go on" : "Pause"} onClick={() => live.toggle()} />
      )}
    </div>
  );
}
