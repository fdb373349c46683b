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
  trials: Record<string, unknown>[] | null;
}

export function sweepOf(given: Record<string, unknown>): Sweep {
  const text = (...names: string[]): string => {
    const found = names.map((name) => given[name]).find((value) => typeof value === "string" && value);
    return typeof found === "string" ? found : "";
  };
  const trials = given["trials"] ?? given["children"];
  return {
    run_id: text("run_id"), name: text("name") || null, experiment: text("experiment"), status: text("status"),
    started: text("started") || null, metric: text("metric", "primary_metric"),
    goal: /^max/i.test(text("goal", "primary_metric_goal")) ? "maximize" : "minimize",
    sampling: text("sampling"), policy: text("policy"),
    trials: Array.isArray(trials) ? (trials as Record<string, unknown>[]) : null,
  };
}

/** A child run as a trial: its value is said, or the last one of the metric that counts. */
export function trialOf(given: Record<string, unknown>, metric: string): Trial & { name: string | null; duration_s: number | null } {
  const last = (given["last"] ?? given["metrics"] ?? {}) as Record<string, unknown>;
  const value = given["value"] ?? given["best"] ?? last[metric];
  const number = (one: unknown): number | null => (typeof one === "number" ? one : null);
  return {
    run_id: String(given["run_id"]), status: String(given["status"] ?? ""), value: number(value),
    params: (given["params"] ?? given["hyperparameters"] ?? {}) as Record<string, unknown>,
    started: typeof given["started"] === "string" ? given["started"] : null,
    name: typeof given["name"] === "string" ? given["name"] : null, duration_s: number(given["duration_s"]),
  };
}
