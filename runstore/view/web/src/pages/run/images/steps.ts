/** Images by step: which there are under a name, and which one to show at a step. */

export interface Shot {
  name: string;
  step: number | null;
  time: string | null;
  path: string;
}

export interface Row<S extends Shot> {
  name: string;
  shots: S[];
}

/** A row for each name, what was logged under it in the order of steps; without steps in the order of times. */
export function byName<S extends Shot>(shots: readonly S[]): Row<S>[] {
  const found = new Map<string, S[]>();
  for (const shot of shots) {
    const row = found.get(shot.name);
    if (row) row.push(shot);
    else found.set(shot.name, [shot]);
  }
  const rows = [...found].map(([name, all]) => ({ name, shots: all.sort(order) }));
  return rows.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

function order(a: Shot, b: Shot): number {
  if (a.step !== null && b.step !== null && a.step !== b.step) return a.step - b.step;
  return (a.time ?? "").localeCompare(b.time ?? "") || a.path.localeCompare(b.path);
}

/** Every step that has an image, ascending. */
export function steps(shots: readonly Shot[]): number[] {
  const all = new Set(shots.map((shot) => shot.step).filter((step) => step !== null));
  return [...all].sort((a, b) => a - b);
}

/** What was the newest at a step: the last shot not after it, else the first one. */
export function at<S extends Shot>(shots: readonly S[], step: number | null): S | null {
  if (step === null) return shots[shots.length - 1] ?? null;
  const before = shots.filter((shot) => shot.step !== null && shot.step <= step);
  return before[before.length - 1] ?? shots[0] ?? null;
}

/** The pixel of an image under a point of the box it is drawn in, scaled and moved; null beside it. */
export function pixel(
  point: { x: number; y: number }, view: { scale: number; left: number; top: number },
  image: { width: number; height: number },
): { x: number; y: number } | null {
  const x = Math.floor((point.x - view.left) / view.scale);
  const y = Math.floor((point.y - view.top) / view.scale);
  return x >= 0 && y >= 0 && x < image.width && y < image.height ? { x, y } : null;
}

/** The view after zooming by a factor with a point of the box held still. */
export function zoomed(
  view: { scale: number; left: number; top: number }, point: { x: number; y: number }, factor: number,
): { scale: number; left: number; top: number } {
  const scale = Math.min(64, Math.max(0.05, view.scale * factor));
  const by = scale / view.scale;
  return { scale, left: point.x - (point.x - view.left) * by, top: point.y - (point.y - view.top) * by };
}

/** The view in which an image just fits into a box, never enlarged beyond whole pixels. */
export function fitted(
  image: { width: number; height: number }, box: { width: number; height: number },
): { scale: number; left: number; top: number } {
  const most = Math.min(box.width / image.width, box.height / image.height);
  const scale = most > 1 ? Math.floor(most) : most;
  return { scale, left: (box.width - image.width * scale) / 2, top: (box.height - image.height * scale) / 2 };
}
