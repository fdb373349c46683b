/** The trials of a sweep: which is best, in what order, and how the best came to be. */

export interface Trial {
  run_id: string;
  status: string;
  params: Record<string, unknown>;
  value: number | null;
  started: string | null;
}

export type Goal = "minimize" | "maximize";

/** The best first, those without a value last. */
export function ranked<T extends Trial>(trials: readonly T[], goal: Goal): T[] {
  const sign = goal === "minimize" ? 1 : -1;
  return [...trials].sort((a, b) => {
    if (!known(a)) return known(b) ? 1 : 0;
    return known(b) ? sign * (a.value! - b.value!) : -1;
  });
}

function known(trial: Trial): boolean {
  return trial.value !== null && Number.isFinite(trial.value);
}

export function best<T extends Trial>(trials: readonly T[], goal: Goal): T | null {
  const first = ranked(trials, goal)[0];
  return first && known(first) ? first : null;
}

/** The best value so far, after each trial in the order in which they began. */
export function progress(trials: readonly Trial[], goal: Goal): { value: number | null; best: number | null }[] {
  let top: number | null = null;
  return [...trials].sort((a, b) => (a.started ?? "~").localeCompare(b.started ?? "~")).map((trial) => {
    if (known(trial)) {
      const value = trial.value!;
      if (top === null || (goal === "minimize" ? value < top : value > top)) top = value;
    }
    return { value: trial.value, best: top };
  });
}

/** The names of all params of the trials that more than one value was tried of, then the others. */
export function params(trials: readonly Trial[]): { varied: string[]; fixed: string[] } {
  const names = [...new Set(trials.flatMap((trial) => Object.keys(trial.params)))].sort();
  const values = (name: string): number => new Set(trials.map((trial) => JSON.stringify(trial.params[name]))).size;
  return { varied: names.filter((name) => values(name) > 1), fixed: names.filter((name) => values(name) <= 1) };
}

/** How strongly a param of numbers and the value go together: Spearman's rank correlation, null where too few. */
export function correlation(trials: readonly Trial[], name: string): number | null {
  const pairs = trials
    .filter((trial) => known(trial) && typeof trial.params[name] === "number")
    .map((trial) => [trial.params[name] as number, trial.value!] as const);
  if (pairs.length < 4) return null;
  const [a, b] = [ranks(pairs.map((pair) => pair[0])), ranks(pairs.map((pair) => pair[1]))];
  const middle = (pairs.length - 1) / 2;
  const product = (x: number[], y: number[]): number => x.reduce((all, one, n) => all + (one - middle) * (y[n]! - middle), 0);
  const spread = Math.sqrt(product(a, a) * product(b, b));
  return spread > 0 ? product(a, b) / spread : null;
}

/** The rank of each value from 0; equal ones share the mean of theirs. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((_, place) => place).sort((a, b) => values[a]! - values[b]!);
  const found: number[] = new Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end + 1 < order.length && values[order[end + 1]!] === values[order[start]!]) end += 1;
    for (let place = start; place <= end; place += 1) found[order[place]!] = (start + end) / 2;
    start = end + 1;
  }
  return found;
}
