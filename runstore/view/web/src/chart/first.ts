// When the first chart was there to be seen, for whoever measures the page: a mark among its timings.

const MARK = "runstore: first chart";
let marked = false;

/** Called when curves were drawn: they are on the screen when the next frame begins. */
export function drawn(): void {
  if (marked) return;
  marked = true;
  requestAnimationFrame(() => performance.mark(MARK));
}
