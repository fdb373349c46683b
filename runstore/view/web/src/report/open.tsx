// A report's beginning: its data is read out of its own text, and the page is put into it.

import { render } from "preact";
import { EmbeddedSource, type Kept } from "../data/embedded";
import { told, unpacked } from "../data/embedded/blocks";
import type { Drawing } from "../data/embedded/figure";
import type { Answers } from "../data/embedded/shapes";
import { mount } from "../mount";
import { Footer, type About, type Parquet } from "./footer";
import "./report.css";

/** Show the report that this document is. */
export async function open(page: HTMLElement): Promise<void> {
  const answers = JSON.parse(new TextDecoder().decode(await unpacked(told<string>("runstore-answers") ?? ""))) as Answers;
  const frames = () => Promise.all((told<string[]>("runstore-curves") ?? []).map((one) => unpacked(one)));
  const source = new EmbeddedSource(answers, frames, told<Kept[]>("runstore-files") ?? [], told<Drawing>("runstore-plotly"));
  if (!window.location.hash) window.history.replaceState(null, "", first(answers));
  mount(page, source, { whole: true, pages: pages(answers) });
  const about = told<About>("runstore-about");
  if (about === null) return;
  const below = document.createElement("footer");
  page.after(below);
  render(<Footer about={about} parquet={told<Parquet>("runstore-parquet")} />, below);
}

/** The pages that this report can answer. */
function pages(answers: Answers): string[] {
  const found = ["workspace", "runs"];
  if (answers.experiments.length > 1) found.splice(1, 0, "experiments");
  if (answers.compare !== null && !("error" in answers.compare)) found.push("compare");
  if (Object.keys(answers.sweeps).length) found.push("sweeps");
  return found;
}

/** What is shown first: all runs and their curves; of a single one its own page. */
function first(answers: Answers): string {
  const ids = Object.keys(answers.runs);
  return ids.length === 1 ? `#/run/${encodeURIComponent(ids[0]!)}` : "#/runs";
}
