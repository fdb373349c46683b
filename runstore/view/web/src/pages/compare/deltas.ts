/** What runs differ in, ordered for reading: changed names first, and metrics against a baseline. */

export interface Named {
  name: string;
  values: unknown[];
  differs: boolean;
}

/** Those that differ first, each part in the order of names; nested names stay together. */
export function changedFirst<N extends Named>(all: readonly N[]): N[] {
  return [...all].sort(
    (a, b) => Number(b.differs) - Number(a.differs) || a.name.localeCompare(b.name, "en", { numeric: true }),
  );
}

export type Nested<N> = { head: string; depth: number } | { row: N; label: string; depth: number };

/** Rows below the heads of what their names share before a dot: `optimizer.lr` is `lr` below `optimizer`. */
export function nested<N extends Named>(rows: readonly N[]): Nested<N>[] {
  const found: Nested<N>[] = [];
  let above: string[] = [];
  rows.forEach((row, n) => {
    const path = row.name.split(".");
    const label = path.pop()!;
    if (n > 0 && rows[n - 1]!.differs !== row.differs) above = [];
    let depth = 0;
    while (depth < path.length && path[depth] === above[depth]) depth += 1;
    for (; depth < path.length; depth += 1) found.push({ head: path[depth]!, depth });
    above = path;
    found.push({ row, label, depth });
  });
  return found;
}

/** Each value less the baseline's, null where one of the two is no finite number. */
export function deltas(values: readonly unknown[], baseline: number): (number | null)[] {
  const base = values[baseline];
  return values.map((value, place) => (place !== baseline && finite(value) && finite(base) ? value - base : null));
}

/** A difference as a share of the baseline; null where that says nothing. */
export function relative(value: number | null, base: unknown): number | null {
  return value !== null && finite(base) && base !== 0 ? value / Math.abs(base) : null;
}

function finite(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

const LOW = /(?:^|[^a-z])(?:loss|err|error|mse|rmse|mae|perplexity|ppl|nll|latency|time|seconds|wer|cer|fid)(?:$|[^a-z])/i;
const HIGH = /(?:^|[^a-z])(?:acc|accuracy|auc|f1|precision|recall|score|reward|bleu|map|iou|r2|throughput|dice)(?:$|[^a-z])/i;

/** Which way a metric is better, told by the words in its name: "down", "up", or null where they don't tell. */
export function better(name: string): "up" | "down" | null {
  const words = name.replace(/([a-z])([A-Z])/g, "$1 $2");
  const [low, high] = [LOW.test(words), HIGH.test(words)];
  return low === high ? null : low ? "down" : "up";
}

/** Values that are the same get the same letter, in the order in which they come; for telling runs apart at a glance. */
export function classes(values: readonly unknown[]): number[] {
  const seen = new Map<string, number>();
  return values.map((value) => {
    const key = JSON.stringify(value) ?? "undefined";
    if (!seen.has(key)) seen.set(key, seen.size);
    return seen.get(key)!;
  });
}
