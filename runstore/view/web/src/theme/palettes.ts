// Colours of series. No palette serves both a light and a dark page, so there are two with the same order of hues: a run
// that is blue stays blue. Each colour stands out from its background by 3:1 at least. After ten lines come dashes.

export const LIGHT = [
  "#2563c9", "#c2590a", "#1f8a4c", "#c8323c", "#7c4dc4", "#0f818a", "#c23b8a", "#75750f", "#8a5a3c", "#5b6b82",
] as const; // prettier-ignore

export const DARK = [
  "#6ea8ff", "#ff9d4d", "#4fcb86", "#ff7a80", "#b696ff", "#3fc6cf", "#f783c3", "#c9c44a", "#cf9b78", "#a3b1c6",
] as const; // prettier-ignore

/** What the hues are called, for those who hear the page. */
export const HUES = [
  "blue", "orange", "green", "red", "purple", "teal", "pink", "olive", "brown", "slate",
] as const; // prettier-ignore

export const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 2.5]];

/** How many places there are before a look comes again. */
export const PLACES = LIGHT.length * DASHES.length;

export interface Look {
  colour: string;
  dash: readonly number[];
  hue: string;
}

/** The colour and the dashes of a place; places go on for ever. */
export function lookOf(place: number, dark: boolean): Look {
  const at = ((Math.trunc(place) % PLACES) + PLACES) % PLACES;
  const hue = at % LIGHT.length;
  return { colour: (dark ? DARK : LIGHT)[hue]!, dash: DASHES[Math.floor(at / LIGHT.length)]!, hue: HUES[hue]! };
}

/** The contrast of two colours as WCAG counts it, from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}
