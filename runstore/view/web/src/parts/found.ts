// What a few letters find among names.

export interface Entry {
  label: string;
  of: string;
  key: string;
  /** Found by the source already: not measured again. */
  sure?: boolean;
  run(): void;
}

const MOST = 40;

/** The entries that the letters find, the best first. */
export function found(entries: readonly Entry[], text: string): Entry[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return entries.slice(0, MOST);
  const worth = entries.map((entry) => [entry.sure ? 50 : score(entry.label.toLowerCase(), wanted), entry] as const);
  const fitting = worth.filter(([points]) => points > 0).sort(([left], [right]) => right - left);
  return fitting.slice(0, MOST).map(([, entry]) => entry);
}

/** How well letters fit a label: as its beginning, a word's beginning, anywhere, or its letters in order; 0 for not. */
export function score(label: string, wanted: string): number {
  if (label.startsWith(wanted)) return 100;
  if (label.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(wanted))) return 80;
  if (label.includes(wanted)) return 60;
  let at = -1;
  for (const letter of wanted) {
    at = label.indexOf(letter, at + 1);
    if (at < 0) return 0;
  }
  return 10;
}
