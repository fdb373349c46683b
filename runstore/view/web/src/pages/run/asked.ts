/** Answers, news and files for as long as something shows them. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Paced } from "../../data/paced";
import type { Query, Source } from "../../data/source";
import { useAsked, type Answer } from "../../state/answer";
import { useApp } from "../../state/app";

export { useAnswer, useAsked, type Answer } from "../../state/answer";

const PACE = 2000; // milliseconds between two calls: what is said of a run in words and figures may lag a little

/** Call a function whenever a run has something new; without a run, whenever runs came or ended. Not too often. */
export function useNews(runId: string | null, heard: () => void, pace = PACE): void {
  const app = useApp();
  const current = useRef(heard);
  current.current = heard;
  useEffect(() => {
    const first = app.live.changed.peek();
    const paced = new Paced(() => current.current(), pace);
    const deaf = app.live.changed.subscribe((news) => {
      if (news === null || news === first) return;
      if (runId === null ? news.listed : news.runs.includes(runId)) paced.call(news.listed);
    });
    return () => (deaf(), paced.stop());
  }, [app, runId, pace]);
}

/** The address of a file for as long as it is shown. */
export function useFile(source: Source, path: string | null, query: Query = {}): Answer<string> {
  const free = useRef<(() => void) | null>(null);
  const key = path === null ? null : `${path} ${JSON.stringify(query)}`;
  const found = useAsked<string>(key, async (signal) => {
    const file = await source.file(path!, query);
    if (signal.aborted) file.free();
    else {
      free.current?.();
      free.current = file.free;
    }
    return file.url;
  });
  useEffect(() => () => free.current?.(), []);
  return found;
}

/** Whether an element is near the part of the page that is seen; once it was, it stays so. */
export function useNear(): [(element: Element | null) => void, boolean] {
  const [near, setNear] = useState(false);
  const watch = useRef<IntersectionObserver | null>(null);
  const place = useCallback((element: Element | null) => {
    watch.current?.disconnect();
    if (!element) return;
    watch.current = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && setNear(true), { rootMargin: "300px" },
    );
    watch.current.observe(element);
  }, []);
  return [place, near];
}
