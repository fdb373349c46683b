// Which columns of the runs are looked at first: what was tried, and what came out.

/** A column as the API tells it. */
export interface Told {
  name: string;
  label: string;
  type: string;
  of: string;
  differs?: boolean;
}

export interface Chosen {
  /** The columns that are shown side by side, the outcome last. */
  shown: string[];
  x: string;
  y: string;
  /** All that have to be asked for. */
  all: string[];
}

const SIDE_BY_SIDE = 7;
const ASKED = 24;
const OUTCOMES = [/val.*(loss|error)|eval.*(loss|error)/i, /val|eval|test/i, /loss|error|acc|score|auc/i];

/** What is shown where `state` names it, else what is usual: params that differ, and an outcome that says most. */
export function chosenColumns(columns: readonly Told[], state: { columns: readonly string[]; x: string; y: string }): Chosen {
  const known = (name: string): boolean => columns.some((column) => column.name === name);
  const tried = columns.filter((column) => column.of === "param" && column.differs !== false).map((column) => column.name);
  const y = known(state.y) ? state.y : outcome(columns);
  const named = state.columns.filter(known);
  const inputs = (named.length ? named : tried.slice(0, SIDE_BY_SIDE - 1)).filter((name) => name !== y);
  const x = known(state.x) ? state.x : (inputs[0] ?? tried[0] ?? y);
  const shown = y ? [...inputs, y] : inputs;
  return { shown, x, y, all: [...new Set([...shown, ...[x, y].filter(Boolean), ...tried])].slice(0, ASKED) };
}

function outcome(columns: readonly Told[]): string {
  const metrics = columns.filter((column) => column.of === "metric" && column.type === "number");
  for (const likely of OUTCOMES) {
    const found = metrics.find((column) => likely.test(column.label));
    if (found) return found.name;
  }
  return metrics[0]?.name ?? "";
}
