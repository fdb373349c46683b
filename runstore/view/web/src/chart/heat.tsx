// A matrix of numbers as colours, with the numbers in the cells where there is room.

import { useState } from "preact/hooks";
import { dark } from "../theme/scheme";
import type { Ink } from "./axes";
import { value } from "./numbers";
import { Picture } from "./picture";
import "./figures.css";

interface Props {
  title: string;
  rows: readonly string[];
  columns: readonly string[];
  /** By row, then column; NaN leaves a cell empty. */
  values: readonly (readonly number[])[];
  rowLabel?: string;
  columnLabel?: string;
  /** From -1 to 1 around a neutral middle, as of correlations, instead of from nothing to the most. */
  around?: boolean;
  onCell?(row: number, column: number): void;
}

const ROOM = 20; // rows or columns up to which cells show their numbers

export function Heat({ title, rows, columns, values, rowLabel = "", columnLabel = "", around = false, onCell }: Props) {
  const [over, setOver] = useState<{ row: number; column: number; left: number; top: number } | null>(null);
  const cells = values.flatMap((line, row) => line.map((cell, column) => [column, row, Number.isNaN(cell) ? "-" : cell] as const));
  const finite = values.flat().filter(Number.isFinite);
  const most = around ? 1 : Math.max(0, ...finite);
  const least = around ? -1 : Math.min(0, ...finite);
  const option = (ink: Ink & { surface: string; strong: string }): object => ({
    grid: { left: 110, right: 16, top: 12, bottom: 64 },
    xAxis: axis(columns, columnLabel, ink, 46),
    yAxis: { ...axis(rows, rowLabel, ink, 92), inverse: true },
    visualMap: { show: false, min: least, max: most || 1, inRange: { color: around ? DIVERGING[dark.value ? 1 : 0] : [ink.surface, ...SHADES[dark.value ? 1 : 0]!] } },
    series: [
      {
        type: "heatmap",
        data: cells,
        itemStyle: { borderColor: ink.grid, borderWidth: 1 },
        emphasis: { itemStyle: { borderColor: ink.strong, borderWidth: 2 } },
        label: {
          show: Math.max(rows.length, columns.length) <= ROOM,
          formatter: ({ value: cell }: { value: [number, number, number] }) => value(cell[2], 3),
          color: ink.strong,
          fontSize: 11,
        },
      },
    ],
  });
  const at = (index: number | undefined): [number, number] | null =>
    index === undefined || !cells[index] ? null : [cells[index]![1], cells[index]![0]];
  return (
    <div class="rs-figure">
      <Picture
        summary={`${title}: ${rows.length} by ${columns.length} values from ${value(least, 3)} to ${value(most, 3)}`}
        option={option}
        of={[rows, columns, values, around]}
        onHover={(target) => {
          const cell = at(target?.dataIndex);
          setOver(cell === null || !target?.event ? null : { row: cell[0], column: cell[1], left: target.event.offsetX, top: target.event.offsetY });
        }}
        onClick={(target) => {
          const cell = at(target.dataIndex);
          if (cell !== null) onCell?.(...cell);
        }}
      />
      {over !== null && (
        <div class="rs-readout rs-tip" style={{ left: `${over.left + 14}px`, top: `${over.top + 8}px` }} aria-hidden="true">
          {rowLabel} {rows[over.row]}
          <br />
          {columnLabel} {columns[over.column]}
          <br />
          <strong>{value(values[over.row]![over.column]!)}</strong>
        </div>
      )}
    </div>
  );
}

// Light enough, or dark enough, that the numbers in the cells can be read on every shade.
const SHADES = [["#cfe0fb", "#8fb8f5"], ["#21406d", "#2f5fa8"]] as const; // prettier-ignore
const DIVERGING = [["#f2a99b", "#ffffff", "#8fb8f5"], ["#8a3b33", "#20252d", "#2f5fa8"]] as const; // prettier-ignore

function axis(names: readonly string[], label: string, ink: Ink, gap: number): object {
  return {
    type: "category",
    data: names.map((name) => (name.length > 18 ? `${name.slice(0, 17)}…` : name)),
    name: label,
    nameLocation: "middle",
    nameGap: gap,
    nameTextStyle: { color: ink.text, fontSize: 12 },
    axisLabel: { color: ink.text, fontSize: 11, rotate: 0, hideOverlap: true },
    axisLine: { show: false },
    axisTick: { show: false },
    splitArea: { show: false },
  };
}
