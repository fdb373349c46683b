// The chart as a table: the same curves for those who cannot see them, or want the numbers.

import type { Series } from "../data/frame";
import { firstFrom, nearest, type Curve, type Range } from "./curve";
import { place, value, whole } from "./numbers";
import { Swatch } from "./readout";

const PLACES = 12;
const HEADS = ["curve", "points", "first", "last", "lowest", "highest", "not finite", "at the end"];

/** Of every curve its ends and extremes; in more detail the values at a few places of x. */
export function Twin({ title, kind, curves, range }: { title: string; kind: string; curves: readonly Curve[]; range: Range }) {
  return (
    <div class="rs-twin" tabIndex={0} role="region" aria-label={`${title} as a table`}>
      <table>
        <caption class="rs-unseen">{title}: every curve's points, ends and extremes</caption>
        <thead>
          <tr>
            {HEADS.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{curves.map((curve) => row(curve, kind, range))}</tbody>
      </table>
      {curves.length > 0 && <Places kind={kind} curves={curves} range={range} />}
    </div>
  );
}

function row({ id, label, look, series }: Curve, kind: string, range: Range) {
  const [from, to] = within(series, range);
  const { count, mean, min, max, last, x, nan, inf } = series;
  const sum = (column: ArrayLike<number>): number => Array.from(column).slice(from, to).reduce((total, one) => total + one, 0);
  const finite = (column: ArrayLike<number>): number[] => Array.from(column).slice(from, to).filter(Number.isFinite);
  const [lowest, highest] = [finite(min), finite(max)];
  const odd = sum(nan) + sum(inf);
  return (
    <tr key={id}>
      <th scope="row">
        <Swatch colour={look.colour} dash={look.dash} /> {label}
      </th>
      <td>{whole(sum(count))}</td>
      <td>{from < to ? (count[from]! > 1 ? "≈ " : "") + value(mean[from]!) : ""}</td>
      <td>{from < to ? value(last[to - 1]!) : ""}</td>
      <td>{lowest.length ? value(Math.min(...lowest)) : ""}</td>
      <td>{highest.length ? value(Math.max(...highest)) : ""}</td>
      <td>{odd ? whole(odd) : ""}</td>
      <td>{from < to ? place(x[to - 1]!, kind) : ""}</td>
    </tr>
  );
}

/** The buckets in the range: [from, to). */
function within({ x, n }: Series, range: Range): [number, number] {
  const after = firstFrom(x, n, range.high);
  return [firstFrom(x, n, range.low), x[after] === range.high ? after + 1 : after];
}

/** The line of every curve at some places of the one with most of them. */
function Places({ kind, curves, range }: { kind: string; curves: readonly Curve[]; range: Range }) {
  const most = (one: Curve): number => within(one.series, range)[1] - within(one.series, range)[0];
  const longest = curves.reduce((a, b) => (most(b) > most(a) ? b : a)).series;
  const [from, to] = within(longest, range);
  const count = Math.min(PLACES, to - from);
  const places = Array.from({ length: count }, (_, at) => longest.x[from + Math.round((at * (to - from - 1)) / Math.max(1, count - 1))]!);
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{kind === "step" ? "step" : kind}</th>
          {curves.map((curve) => (
            <th key={curve.id} scope="col">
              {curve.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {places.map((x) => (
          <tr key={x}>
            <th scope="row">{place(x, kind)}</th>
            {curves.map((curve) => (
              <td key={curve.id}>{at(curve, x)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function at({ series, line }: Curve, x: number): string {
  const bucket = nearest(series, x);
  return bucket < 0 ? "" : value(line[bucket]!);
}
