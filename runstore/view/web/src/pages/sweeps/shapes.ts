/** Sweeps and trials as they come, brought into one form. */

import type { Goal, Trial } from "./trials";

export interface Sweep {
  run_id: string;
  name: string | null;
  experiment: string;
  status: string;
  started: string | null;
  metric: string;
  goal: Goal;
  sampling: string;
  policy: string;
  /** How many trials have which status. */
  counts: Record<string, number>;
}

export function sweepOf(given: Record<string, unknown>): Sweep {
  const text = (...names: string[]): string => {
    const found = names.map((name) => given[name]).find((value) => typeof value === "string" && value);
    return typeof found === "string" ? found : "";
  };
  const policy = given["policy"];
  const named = typeof policy === "object" && policy !== null ? (policy as Record<string, unknown>)["name"] : policy;
  return {
    run_id: text("run_id"), name: text("name") || null, experiment: text("experiment"), status: text("status"),
    started: text("started") || null, metric: text("metric", "primary_metric"),
    goal: /^max/i.test(text("goal", "primary_metric_goal")) ? "maximize" : "minimize",
    sampling: text("sampling").toLowerCase(), policy: typeof named === "string" && !/^(?:default|no)/i.test(named) ? named.toLowerCase() : "",
    counts: (given["children"] ?? {}) as Record<string, number>,
  };
}

export interface Tried extends Trial {
  name: string | null;
  duration_s: number | null;
  stopped_by: string | null;
}

/** A child run as a trial; its value is the best that it logged. */
export function trialOf(given: Record<string, unknown>): Tried {
  const text = (name: string): string | null => (typeof given[name] === "string" ? (given[name] as string) : null);
  const [started, ended] = [text("started"), text("ended")];
  return {
    run_id: String(given["run_id"]), status: text("status") ?? "", name: text("name"), stopped_by: text("stopped_by"),
    value: typeof given["metric"] === "number" ? given["metric"] : null,
    params: (given["values"] ?? {}) as Record<string, unknown>, started,
    duration_s: started && ended ? (Date.parse(ended) - Date.parse(started)) / 1000 : null,
  };
}
