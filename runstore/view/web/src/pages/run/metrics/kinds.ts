/** The charts of the Azure ML SDK v1 as logged: checked, since what is logged may have any shape, and worked out. */

export interface Confusion {
  labels: string[];
  matrix: number[][];
}

export interface Bins {
  edges: number[];
  counts: number[];
}

export interface Predictions extends Bins {
  averages: number[];
  errors: number[];
}

export interface Accuracy {
  labels: string[];
  /** For each class, for each threshold: true and false positives, true and false negatives. */
  tables: number[][][];
}

export interface XY {
  x: number;
  y: number;
}

/** The part "data" of a chart's JSON, or null where there is none. */
export function body(payload: unknown): Record<string, unknown> | null {
  const data = isRecord(payload) ? payload["data"] ?? payload : null;
  return isRecord(data) ? data : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function numbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => typeof one === "number");
}

/** A square of counts with a label for each class; labels that are missing or too few are made up. */
export function confusion(payload: unknown): Confusion | null {
  const data = body(payload);
  const matrix = data?.["matrix"];
  if (!Array.isArray(matrix) || !matrix.length) return null;
  if (!matrix.every((row) => numbers(row) && row.length === matrix.length)) return null;
  return { labels: labels(data?.["class_labels"], matrix.length), matrix: matrix as number[][] };
}

function labels(given: unknown, count: number): string[] {
  const texts = Array.isArray(given) && given.length === count ? given.map(String) : null;
  return texts ?? Array.from({ length: count }, (_, place) => String(place));
}

export function bins(payload: unknown): Bins | null {
  const data = body(payload);
  const edges = data?.["bin_edges"];
  const counts = data?.["bin_counts"];
  return numbers(edges) && numbers(counts) && edges.length === counts.length + 1 ? { edges, counts } : null;
}

export function predictions(payload: unknown): Predictions | null {
  const data = body(payload);
  const found = bins(payload);
  const averages = data?.["bin_averages"];
  if (!found || !numbers(averages) || averages.length !== found.counts.length) return null;
  const errors = data?.["bin_errors"];
  return { ...found, averages, errors: numbers(errors) && errors.length === averages.length ? errors : [] };
}

export function accuracy(payload: unknown): Accuracy | null {
  const data = body(payload);
  const tables = data?.["probability_tables"];
  if (!Array.isArray(tables) || !tables.length) return null;
  const sound = tables.every(
    (table) => Array.isArray(table) && table.every((row: unknown) => numbers(row) && row.length === 4),
  );
  return sound ? { labels: labels(data?.["class_labels"], tables.length), tables: tables as number[][][] } : null;
}

/** False against true positive rate, from (0, 0) to (1, 1). */
export function roc(table: readonly number[][]): XY[] {
  const points = table.map(([tp = 0, fp = 0, tn = 0, fn = 0]) => ({ x: share(fp, fp + tn), y: share(tp, tp + fn) }));
  return [{ x: 0, y: 0 }, ...points, { x: 1, y: 1 }].sort((a, b) => a.x - b.x || a.y - b.y);
}

/** Recall against precision; thresholds at which nothing is found have no precision and are left out. */
export function precisionRecall(table: readonly number[][]): XY[] {
  return table
    .filter(([tp = 0, fp = 0]) => tp + fp > 0)
    .map(([tp = 0, fp = 0, , fn = 0]) => ({ x: share(tp, tp + fn), y: share(tp, tp + fp) }))
    .sort((a, b) => a.x - b.x || b.y - a.y);
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

/** The area under points in the order of x, by trapezoids. */
export function area(points: readonly XY[]): number {
  let sum = 0;
  for (let place = 1; place < points.length; place += 1) {
    const [a, b] = [points[place - 1]!, points[place]!];
    sum += ((b.x - a.x) * (a.y + b.y)) / 2;
  }
  return sum;
}

/** How a confusion matrix did: the share that is right, and precision and recall of each class (null: none there). */
export function scores(found: Confusion): { right: number; precision: (number | null)[]; recall: (number | null)[] } {
  const { matrix } = found;
  const total = sum(matrix.map(sum));
  const across = matrix.map(sum);
  const down = matrix.map((_, column) => sum(matrix.map((row) => row[column]!)));
  const hits = matrix.map((row, place) => row[place]!);
  const over = (by: number[]): (number | null)[] => hits.map((hit, place) => (by[place] ? hit / by[place] : null));
  return { right: share(sum(hits), total), precision: over(down), recall: over(across) };
}

function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0);
}

/** Which two columns of a table make a curve: the first column of numbers that ascends is x, the next is y. */
export function curveOf(columns: readonly string[], rows: readonly unknown[][]): { x: number; y: number[] } | null {
  const numeric = columns.map((_, place) => place).filter(
    (place) => rows.length > 1 && rows.every((row) => typeof row[place] === "number"),
  );
  const x = numeric.find((place) => rows.every((row, n) => !n || (row[place] as number) >= (rows[n - 1]![place] as number)));
  const y = numeric.filter((place) => place !== x);
  return x === undefined || !y.length || columns.length > 5 ? null : { x, y };
}
