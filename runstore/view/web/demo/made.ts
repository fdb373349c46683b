// Curves for the demo: what a server would answer, made of seeded noise.

import type { Series } from "../src/data/frame";
import { series } from "../src/data/sample";
import type { CurveRequest, Frame, Source } from "../src/data/source";

function noise(seed: number): () => number {
  let state = seed * 2654435761 + 1;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
    return state / 4294967296;
  };
}

const STEPS = 20_000;

/** The value of a run at a step. */
type Shape = (step: number, run: number, random: () => number) => number;

const SHAPES: Record<string, Shape> = {
  "train/loss": (step, run, random) => {
    const base = 2.3 * Math.exp(-step / (2200 + 400 * run)) + 0.18 + 0.03 * run;
    const spike = random() < 0.0004 ? 3 * random() : 0;
    return base * (1 + 0.25 * (random() - 0.5)) + spike;
  },
  "val/accuracy": (step, run, random) => 0.96 - 0.02 * run - 0.8 * Math.exp(-step / 3000) + 0.01 * (random() - 0.5),
  "train/grad_norm": (step, run, random) => (random() < 0.0003 ? 400 : 1 + run * 0.2) * (0.5 + random()) * (1 + 3 * Math.exp(-step / 1500)),
  lr: (step, run) => (1e-3 / (run + 1)) * (step < 1000 ? step / 1000 : 0.5 * (1 + Math.cos((Math.PI * step) / STEPS))),
  "loss with NaN": (step, run, random) => (run === 1 && step > 9000 && step < 9600 ? NaN : run === 2 && step === 15000 ? Infinity : 1 / (1 + step / 900) + 0.02 * random()),
  epochs: (step, run, random) => 1 - 0.9 * Math.exp(-step / 5000) + 0.02 * run + 0.02 * random(),
};

function cut(request: CurveRequest, run: number): Series {
  const shape = SHAPES[request.metric]!;
  const [low, high] = [Math.max(0, request.low ?? 0), Math.min(STEPS - 1, request.high ?? STEPS - 1)];
  const every = request.metric === "epochs" ? 1000 : 1;
  const buckets = new Map<number, { n: number; x: number; sum: number; min: number; max: number; last: number; nan: number; inf: number }>();
  const random = noise(run + 1);
  const [from, to] = [request.low ?? 0, request.high ?? STEPS - 1];
  for (let step = 0; step < STEPS - run * 1500; step++) {
    const value = shape(step, run, random);
    if (step < low || step > high || step % every) continue;
    const place = Math.floor(((step - from) * request.points) / (to - from + 1));
    const bucket = buckets.get(place) ?? { n: 0, x: 0, sum: 0, min: Infinity, max: -Infinity, last: NaN, nan: 0, inf: 0 };
    bucket.n++;
    bucket.x += step;
    bucket.last = value;
    if (Number.isNaN(value)) bucket.nan++;
    else if (!Number.isFinite(value)) bucket.inf++;
    else {
      bucket.sum += value;
      bucket.min = Math.min(bucket.min, value);
      bucket.max = Math.max(bucket.max, value);
    }
    buckets.set(place, bucket);
  }
  const all = [...buckets.values()];
  const column = (of: (bucket: (typeof all)[number]) => number): number[] => all.map(of);
  const mean = column((b) => b.sum / (b.n - b.nan - b.inf));
  return series(column((b) => b.x / b.n), mean, {
    key: request.key, run_id: `run-${run}`, metric: request.metric, low: from, high: to, points: request.points,
    count: Float64Array.from(column((b) => b.n)), min: Float32Array.from(column((b) => (b.min <= b.max ? b.min : NaN))),
    max: Float32Array.from(column((b) => (b.min <= b.max ? b.max : NaN))), last: Float32Array.from(column((b) => b.last)),
    nan: Uint32Array.from(column((b) => b.nan)), inf: Uint32Array.from(column((b) => b.inf)),
    countTotal: all.reduce((sum, b) => sum + b.n, 0), nanTotal: all.reduce((sum, b) => sum + b.nan, 0),
    infTotal: all.reduce((sum, b) => sum + b.inf, 0),
  }); // prettier-ignore
}

export const METRICS = Object.keys(SHAPES);

export const made = {
  live: false,
  finer: true,
  frame: async (requests: readonly CurveRequest[]): Promise<Frame> => ({
    cursor: null,
    series: requests.flatMap((one) => one.runs!.map((run) => cut(one, Number(run.slice(4))))),
  }),
} as unknown as Source;
