// How charts are drawn: of all of them, and of one that shall differ.

import { Popover } from "../../parts/popover";
import { useApp } from "../../state/app";
import { lookOf, withLook, type ChartLook } from "../../state/view";
import { sliderOf, weightOf } from "../../chart/smoothing";

const KINDS = [
  ["step", "step"],
  ["relative", "since start"],
  ["time", "time"],
] as const;
const MOST = 60;
const AXES = /epoch|token|sample|iter|seen|flops|hours/i; // what is likely to be an x axis

/** For all charts: smoothing and x axis at hand, scales in a menu. */
export function Looks({ names }: { names: readonly string[] }) {
  const app = useApp();
  const { look, looks } = app.view.value;
  const change = (next: ChartLook) => app.change({ look: { ...look, ...next } }, true);
  const own = Object.values(looks).filter(differing).length;
  return (
    <>
      <Smoothing value={look.smoothing ?? 0} onChange={(smoothing) => change({ smoothing })} />
      <label class="rs-x">
        <span>x</span>
        <Axis value={look.x ?? "step"} names={names} onChange={(x) => change({ x })} />
      </label>
      <Popover icon="look" label="Scales of all charts" text={null}>
        {() => (
          <div class="rs-form">
            <Scales look={{ logX: false, logY: false, ...look }} onChange={change} />
            <button type="button" class="rs-button" disabled={!own} onClick={() => app.change({ looks: {} })}>
              All charts alike ({own} differ)
            </button>
          </div>
        )}
      </Popover>
    </>
  );
}

/** For one chart; what it does not say is as for all. */
export function LookOf({ name, names }: { name: string; names: readonly string[] }) {
  const app = useApp();
  const view = app.view.value;
  const own = view.looks[name] ?? {};
  const look = lookOf(view, name);
  const change = (next: ChartLook) => app.change(withLook(view, name, next), true);
  return (
    <Popover icon="look" label={`How ${name} is drawn`} text={null} count={differing(own)}>
      {() => (
        <div class="rs-form">
          <Smoothing value={look.smoothing} onChange={(smoothing) => change({ smoothing })} />
          <label class="rs-x">
            <span>x</span>
            <Axis value={look.x} names={names} onChange={(x) => change({ x })} />
          </label>
          <Scales look={look} onChange={change} />
          <button
            type="button"
            class="rs-button"
            disabled={!differing(own)}
            onClick={() => app.change({ looks: { ...view.looks, [name]: {} } })}
          >
            As all charts
          </button>
        </div>
      )}
    </Popover>
  );
}

/** In how much a chart is drawn otherwise than all; where it is zoomed to is no matter of looks. */
function differing({ y: _, everything: __, table: ___, ...look }: ChartLook): number {
  return Object.keys(look).length;
}

/** Nothing happens near 0 and everything near 1, so the slider is even in how many points are averaged over. */
function Smoothing({ value, onChange }: { value: number; onChange(value: number): void }) {
  const place = Math.round(sliderOf(value) * 100);
  const told = value.toFixed(Math.max(2, Math.ceil(-Math.log10(1 - value))));
  return (
    <label class="rs-smoothing" title="Weight of what came before: 0 draws the points as they are">
      <span>Smoothing</span>
      <input
        type="range"
        min="0"
        max="100"
        value={place}
        aria-valuetext={told}
        onInput={(event) => onChange(Number(weightOf(Number(event.currentTarget.value) / 100).toFixed(6)))}
      />
      <output>{told}</output>
    </label>
  );
}

function Axis({ value, names: all, onChange }: { value: string; names: readonly string[]; onChange(value: string): void }) {
  const names = useApp().source.axes ? [] : all; // a report has no curves along another metric
  const kinds = KINDS.map(([kind]) => kind as string);
  const likely = [...names].sort((one, other) => Number(AXES.test(other)) - Number(AXES.test(one)));
  const others = [...new Set([...(kinds.includes(value) ? [] : [value]), ...likely.slice(0, MOST)])];
  return (
    <select aria-label="What x is" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      {KINDS.map(([kind, label]) => (
        <option key={kind} value={kind}>
          {label}
        </option>
      ))}
      {others.length > 0 && (
        <optgroup label="another metric">
          {others.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </optgroup>
      )}
    </select>
  );
}

function Scales({ look, onChange }: { look: { logX: boolean; logY: boolean }; onChange(look: ChartLook): void }) {
  return (
    <>
      <label class="rs-facet">
        <input type="checkbox" checked={look.logY} onChange={() => onChange({ logY: !look.logY })} /> logarithmic y
      </label>
      <label class="rs-facet">
        <input type="checkbox" checked={look.logX} onChange={() => onChange({ logX: !look.logX })} /> logarithmic x
      </label>
    </>
  );
}
