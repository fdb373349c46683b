// Which lines are in the window: TanStack's virtualizer, told of by Preact.

import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualItem,
} from "@tanstack/virtual-core";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

interface Seen {
  items: VirtualItem[];
  scrollLeft: number;
  width: number;
  /** How many lines fit the window. */
  page: number;
  scrollTo(line: number): void;
}

export function useVirtual(scroller: { current: HTMLElement | null }, count: number, height: number): Seen {
  const [, redraw] = useState(0);
  const [sideways, setSideways] = useState({ scrollLeft: 0, width: 800 });
  const options = {
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    overscan: 8,
    scrollPaddingStart: 0,
    scrollPaddingEnd: height + 8, // the headings and a scroll bar
    onChange: () => redraw((times) => times + 1),
  };
  const held = useRef<Virtualizer<HTMLElement, HTMLElement> | null>(null);
  held.current ??= new Virtualizer<HTMLElement, HTMLElement>(options);
  const virtualizer = held.current;
  virtualizer.setOptions(options);
  useEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  useEffect(() => watchSideways(scroller.current, setSideways), [scroller]);
  const room = virtualizer.scrollRect?.height ?? 600;
  return {
    items: virtualizer.getVirtualItems(),
    ...sideways,
    page: Math.max(1, Math.floor(room / height) - 2),
    scrollTo: (line) => virtualizer.scrollToIndex(line, { align: "auto" }),
  };
}

/** Columns come and go by steps of some pixels, not at every one. */
function watchSideways(el: HTMLElement | null, tell: (seen: { scrollLeft: number; width: number }) => void): () => void {
  if (!el) return () => undefined;
  let last = "";
  const look = () => {
    const seen = { scrollLeft: Math.round(el.scrollLeft / 100) * 100, width: el.clientWidth };
    const said = JSON.stringify(seen);
    if (said !== last) tell(seen);
    last = said;
  };
  const observer = new ResizeObserver(look);
  observer.observe(el);
  el.addEventListener("scroll", look, { passive: true });
  look();
  return () => {
    observer.disconnect();
    el.removeEventListener("scroll", look);
  };
}
