// The chart as a table: the same curves for those who cannot see them, or want the numbers.

import type { Curve } from "./curve";
import { place, value, whole } from "./numbers";
import { Swatch } from "./readout";

const PLACES = 12;

/** Of every curve its ends and extremes; in more detail the values at a few places of x. */
export function Twin({ title, kind, curves }: { title: string; kind: string; curves: readonly Curve[] }) {
  return (
    <div class="rs-twin" tabIndex={0} role="region" aria-label={`${title} as a table`}>
      <table>
        <caption class="rs-unseen">{title}: every curve's points, ends and extremes</caption>
        <thead>
          <tr>
            {["curve", "points", "first", "last", "lowest", "highest", "at the end"].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{curves.map((curve) => row(curve, kind))}</tbody>
      </table>
      {curves.length > 0 && <Places kind={kind} curves={curves} />}
    </div>
  );
}

function row({ id, label, look, series }: Curve, kind: string) {
  const { n, countTotal, mean, min, max, last, x } = series;
  const finite = (column: ArrayLike<number>): number[] => Array.from(column).filter(Number.isFinite);
  const least = Math.min(...finite(min));
  const most = Math.max(...finite(max));
  return (
    <tr key={id}>
      <th scope="row">
        <Swatch colour={look.colour} dash={look.dash} /> {label}
      </th>
      <td>{whole(countTotal)}</td>
      <td>{n ? value(mean[0]!) : ""}</td>
      <td>{n ? value(last[n - 1]!) : ""}</td>
      <td>{value(least)}</td>
      <td>{value(most)}</td>
      <td>{n ? place(x[n - 1]!, kind) : ""}</td>
    </tr>
  );
}

function Places({ kind, curves }: { kind: string; curves: readonly Curve[] }) {
  const longest = curves.reduce((a, b) => (b.series.n > a.series.n ? b : a)).series;
  const count = Math.min(PLACES, longest.n);
  const places = Array.from({ length: count }, (_, at) => longest.x[Math.round((at * (longest.n - 1)) / Math.max(1, count - 1))]!);
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
  const { n } = series;
  let best = -1;
  for (let place = 0; place < n && series.x[place]! <= x; place++) best = place;
  return best < 0 ? "" : value(line[best]!);
}
