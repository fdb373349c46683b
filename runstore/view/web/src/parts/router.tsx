// Which page a view's name means.

import type { ComponentType } from "preact";
import { ComparePage } from "../pages/compare/page";
import { ModelsPage } from "../pages/models/page";
import { RunPage } from "../pages/run/page";
import { SqlPage } from "../pages/sql/page";
import { SweepsPage } from "../pages/sweeps/page";
import { Experiments } from "../pages/workspace_experiments";
import { Runs } from "../pages/runs";
import { Workspace } from "../pages/workspace";
import { useApp } from "../state/app";
import { Empty } from "./empty";
import { Caught } from "./caught";

const PAGES: Record<string, ComponentType> = {
  workspace: Workspace,
  experiments: Experiments,
  runs: Runs,
  run: RunPage,
  compare: ComparePage,
  models: ModelsPage,
  sweeps: SweepsPage,
  sql: SqlPage,
};

export function Router() {
  const app = useApp();
  const { page, id } = app.view.value;
  const Page = PAGES[page];
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
