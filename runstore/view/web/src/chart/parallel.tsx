// Parallel coordinates: one line for each run through what it was given and what came out. A brush on an axis chooses.

import type { Signal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { dark } from "../theme/scheme";
import { lookOf } from "../theme/palettes";
import type { Ink } from "./axes";
import { placed, ramp, shareOf, type Column, type Row } from "./columns";
import { magnitude, value } from "./numbers";
import { Picture } from "./picture";
import "./figures.css";

interface Props {
  rows: readonly Row[];
  columns: readonly Column[];
  /** The column that lines are coloured by; null gives each run its own colour. */
  by: number | null;
  hovered: Signal<string | null>;
  /** Called with the runs within all brushes; null when no axis is brushed. */
  onChosen?(ids: string[] | null): void;
  onOpen?(id: string): void;
}

export function Parallel(props: Props) {
  const { rows, columns, by, hovered, onOpen } = props;
  const latest = useRef(props);
  latest.current = props;
  const cells = useMemo(() => rows.map((row) => columns.map((column, at) => placed(column, row.cells[at]) ?? "-")), [rows, columns]);
  const option = (ink: Ink & { surface: string; strong: string }): object => ({
    parallel: { left: 56, right: 72, top: 36, bottom: 24 },
    parallelAxis: columns.map((column, dim) => axis(column, dim, ink)),
    series: [
      {
        type: "parallel",
        progressive: 500,
        inactiveOpacity: 0.04,
        lineStyle: { width: 1.5, opacity: rows.length > 100 ? 0.35 : 0.7 },
        data: rows.map((row, at) => ({ value: cells[at], lineStyle: style(row) })),
      },
    ],
  });
  const style = (row: Row): object => {
    const stands = hovered.value === row.id;
    const share = by === null ? null : shareOf(columns[by]!, rows.map((one) => one.cells[by]), row.cells[by]); // prettier-ignore
    const own = lookOf(row.place, dark.value);
    const colour = by === null ? own.colour : share === null ? "rgb(128 128 128)" : ramp(share, dark.value);
    const faint = hovered.value !== null && !stands;
    return { color: colour, width: stands ? 3 : 1.5, ...(stands ? { opacity: 1 } : faint ? { opacity: 0.15 } : {}) };
  };
  return (
    <Picture
      summary={`Parallel coordinates of ${rows.length} runs over ${columns.map((one) => one.label).join(", ")}. The table of runs has the same values.`}
      option={option}
      of={[rows, columns, by]}
      looks={[hovered.value]}
      onHover={(target) => (hovered.value = target?.dataIndex === undefined ? null : (rows[target.dataIndex]?.id ?? null))}
      onClick={(target) => target.dataIndex !== undefined && rows[target.dataIndex] && onOpen?.(rows[target.dataIndex]!.id)}
      onReady={(chart) =>
        chart.on("axisareaselected", () => {
          const model = (chart as unknown as { getModel(): Model }).getModel();
          const within = model.getSeriesByIndex(0).getRawIndicesByActiveState("active");
          const now = latest.current;
          now.onChosen?.(brushed(model, now.columns.length) ? within.map((at) => now.rows[at]!.id) : null);
        })
      }
    />
  );
}

interface Model {
  getSeriesByIndex(at: number): { getRawIndicesByActiveState(state: string): number[] };
  getComponent(kind: string, at: number): { activeIntervals?: unknown[] } | undefined;
}

function brushed(model: Model, axes: number): boolean {
  for (let at = 0; at < axes; at++) if (model.getComponent("parallelAxis", at)?.activeIntervals?.length) return true;
  return false;
}

function axis(column: Column, dim: number, ink: Ink & { surface: string; strong: string }): object {
  const told = column.scale === "log" ? magnitude : (at: number): string => value(at, 3);
  return {
    dim,
    name: short(column.label, 22),
    type: column.scale === "number" ? "value" : column.scale,
    ...(column.scale === "category" ? { data: column.categories.map((one) => short(one, 16)) } : { scale: true }),
    nameTextStyle: { color: ink.strong, fontSize: 12, fontWeight: 600 },
    axisLabel: { color: ink.strong, fontSize: 11, textBorderColor: ink.surface, textBorderWidth: 3, ...(column.scale === "category" ? {} : { formatter: told }) },
    axisLine: { lineStyle: { color: ink.text } },
    axisTick: { lineStyle: { color: ink.text } },
    areaSelectStyle: { width: 18, borderWidth: 1, borderColor: ink.text, color: ink.text, opacity: 0.2 },
  };
}

function short(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
