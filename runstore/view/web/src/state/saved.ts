// Views that were given a name, kept by this browser for each workspace.

export interface SavedView {
  name: string;
  hash: string;
}

type Kept = Pick<Storage, "getItem" | "setItem">;

/** The saved views of a workspace, by name. What can't be read counts as none. */
export function saved(workspace: string, kept: Kept | null = storage()): SavedView[] {
  try {
    const told: unknown = JSON.parse(kept?.getItem(key(workspace)) ?? "[]");
    return Array.isArray(told) ? told.filter(isSaved) : [];
  } catch {
    return [];
  }
}

/** Save a view; one of the same name is replaced. A null hash takes it away. */
export function save(workspace: string, name: string, hash: string | null, kept: Kept | null = storage()): SavedView[] {
  const others = saved(workspace, kept).filter((one) => one.name !== name);
  const next = hash === null ? others : [...others, { name, hash }].sort((a, b) => a.name.localeCompare(b.name));
  try {
    kept?.setItem(key(workspace), JSON.stringify(next));
  } catch {
    // a browser may keep nothing; the views then last as long as the page
  }
  return next;
}

function key(workspace: string): string {
  return `runstore.views.${workspace}`;
}

function isSaved(value: unknown): value is SavedView {
  const one = value as SavedView | null;
  return typeof one?.name === "string" && typeof one.hash === "string" && one.hash.startsWith("#/");
}

function storage(): Kept | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
