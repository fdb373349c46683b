// Two columns of the runs against each other: one dot a run.

import type { Signal } from "@preact/signals";
import { useMemo, useState } from "preact/hooks";
import { dark } from "../theme/scheme";
import { lookOf } from "../theme/palettes";
import type { Ink } from "./axes";
import { placed, type Column, type Row } from "./columns";
import { magnitude, value } from "./numbers";
import { Picture } from "./picture";
import "./figures.css";

interface Props {
  /** Each row's first two cells are x and y. */
  rows: readonly Row[];
  x: Column;
  y: Column;
  hovered: Signal<string | null>;
  onOpen?(id: string): void;
}

export function Scatter({ rows, x, y, hovered, onOpen }: Props) {
  const dots = useMemo(
    () =>
      rows.flatMap((row) => {
        const at = [placed(x, row.cells[0]), placed(y, row.cells[1])] as const;
        return at[0] === null || at[1] === null ? [] : [{ row, at }];
      }),
    [rows, x, y],
  );
  const [over, setOver] = useState<{ at: number; left: number; top: number } | null>(null);
  const option = (ink: Ink & { surface: string; strong: string }): object => ({
    grid: { left: 64, right: 24, top: 16, bottom: 48 },
    xAxis: { ...axis(x, ink), nameLocation: "middle", nameGap: 30 },
    yAxis: { ...axis(y, ink), nameLocation: "middle", nameGap: 48 },
    series: [
      {
        type: "scatter",
        symbolSize: dots.length > 400 ? 6 : 9,
        data: dots.map(({ row, at }) => {
          const stands = hovered.value === row.id;
          const colour = lookOf(row.place, dark.value).colour;
          return {
            value: at,
            symbolSize: stands ? 14 : undefined,
            itemStyle: { color: colour, opacity: hovered.value !== null && !stands ? 0.3 : 0.85, borderColor: ink.surface, borderWidth: 1 },
          };
        }),
      },
    ],
  });
  const absent = rows.length - dots.length;
  const told = over === null ? undefined : dots[over.at];
  return (
    <div class="rs-figure">
      <Picture
        summary={`${y.label} against ${x.label} of ${dots.length} runs. The table of runs has the same values.`}
        option={option}
        of={[dots, x, y]}
        looks={[hovered.value]}
        onHover={(target) => {
          const at = target?.dataIndex;
          hovered.value = at === undefined ? null : (dots[at]?.row.id ?? null);
          setOver(at === undefined || !target?.event ? null : { at, left: target.event.offsetX, top: target.event.offsetY });
        }}
        onClick={(target) => target.dataIndex !== undefined && dots[target.dataIndex] && onOpen?.(dots[target.dataIndex]!.row.id)}
      />
      {over !== null && told && (
        <div class="rs-readout rs-tip" style={{ left: `${over.left + 14}px`, top: `${over.top + 8}px` }} aria-hidden="true">
          <strong>{told.row.label}</strong>
          <br />
          {x.label} {said(told.row.cells[0])}
          <br />
          {y.label} {said(told.row.cells[1])}
        </div>
      )}
      {absent > 0 && <p class="rs-note">{absent} without both values</p>}
    </div>
  );
}

function said(cell: Row["cells"][number]): string {
  return typeof cell === "number" ? value(cell) : String(cell ?? "");
}

function axis(column: Column, ink: Ink): object {
  return {
    name: column.label,
    type: column.scale === "number" ? "value" : column.scale,
    ...(column.scale === "category" ? { data: column.categories } : { scale: true }),
    nameTextStyle: { color: ink.text, fontSize: 12 },
    axisLabel: { color: ink.text, fontSize: 11, ...(column.scale === "category" ? {} : { formatter: column.scale === "log" ? magnitude : (at: number) => value(at, 3) }) },
    axisLine: { show: true, lineStyle: { color: ink.line } },
    splitLine: { lineStyle: { color: ink.grid } },
  };
}
