// Which page a view's name means.

import type { ComponentType } from "preact";
import { Experiments } from "../pages/workspace_experiments";
import { Workspace } from "../pages/workspace";
import { useApp } from "../state/app";
import { Empty } from "./empty";
import { Caught } from "./caught";
import { later } from "./later";

const PAGES: Record<string, ComponentType> = {
  workspace: Workspace,
  experiments: Experiments,
  runs: later(async () => (await import("../pages/runs")).Runs),
  run: later(async () => (await import("../pages/run/page")).RunPage),
  compare: later(async () => (await import("../pages/compare/page")).ComparePage),
  models: later(async () => (await import("../pages/models/page")).ModelsPage),
  sweeps: later(async () => (await import("../pages/sweeps/page")).SweepsPage),
  sql: later(async () => (await import("../pages/sql/page")).SqlPage),
};

export function Router() {
  const app = useApp();
  const { page, id } = app.view.value;
  const Page = app.pages.includes(page) || page === "run" ? PAGES[page] : undefined;
  if (!Page) {
    return (
      <Empty icon="search" title={`There is no page ${page}`}>
        <a href={app.href("workspace")}>To the workspace</a>
      </Empty>
    );
  }
  return (
    <Caught key={`${page}/${id}`} what="This page">
      <Page />
    </Caught>
  );
}
