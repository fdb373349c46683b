// Where the view is kept: in the browser's address, or only in memory where the page is a guest of another one.

export interface Place {
  read(): string;
  write(hash: string, replace: boolean): void;
  /** Hear when somebody else changed it: the browser's back button, an address typed by hand. */
  listen(heard: () => void): () => void;
}

// Of more than 100 changes of one entry in 30 s Safari makes an error, and Chromium leaves them out: so many are written
// at once, and one more after each such pause in milliseconds.
const AT_ONCE = 30;
const PAUSE = 500;

/** The address of the document. Where something moves on and on, it is written now and then, and what came last for sure. */
export function address(): Place {
  let waiting: string | null = null;
  let left = AT_ONCE;
  let counted = performance.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const forget = (): void => {
    clearTimeout(timer);
    timer = undefined;
    waiting = null;
  };
  const settle = (): void => {
    const hash = waiting;
    forget();
    if (hash === null || hash === window.location.hash) return;
    window.history.replaceState(null, "", hash);
    left -= 1;
  };
  const count = (): void => {
    const now = performance.now();
    left = Math.min(AT_ONCE, left + (now - counted) / PAUSE);
    counted = now;
  };
  return {
    read: () => waiting ?? window.location.hash,
    write: (hash, replace) => {
      if (replace) {
        waiting = hash;
        count();
        if (left >= 1) settle();
        else timer ??= setTimeout(settle, (1 - left) * PAUSE);
        return;
      }
      settle(); // where the back button leads is as it was left
      if (hash !== window.location.hash) window.history.pushState(null, "", hash);
    },
    listen: (heard) => {
      const changed = (): void => (forget(), heard());
      window.addEventListener("hashchange", changed);
      window.addEventListener("popstate", changed);
      window.addEventListener("pagehide", settle);
      return () => {
        settle();
        window.removeEventListener("hashchange", changed);
        window.removeEventListener("popstate", changed);
        window.removeEventListener("pagehide", settle);
      };
    },
  };
}

/** Memory only, beginning at this hash. */
export function memory(hash: string): Place {
  let kept = hash;
  return { read: () => kept, write: (next) => void (kept = next), listen: () => () => undefined };
}
