// A series for tests and the demo, made of what matters there.

import type { Series } from "./frame";

/** A series with one point in each bucket, unless `more` says something else. */
export function series(xs: number[], means: number[], more: Partial<Series> = {}): Series {
  const n = xs.length;
  return {
    key: "0", run_id: "run", group: null, metric: "loss", n, xKind: "step", low: xs[0] ?? null, high: xs[n - 1] ?? null,
    points: Math.max(1, n), countTotal: n, nanTotal: 0, infTotal: 0, band: "minmax", x: Float64Array.from(xs),
    count: new Float64Array(n).fill(1), mean: Float32Array.from(means), min: Float32Array.from(means),
    max: Float32Array.from(means), last: Float32Array.from(means), nan: new Uint32Array(n), inf: new Uint32Array(n),
    ...more,
  }; // prettier-ignore
}
