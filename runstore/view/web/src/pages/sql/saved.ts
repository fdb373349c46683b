/** Queries kept in the browser: saved ones under names, and the last ones asked. */

export interface Saved {
  name: string;
  query: string;
}

export interface Kept {
  saved: Saved[];
  recent: string[];
}

const MOST = 30;

/** What a storage holds for a workspace; nothing where it holds nonsense. */
export function read(storage: Pick<Storage, "getItem">, workspace: string): Kept {
  try {
    const found: unknown = JSON.parse(storage.getItem(key(workspace)) ?? "{}");
    const { saved, recent } = found as Partial<Kept>;
    return {
      saved: (Array.isArray(saved) ? saved : []).filter((one) => typeof one?.name === "string" && typeof one.query === "string"),
      recent: (Array.isArray(recent) ? recent : []).filter((one) => typeof one === "string"),
    };
  } catch {
    return { saved: [], recent: [] };
  }
}

export function write(storage: Pick<Storage, "setItem">, workspace: string, kept: Kept): void {
  try {
    storage.setItem(key(workspace), JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing loses the queries with the page; the page works on.
  }
}

function key(workspace: string): string {
  return `runstore.sql.${workspace}`;
}

/** With a query saved under a name, in place of what had that name. */
export function saved(kept: Kept, name: string, query: string): Kept {
  const others = kept.saved.filter((one) => one.name !== name);
  return { ...kept, saved: [...others, { name, query }].sort((a, b) => a.name.localeCompare(b.name)) };
}

export function dropped(kept: Kept, name: string): Kept {
  return { ...kept, saved: kept.saved.filter((one) => one.name !== name) };
}

/** With a query at the head of those asked last. */
export function asked(kept: Kept, query: string): Kept {
  const text = query.trim();
  if (!text) return kept;
  return { ...kept, recent: [text, ...kept.recent.filter((one) => one !== text)].slice(0, MOST) };
}
