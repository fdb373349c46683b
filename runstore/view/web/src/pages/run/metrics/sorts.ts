/** Metrics by how they are shown. */

import type { Metric } from "../shapes";

export interface Sorted {
  tiles: Metric[];
  curves: Metric[];
  charts: Metric[];
  tables: Metric[];
}

const CHARTS = /^(?:histogram|confusion(?:_matrix)?|accuracy(?:_table)?|residuals|predictions)$/;
const TABLES = /^(?:table|rows?)$/;
const SEEN = /^(?:image|figure|audio|video|html|text|cloud|point_cloud)$/; // these have a page of their own

/** Each in the order of names; a curve of one point is a single value. */
export function sorted(metrics: readonly Metric[]): Sorted {
  const found: Sorted = { tiles: [], curves: [], charts: [], tables: [] };
  const collator = new Intl.Collator("en", { numeric: true });
  for (const metric of [...metrics].sort((a, b) => collator.compare(a.name, b.name))) {
    if (SEEN.test(metric.kind)) continue;
    if (CHARTS.test(metric.kind)) found.charts.push(metric);
    else if (TABLES.test(metric.kind)) found.tables.push(metric);
    else if (metric.kind === "curve" && (metric.count ?? 2) > 1) found.curves.push(metric);
    else found.tiles.push(metric);
  }
  return found;
}
