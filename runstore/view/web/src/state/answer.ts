// Answers of the source, kept on the page while newer ones are on their way.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Asking } from "../data/asking";
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

/**
 * What a function finds; asked anew when its key, or `version`, changes. A null key asks nothing. A new version waits for
 * the answer that is on its way, a new key doesn't.
 */
export function useAsked<T>(key: string | null, ask: (signal: AbortSignal) => Promise<T>, version: unknown = 0): Answer<T> {
  const [state, setState] = useState<{ key: string | null; value: T | null; error: Error | null }>(EMPTY);
  const current = useRef(ask);
  current.current = ask;
  const asking = useRef<Asking<T> | null>(null);
  const asked = useRef(version);
  useLayoutEffect(() => {
    if (key === null) return undefined;
    const mine = new Asking<T>(
      (signal) => current.current(signal),
      (value) => setState({ key, value, error: null }),
      (error) => setState((old) => ({ key, value: old.value, error })),
      true,
    );
    asking.current = mine;
    asked.current = version;
    mine.ask();
    return () => (mine.stop(), (asking.current = null));
  }, [key]);
  useEffect(() => {
    if (asked.current === version) return;
    asked.current = version;
    asking.current?.ask();
  }, [version]);
  return { value: state.value, error: state.error, waiting: state.key !== key, again: () => asking.current?.ask() };
}

const EMPTY = { key: null, value: null, error: null };
