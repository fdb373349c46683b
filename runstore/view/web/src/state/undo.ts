// Steps back and forth through the views one has had.

/** Views before the present one and those undone, the nearest last. */
export interface Past<T> {
  back: T[];
  forth: T[];
}

const LONGEST = 100;

export const nothing: Past<never> = { back: [], forth: [] };

/** The past after a change away from `before`. What was undone can't be redone any more. */
export function remember<T>(past: Past<T>, before: T): Past<T> {
  return { back: [...past.back, before].slice(-LONGEST), forth: [] };
}

/** One step back from `present`: the past after it and the view to show, or null at the beginning. */
export function undo<T>(past: Past<T>, present: T): [Past<T>, T] | null {
  const before = past.back.at(-1);
  if (before === undefined) return null;
  return [{ back: past.back.slice(0, -1), forth: [...past.forth, present] }, before];
}

/** One step forth again, or null where nothing was undone. */
export function redo<T>(past: Past<T>, present: T): [Past<T>, T] | null {
  const after = past.forth.at(-1);
  if (after === undefined) return null;
  return [{ back: [...past.back, present], forth: past.forth.slice(0, -1) }, after];
}
