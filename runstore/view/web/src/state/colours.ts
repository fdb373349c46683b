// One colour for a run, wherever it is drawn. It is a place in the theme's palette, never a colour itself.

import { LIGHT, PLACES } from "../theme/palettes";

/** A run's place in the palette: chosen by hand, else by its number in its experiment, else by its id. */
export function placeOf(id: string, number: number | null, byHand: Record<string, number>): number {
  const chosen = byHand[id];
  if (chosen !== undefined) return chosen;
  if (number !== null && Number.isInteger(number) && number > 0) return (number - 1) % PLACES;
  return hash(id) % LIGHT.length;
}

/** The same text has the same number, in every browser and always. */
export function hash(text: string): number {
  let value = 2166136261;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 16777619);
  }
  return value >>> 0;
}
