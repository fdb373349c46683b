// Where the keys lead in a table.

export interface Place {
  line: number;
  column: number;
}

export interface Bounds {
  lines: number;
  columns: number;
  /** Lines that fit the window. */
  page: number;
}

/** The cell that a key leads to from another one, or null where the key means nothing here. */
export function move(from: Place, key: string, ctrl: boolean, bounds: Bounds): Place | null {
  const step = STEPS[key];
  const last = bounds.lines - 1;
  if (step) return inside({ line: from.line + step[0], column: from.column + step[1] }, bounds);
  if (key === "PageDown") return inside({ ...from, line: from.line + bounds.page }, bounds);
  if (key === "PageUp") return inside({ ...from, line: from.line - bounds.page }, bounds);
  if (key === "Home") return inside({ line: ctrl ? 0 : from.line, column: 0 }, bounds);
  if (key === "End") return inside({ line: ctrl ? last : from.line, column: bounds.columns - 1 }, bounds);
  return null;
}

const STEPS: Record<string, [number, number]> = {
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  j: [1, 0],
  k: [-1, 0],
};

function inside(place: Place, bounds: Bounds): Place {
  return {
    line: Math.max(-1, Math.min(bounds.lines - 1, place.line)), // -1 is the line of headings
    column: Math.max(0, Math.min(bounds.columns - 1, place.column)),
  };
}
