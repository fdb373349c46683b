// Answers of the source, kept on the page while newer ones are on their way.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Query } from "../data/source";
import { useApp } from "./app";

export interface Answer<T> {
  /** The newest answer; of an older question while the present one is not answered. */
  value: T | null;
  error: Error | null;
  /** Whether the value is of an older question, or there is none yet. */
  waiting: boolean;
  again(): void;
}

/** What the source answers to a question; asked anew when it, or `version`, changes. A null path asks nothing. */
export function useAnswer<T>(path: string | null, query: Query = {}, version: unknown = 0): Answer<T> {
  const app = useApp();
  return useAsked<T>(
    path === null ? null : JSON.stringify([path, query]),
    (signal) => app.source.json<T>(path ?? "", query, signal),
    version,
  );
}

/** What a function finds; asked anew when its key, or `version`, changes. A null key asks nothing. */
export function useAsked<T>(key: string | null, ask: (signal: AbortSignal) => Promise<T>, version: unknown = 0): Answer<T> {
  const [state, setState] = useState<{ key: string | null; value: T | null; error: Error | null }>(EMPTY);
  const [tries, setTries] = useState(0);
  const asking = useRef(ask);
  asking.current = ask;
  useEffect(() => {
    if (key === null) return undefined;
    const stop = new AbortController();
    asking.current(stop.signal).then(
      (value) => !stop.signal.aborted && setState({ key, value, error: null }),
      (error: Error) => !stop.signal.aborted && setState((old) => ({ key, value: old.value, error })),
    );
    return () => stop.abort();
  }, [key, version, tries]);
  return { value: state.value, error: state.error, waiting: state.key !== key, again: () => setTries(tries + 1) };
}

const EMPTY = { key: null, value: null, error: null };
