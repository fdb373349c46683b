// Where a chart is: whether it is near what is seen, and how large it may be.

import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

const AHEAD = 400; // pixels

/** Whether the element is in the viewport or will soon be. */
export function useNear(place: RefObject<HTMLElement | null>): boolean {
  const [near, setNear] = useState(false);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return;
    setNear(inReach(element)); // at once: the observer tells only after the next frame
    if (typeof IntersectionObserver === "undefined") {
      setNear(true);
      return;
    }
    const observer = new IntersectionObserver(([entry]) => setNear(entry!.isIntersecting), { rootMargin: `${AHEAD}px` });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return near;
}

function inReach(element: HTMLElement): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return top < window.innerHeight + AHEAD && bottom > -AHEAD && bottom > top;
}

/** The element's inner size in CSS pixels; zero until it is known. */
export function useSize(place: RefObject<HTMLElement | null>): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return;
    const measure = (): void => {
      const [width, height] = [element.clientWidth, element.clientHeight];
      setSize((old) => (old.width === width && old.height === height ? old : { width, height }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return size;
}
