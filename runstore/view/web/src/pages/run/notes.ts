/** Notes and descriptions as plain paragraphs: no markup, only addresses become links. */

export interface Part {
  text: string;
  /** Where the text leads, only ever http or https. */
  href: string | null;
}

const ADDRESS = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g;

/** Paragraphs, each a list of lines, each a list of parts. */
export function paragraphs(text: string): Part[][][] {
  return text
    .replaceAll("\r\n", "\n")
    .split(/\n[ \t]*\n+/)
    .filter((part) => part.trim())
    .map((part) => part.trim().split("\n").map(parts));
}

/** A line in parts. */
export function parts(line: string): Part[] {
  const found: Part[] = [];
  let at = 0;
  for (const match of line.matchAll(ADDRESS)) {
    if (match.index > at) found.push({ text: line.slice(at, match.index), href: null });
    found.push({ text: match[0], href: match[0] });
    at = match.index + match[0].length;
  }
  if (at < line.length) found.push({ text: line.slice(at), href: null });
  return found;
}
