// Any columns of the runs against each other: parallel coordinates, scatter, and what goes with an outcome.

import type { Signal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Source } from "../data/source";
import { columnOf, type Cell, type Column, type Row } from "./columns";
import { Importance } from "./importance";
import { Parallel } from "./parallel";
import { Scatter } from "./scatter";
import { chosenColumns, type Told } from "./usual";
import "./figures.css";

export type Way = "parallel" | "scatter" | "correlation";

/** What is shown; the page may keep it in its address. Empty texts and lists are as is usual. */
export interface Explored {
  way: Way;
  columns: string[];
  x: string;
  y: string;
}

export const usual: Explored = { way: "parallel", columns: [], x: "", y: "" };

interface Props {
  source: Source;
  /** Every column there is, as `columns` of the API tells it. */
  columns: readonly Told[];
  experiment: string;
  where: string;
  /** Grows when runs came or ended. */
  version: number;
  hovered: Signal<string | null>;
  state: Explored;
  placeOf(id: string, number: number | null): number;
  onState(state: Explored): void;
  /** The runs within the brushes; null when nothing is brushed. */
  onChosen?(ids: string[] | null): void;
  onOpen?(id: string): void;
}

const MOST = 1000;

export function Explore(props: Props) {
  const { columns, state, onState, hovered, onChosen, onOpen } = props;
  const names = useMemo(() => chosenColumns(columns, state), [columns, state]);
  const answer = useRows(props, names.all);
  const axes = useMemo(() => axesOf(names.all, columns, answer.rows), [answer.rows, names.all.join("\n")]);
  const drawn = axes.filter(([name]) => names.shown.includes(name));
  return (
    <section class="rs-explore" aria-label="Columns against each other">
      <Choices {...props} x={names.x} y={names.y} />
      {answer.error && <p class="rs-failed">{answer.error.message}</p>}
      {answer.total > answer.rows.length && answer.rows.length > 0 && (
        <p class="rs-note">the first {answer.rows.length} of {answer.total} runs</p>
      )}
      <div class="rs-explored">
        {state.way === "parallel" && (drawn.length > 1 ? <Lines rows={answer.rows} all={names.all} axes={drawn} {...{ hovered, onChosen, onOpen }} /> : <Few />)}
        {state.way === "scatter" && <Dots rows={answer.rows} all={names.all} axes={axes} x={names.x} y={names.y} {...{ hovered, onOpen }} />}
        {state.way === "correlation" && (
          <Importance
            outcome={labelOf(columns, names.y)}
            cells={cellsOf(answer.rows, names.all.indexOf(names.y))}
            columns={names.all.flatMap((name, at) => (name === names.y ? [] : [{ name, label: labelOf(columns, name), cells: cellsOf(answer.rows, at) }]))}
            onChoose={(name) => onState({ ...state, way: "scatter", x: name, y: names.y })}
          />
        )}
      </div>
    </section>
  );
}

type Axes = readonly (readonly [string, Column])[];

interface DrawnProps {
  rows: readonly Row[];
  all: readonly string[];
  axes: Axes;
  hovered: Signal<string | null>;
  onChosen?: ((ids: string[] | null) => void) | undefined;
  onOpen?: ((id: string) => void) | undefined;
}

function Lines({ rows, all, axes, hovered, onChosen, onOpen }: DrawnProps) {
  const key = axes.map(([name]) => name).join("\n");
  const [columns, placed] = useMemo(() => {
    const places = axes.map(([name]) => all.indexOf(name));
    return [axes.map(([, column]) => column), rows.map((row) => ({ ...row, cells: places.map((at) => row.cells[at]) }))] as const;
  }, [rows, key]);
  return <Parallel rows={placed} columns={columns} by={columns.length - 1} hovered={hovered} {...given({ onChosen, onOpen })} />;
}

function Dots({ rows, all, axes, x, y, hovered, onOpen }: DrawnProps & { x: string; y: string }) {
  const pairs = useMemo(() => rows.map((row) => ({ ...row, cells: [row.cells[all.indexOf(x)], row.cells[all.indexOf(y)]] })), [rows, x, y]);
  const [over, up] = [x, y].map((name) => axes.find(([one]) => one === name)?.[1]);
  return over && up ? <Scatter rows={pairs} x={over} y={up} hovered={hovered} {...given({ onOpen })} /> : <Few />;
}

function Few() {
  return <p class="rs-chart-state">Too few columns in which these runs differ</p>;
}

function Choices({ columns, state, onState, x, y }: Pick<Props, "columns" | "state" | "onState"> & { x: string; y: string }) {
  const ways: [Way, string][] = [["parallel", "Parallel"], ["scatter", "Scatter"], ["correlation", "Correlation"]]; // prettier-ignore
  const pick = (label: string, value: string, change: (name: string) => Explored) => (
    <label>
      {label}{" "}
      <select value={value} onChange={(event) => onState(change(event.currentTarget.value))}>
        {columns.map((column) => (
          <option key={column.name} value={column.name}>
            {column.label}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <div class="rs-choices">
      <div role="group" aria-label="Figure">
        {ways.map(([way, label]) => (
          <button key={way} type="button" aria-pressed={state.way === way} onClick={() => onState({ ...state, way })}>
            {label}
          </button>
        ))}
      </div>
      {state.way === "scatter" && pick("x", x, (name) => ({ ...state, x: name }))}
      {pick(state.way === "scatter" ? "y" : "outcome", y, (name) => ({ ...state, y: name }))}
    </div>
  );
}

interface Answer {
  rows: readonly Row[];
  total: number;
  error: Error | null;
}

function useRows({ source, where, experiment, version, placeOf }: Props, names: readonly string[]): Answer {
  const [answer, setAnswer] = useState<Answer>({ rows: [], total: 0, error: null });
  const asked = ["run_id", "name", "number", ...names];
  useEffect(() => {
    if (!names.length) return;
    const stop = new AbortController();
    const query = { where: where || null, experiment: experiment || null, columns: asked, limit: MOST };
    source.json<{ total: number; columns: { name: string }[]; rows: Cell[][] }>("runs", query, stop.signal).then(
      (told) => setAnswer({ rows: told.rows.map((row) => rowOf(told.columns.map((one) => one.name), row, names, placeOf)), total: told.total, error: null }),
      (error: Error) => stop.signal.aborted || setAnswer((old) => ({ ...old, error })),
    );
    return () => stop.abort();
  }, [asked.join("\n"), where, experiment, version]);
  return answer;
}

function rowOf(told: readonly string[], row: readonly Cell[], names: readonly string[], placeOf: Props["placeOf"]): Row {
  const cell = (name: string): Cell => row[told.indexOf(name)];
  const id = String(cell("run_id"));
  const number = cell("number");
  return { id, label: String(cell("name") ?? id.slice(0, 8)), place: placeOf(id, typeof number === "number" ? number : null), cells: names.map(cell) };
}

function axesOf(names: readonly string[], columns: readonly Told[], rows: readonly Row[]): Axes {
  return names.flatMap((name, at) => {
    const column = columnOf(name, labelOf(columns, name), cellsOf(rows, at));
    return column === null ? [] : [[name, column] as const];
  });
}

function cellsOf(rows: readonly Row[], at: number): Cell[] {
  return at < 0 ? [] : rows.map((row) => row.cells[at]);
}

function labelOf(columns: readonly Told[], name: string): string {
  return columns.find((column) => column.name === name)?.label ?? name;
}

/** What was given, without what was not: an optional prop may be absent, not undefined. */
function given<T extends object>(props: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)) as never;
}
