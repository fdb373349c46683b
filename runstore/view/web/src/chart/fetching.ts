// The curves of one chart, asked for when they are needed: at first, when they changed, more finely when zoomed in.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Asking } from "../data/asking";
import type { Curves } from "../data/cache";
import { owner, type Series } from "../data/frame";
import type { CurveRequest } from "../data/source";
import type { Range } from "./curve";
import { DECADE, spansOf, stitched } from "./decades";
import { requestOf, type Wanted } from "./request";

const SETTLED = 120; // milliseconds that a zoom rests before it is asked for

export interface Fetched {
  series: readonly Series[];
  /** Nothing has come yet. */
  waiting: boolean;
  /** What is shown is not yet as fine, or as new, as what was asked for. */
  stale: boolean;
  error: Error | null;
  again(): void;
}

/** The curves of a request; on a logarithmic axis of x in pieces that are as fine on its left as on its right. */
export async function fetched(curves: Pick<Curves, "get" | "source">, request: CurveRequest, logX: boolean, signal?: AbortSignal): Promise<Series[]> {
  const found = await curves.get(request, signal);
  const spans = logX && curves.source.finer ? spansOf(found, request) : [];
  if (!spans.length) return found;
  const pieces = await Promise.all(spans.map((span) => curves.get({ ...request, ...span, points: span.high === request.high ? request.points : DECADE }, signal)));
  return stitched(found, pieces, owner);
}

export interface Way {
  zoom: Range | null;
  points: number;
  smoothed: boolean;
  logX: boolean;
  /** Whether the chart is near what is seen; what is far away holds nothing. */
  near: boolean;
}

export function useCurves(curves: Curves, wanted: Wanted, { zoom, points, smoothed, logX, near }: Way): Fetched {
  const [found, setFound] = useState<{ series: readonly Series[]; of: string } | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [tries, setTries] = useState(0);
  const request = requestOf(wanted, curves.source.finer ? zoom : null, points, smoothed);
  const name = JSON.stringify([request, logX]);
  const version = curves.version.value;
  const before = useRef<string | null>(null);
  const asking = useRef<Asking<Series[]> | null>(null);

  useLayoutEffect(() => {
    if (!near) return setFound(null); // the cache may still know it
    const zooming = before.current !== null && before.current !== name && zoom !== null;
    before.current ??= name;
    const mine = new Asking(
      (signal) => fetched(curves, request, logX, signal),
      (series) => {
        before.current = name;
        setFound({ series, of: name });
        setError(null);
      },
      setError,
    );
    asking.current = mine;
    const timer = setTimeout(() => mine.ask(), zooming ? SETTLED : 0);
    return () => {
      clearTimeout(timer);
      mine.stop();
    };
  }, [name, near, tries]);
  useEffect(() => {
    if (version > 0) asking.current?.ask();
  }, [version]);

  return {
    series: found?.series ?? [],
    waiting: found === null && error === null,
    stale: found !== null && found.of !== name,
    error,
    again: () => setTries(tries + 1),
  };
}
