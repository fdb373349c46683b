// Where the view is kept: in the browser's address, or only in memory where the page is a guest of another one.

export interface Place {
  read(): string;
  write(hash: string, replace: boolean): void;
  /** Hear when somebody else changed it: the browser's back button, an address typed by hand. */
  listen(heard: () => void): () => void;
}

/** The address of the document. */
export function address(): Place {
  return {
    read: () => window.location.hash,
    write: (hash, replace) => {
      if (hash === window.location.hash) return;
      if (replace) window.history.replaceState(null, "", hash);
      else window.history.pushState(null, "", hash);
    },
    listen: (heard) => {
      window.addEventListener("hashchange", heard);
      window.addEventListener("popstate", heard);
      return () => {
        window.removeEventListener("hashchange", heard);
        window.removeEventListener("popstate", heard);
      };
    },
  };
}

/** Memory only, beginning at this hash. */
export function memory(hash: string): Place {
  let kept = hash;
  return { read: () => kept, write: (next) => void (kept = next), listen: () => () => undefined };
}
