// The curves of one chart, asked for when they are needed: at first, when they changed, more finely when zoomed in.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Curves } from "../data/cache";
import type { Series } from "../data/frame";
import type { CurveRequest } from "../data/source";
import type { Range } from "./curve";

const SETTLED = 120; // milliseconds that a zoom rests before it is asked for
const POINTS = 500;

export type Wanted = Pick<CurveRequest, "metric" | "runs" | "group" | "experiment" | "where" | "x" | "source">;

export interface Fetched {
  series: readonly Series[];
  /** Nothing has come yet. */
  waiting: boolean;
  /** What is shown is not yet as fine, or as new, as what was asked for. */
  stale: boolean;
  error: Error | null;
  again(): void;
}

/**
 * What to ask for a stretch of x. Left of it as much again comes along: with it the smoothed line is warm where the
 * picture begins.
 */
export function requestOf(wanted: Wanted, zoom: Range | null, points = POINTS): CurveRequest {
  if (zoom === null) return { key: wanted.metric, ...wanted, low: null, high: null, points };
  const whole = wanted.x === "step";
  const low = zoom.low - (zoom.high - zoom.low);
  return {
    key: wanted.metric,
    ...wanted,
    low: whole ? Math.floor(low) : low,
    high: whole ? Math.ceil(zoom.high) : zoom.high,
    points: 2 * points,
  };
}

export function useCurves(curves: Curves, wanted: Wanted, zoom: Range | null, near: boolean): Fetched {
  const [found, setFound] = useState<{ series: readonly Series[]; of: string } | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [tries, setTries] = useState(0);
  const request = requestOf(wanted, curves.source.finer ? zoom : null);
  const name = JSON.stringify(request);
  const version = curves.version.value;
  const before = useRef<string | null>(null);

  useEffect(() => {
    if (!near) return;
    const stop = new AbortController();
    const zooming = before.current !== null && before.current !== name && zoom !== null;
    const ask = (): void => {
      curves.get(request, stop.signal).then(
        (series) => {
          if (stop.signal.aborted) return;
          before.current = name;
          setFound({ series, of: name });
          setError(null);
        },
        (reason: Error) => stop.signal.aborted || setError(reason),
      );
    };
    const timer = setTimeout(ask, zooming ? SETTLED : 0);
    before.current ??= name;
    return () => {
      clearTimeout(timer);
      stop.abort(new DOMException("no longer shown", "AbortError"));
    };
  }, [name, near, version, tries]);

  return {
    series: found?.series ?? [],
    waiting: found === null && error === null,
    stale: found !== null && found.of !== name,
    error,
    again: () => setTries(tries + 1),
  };
}
