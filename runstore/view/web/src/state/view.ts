// Everything that decides what the page shows. It is one plain value: kept in the address, undone and redone whole.

/** One key of the order of the runs; the first counts most. */
export interface SortKey {
  column: string;
  descending: boolean;
}

/** How one chart, or all of them, is drawn. What a chart does not say, all charts say. */
export interface ChartLook {
  smoothing?: number;
  x?: string;
  logX?: boolean;
  logY?: boolean;
  /** The stretch of y that one chart shows; null: what is usual of its values. */
  y?: { low: number; high: number } | null;
  /** Whether one chart shows its spikes too, and whether it is shown as a table. */
  everything?: boolean;
  table?: boolean;
}

export interface View {
  /** The page's name, and what it is about: the run's id on a run's page. */
  page: string;
  id: string;
  experiment: string;
  where: string;
  sort: SortKey[];
  /** Columns that were chosen, in order; null shows those that fit most people. */
  columns: string[] | null;
  pinned: string[];
  widths: Record<string, number>;
  /** Show only columns whose values differ between runs. */
  differs: boolean;
  group: string[];
  /** What a group's band shows, `std`, `minmax` or `quantile`, and which figure of it the table. */
  band: string;
  figure: string;
  /** Groups that are open, by the key that `table/group` gives them. */
  open: string[];
  /** How many of the first runs are drawn without being asked for. */
  drawn: number;
  hidden: string[];
  shown: string[];
  /** Only these are drawn; empty draws what the eyes say. */
  solo: string[];
  chosen: string[];
  colours: Record<string, number>;
  metrics: string;
  closed: string[];
  charts: string[];
  look: ChartLook;
  looks: Record<string, ChartLook>;
  /** The stretch of x that all charts with this kind of x show; null shows everything. */
  zoom: { kind: string; low: number; high: number } | null;
  /** The metric whose chart fills the page. */
  full: string;
  /** The table's share of the width, in percent. */
  split: number;
  /** What the other pages keep of their own. */
  more: Record<string, string>;
}

/** What a page shows when its address says nothing. */
export const plain: View = Object.freeze({
  page: "workspace",
  id: "",
  experiment: "",
  where: "",
  sort: [],
  columns: null,
  pinned: ["name"],
  widths: {},
  differs: false,
  group: [],
  band: "std",
  figure: "mean",
  open: [],
  drawn: 10,
  hidden: [],
  shown: [],
  solo: [],
  chosen: [],
  colours: {},
  metrics: "",
  closed: [],
  charts: [],
  look: {},
  looks: {},
  zoom: null,
  full: "",
  split: 45,
  more: {},
}) as View;

/** How the chart of this metric is drawn, its own wishes first. */
export function lookOf(view: View, metric: string): Required<ChartLook> {
  return { smoothing: 0, x: "step", logX: false, logY: false, y: null, everything: false, table: false, ...view.look, ...view.looks[metric] };
}

/** The looks of all charts when this one is drawn otherwise. What is as ever is not kept. */
export function withLook(view: View, metric: string, change: ChartLook): Pick<View, "looks"> {
  const { y, everything, table, ...own } = { ...view.looks[metric], ...change };
  const look = { ...own, ...(y ? { y } : {}), ...(everything ? { everything } : {}), ...(table ? { table } : {}) };
  return { looks: { ...view.looks, [metric]: look } };
}
