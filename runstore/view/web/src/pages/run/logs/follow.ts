/** A log read from its tail on: what is there first, then what comes. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { useNews } from "../asked";
import type { Place } from "../place";
import { runPath, type Run } from "../shapes";
import { appended, joined, NOTHING, type Lines, type Times } from "./lines";

export interface Chunk {
  text: string;
  offset: number;
  next: number;
  size: number;
  ended: boolean;
  times?: Times;
}

const TAIL = 262_144; // bytes that are read at first
const POLL = 2_000;

export interface Followed {
  lines: Lines;
  /** Where in the file the first line kept begins; 0 where all of it is there. */
  from: number;
  size: number;
  ended: boolean;
  error: Error | null;
  earlier(): void;
  again(): void;
}

interface State {
  lines: Lines;
  from: number;
  next: number;
  size: number;
  ended: boolean;
}

const EMPTY: State = { lines: NOTHING, from: 0, next: -TAIL, size: 0, ended: false };

export function useLog(place: Place, run: Run, name: string): Followed {
  const [state, setState] = useState(EMPTY);
  const [error, setError] = useState<Error | null>(null);
  const now = useRef(EMPTY);
  const busy = useRef<Promise<void> | null>(null);
  const path = runPath(run.run_id, "log");

  const keep = (next: State): void => {
    now.current = next;
    setState(next);
    setError(null);
  };
  const more = useCallback((): Promise<void> => {
    busy.current ??= read(place, path, name, now.current)
      .then(keep, (problem: Error) => setError(problem))
      .finally(() => { busy.current = null; });
    return busy.current;
  }, [place.source, path, name]);

  useEffect(() => void more(), [more]);
  useNews(run.run_id, () => void more(), 0);
  useEffect(() => {
    if (!place.source.live || state.ended) return;
    const timer = setInterval(() => document.visibilityState === "visible" && void more(), POLL);
    return () => clearInterval(timer);
  }, [more, state.ended]);

  const earlier = (): void => {
    void before(place, path, name, now.current).then(keep, (problem: Error) => setError(problem));
  };
  return { ...state, error, earlier, again: () => void more() };
}

/** Read until there is no more for now. */
async function read(place: Place, path: string, name: string, start: State): Promise<State> {
  let state = start;
  for (;;) {
    const chunk = await place.source.json<Chunk>(path, { name, offset: state.next, limit: TAIL });
    state = after(state, chunk);
    if (!chunk.text || chunk.next >= chunk.size) return state;
  }
}

/** A state with a chunk after it. Asked for from the end back, it begins with a whole line. */
export function after(state: State, chunk: Chunk): State {
  const lines = appended(state.lines, chunk.text, chunk.times);
  return { lines, from: state.next < 0 ? chunk.offset : state.from, next: chunk.next, size: chunk.size, ended: chunk.ended };
}

/** The stretch before what is there, and then what is there. */
async function before(place: Place, path: string, name: string, state: State): Promise<State> {
  const offset = Math.max(0, state.from - TAIL * 4);
  let chunk = await place.source.json<Chunk>(path, { name, offset, limit: state.from - offset });
  if (offset > 0) chunk = cut(chunk);
  return { ...state, lines: joined(appended(NOTHING, chunk.text, chunk.times), state.lines), from: chunk.offset };
}

/** A chunk that was entered in the middle of a line, from the next one on. */
export function cut(chunk: Chunk): Chunk {
  const at = chunk.text.indexOf("\n") + 1;
  const times = (chunk.times ?? []).map(([lines, time]) => [lines - 1, time] as const).filter(([lines]) => lines > 0);
  const gone = new TextEncoder().encode(chunk.text.slice(0, at)).length;
  return { ...chunk, text: chunk.text.slice(at), offset: chunk.offset + gone, times };
}
