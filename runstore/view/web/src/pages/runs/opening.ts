// What the runs page asks for first, asked while the page itself is still being loaded: its runs, their metrics, and the
// curves of the first charts. Each is asked for just as the page will ask; what it asks otherwise it asks anew.

import { requestOf, LINES, pointsOf } from "../../chart/request";
import { FIRST } from "../../data/batch";
import type { HttpSource } from "../../data/http";
import { drawnOf } from "../../state/eyes";
import { lookOf, type View } from "../../state/view";
import { queryOf, questionOf, WINDOW } from "../../table/question";
import { rowsOf, type RunsAnswer } from "../../table/rows";
import { curvesOf, metricsOf, sections, shown, type MetricsAnswer } from "./sections";

/** Ask, one question after another. What comes of it, or goes wrong, is heard by whoever asks the same. */
export async function opening(source: Pick<HttpSource, "ahead" | "framesAhead">, view: View): Promise<void> {
  if (view.page !== "runs") return;
  const answer = await source.ahead<RunsAnswer>("runs", queryOf(questionOf(view), view.where, 0));
  if (view.group.length || view.drawn > WINDOW) return;
  const listed = rowsOf(answer).map((row) => row.id);
  const runs = drawnOf(view, listed);
  if (!runs.length || runs.some((id) => !listed.includes(id))) return; // of those the page has to look first whether they are there
  const chosen = view.full ? [view.full] : shown(view);
  const ask = (charts: string[]): void => source.framesAhead(charts.slice(0, FIRST).map((metric) => asked(view, metric, runs)));
  if (chosen.length) ask(chosen); // whatever other metrics there are
  const metrics = await source.ahead<MetricsAnswer>("metrics", metricsOf(view, runs));
  if (!chosen.length) ask(listedIn(view, metrics));
}

/** The metrics of an answer in the order in which their charts stand on the page. */
function listedIn(view: View, answer: MetricsAnswer): string[] {
  const open = sections(curvesOf(answer, view.metrics)).filter(({ prefix }) => !view.closed.includes(prefix));
  return open.flatMap(({ metrics }) => metrics);
}

function asked(view: View, metric: string, drawn: readonly string[]) {
  const { x, smoothing } = lookOf(view, metric);
  const runs = drawn.slice(0, LINES);
  const zoom = view.zoom?.kind === x ? view.zoom : null;
  return requestOf({ metric, runs, group: null, x }, zoom, pointsOf(runs.length, view.full !== ""), smoothing > 0);
}
