// When the first chart is there to be seen: what else the page shows is asked for then, and whoever measures it is told.

import { signal } from "@preact/signals";

const MARK = "runstore: first chart";
const LONGEST = 1000; // milliseconds that anything waits for it
let marked = false;

/** Whether the first chart is there, or none need be waited for. */
export const opened = signal(false);

/** Called when curves were drawn: they are on the screen when the next frame begins. */
export function drawn(): void {
  if (marked) return;
  marked = true;
  requestAnimationFrame(() => {
    performance.mark(MARK);
    opened.value = true;
  });
}

/** Called when it is known that there is no chart to come. */
export function none(): void {
  opened.value = true;
}

/** Called when the page begins: a chart that takes long keeps nothing else from being there. */
export function begun(): void {
  setTimeout(none, LONGEST);
}
