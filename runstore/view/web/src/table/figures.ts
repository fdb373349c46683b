// What a column is among the runs of a group: as the table says it, and for the order of the groups.

import type { SortKey } from "../state/view";
import { figure, shown } from "./cells";
import type { Column } from "./columns";

/** What the source tells of a column among some runs: of its finite numbers, and the one value that all runs have. */
export interface Figures {
  n: number;
  mean: number | null;
  std: number | null;
  min: number | null;
  max: number | null;
  same: unknown;
}

/** Which figure stands in the table for a group. */
export const FIGURES = ["mean", "min", "max"] as const;
export type Figure = (typeof FIGURES)[number];
const SAID: Record<Figure, string> = { mean: "mean ± standard deviation", min: "least", max: "greatest" };

/** A figure's name, the mean where it is none. */
export function figureOf(name: string): Figure {
  return FIGURES.find((one) => one === name) ?? "mean";
}

/** What a figure is called where one chooses. */
export function saidOf(name: Figure): string {
  return SAID[name];
}

/** What a group's cell says, and what is said when one points at it. */
export function cellOf(told: Figures | undefined, column: Column, which: Figure): { text: string; spread: string; title: string } {
  const none = { text: "", spread: "", title: "" };
  if (!told) return none;
  if (told.same !== null && told.same !== undefined) {
    const text = shown(told.same, column.type);
    return { text, spread: "", title: `${text} in all` };
  }
  const value = told[which];
  if (value === null || !told.n || !/^(number|duration)$/.test(column.type)) return none;
  const say = (number: number) => shown(number, column.type);
  const spread = which === "mean" && told.std ? `±${brief(told.std, column)}` : "";
  const title = [
    `mean ${say(told.mean ?? NaN)}`,
    told.std === null ? "" : `standard deviation ${say(told.std)}`,
    `least ${say(told.min ?? NaN)}`,
    `greatest ${say(told.max ?? NaN)}`,
    `of ${told.n.toLocaleString("en")}`,
  ];
  return { text: spread ? brief(value, column, 4) : say(value), spread, title: title.filter(Boolean).join(", ") };
}

function brief(value: number, column: Column, digits = 2): string {
  return column.type === "duration" ? shown(value, "duration") : figure(Number(value.toPrecision(digits)));
}

interface Summed {
  figures: Record<string, Figures>;
}

/** The groups in the order of the columns that runs are sorted by; as they are where none of these has figures. */
export function inOrder<T extends Summed>(groups: readonly T[], sort: readonly SortKey[], which: Figure): T[] {
  const place = ({ figures }: T, column: string) => figures[column]?.[which] ?? null;
  return [...groups].sort((left, right) => {
    for (const { column, descending } of sort) {
      const [a, b] = [place(left, column), place(right, column)];
      if (a === b) continue;
      if (a === null || b === null) return a === null ? 1 : -1; // what has no figure comes last either way
      return descending ? b - a : a - b;
    }
    return 0;
  });
}
