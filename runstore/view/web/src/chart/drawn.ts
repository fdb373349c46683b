// The curves as they are drawn: smoothed, named and coloured, in the order in which they were asked for.

import { useMemo } from "preact/hooks";
import { owner, type Series } from "../data/frame";
import { lookOf } from "../theme/palettes";
import { dark } from "../theme/scheme";
import type { Curve } from "./curve";
import { smooth } from "./smoothing";

/** What the page knows of a run or a group. */
export interface Shown {
  label: string;
  /** Its place in the palette. */
  place: number;
  hidden?: boolean;
  /** One of those that a group's line is made of: drawn thin, without a band. */
  thin?: boolean;
}

/** Made anew only when the series, the smoothing, the names or the theme changed. */
export function useDrawn(series: readonly Series[], smoothing: number, known: (id: string) => Shown | null, order: readonly string[] | null): Curve[] {
  const lines = useMemo(() => series.map((one) => smooth(one, smoothing)), [series, smoothing]);
  const looks = series.map((one) => known(owner(one)));
  const said = JSON.stringify([looks, order]);
  return useMemo(() => {
    const found: Curve[] = [];
    series.forEach((one, at) => {
      const shown = looks[at];
      if (!shown || shown.hidden || !one.n) return;
      found.push({ id: owner(one), label: shown.label, look: lookOf(shown.place, dark.value), series: one, line: lines[at]!, thin: shown.thin });
    });
    const places = new Map((order ?? []).map((id, at) => [id, at]));
    return found.sort((one, other) => (places.get(one.id) ?? 0) - (places.get(other.id) ?? 0));
  }, [series, lines, said, dark.value]);
}
