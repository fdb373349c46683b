/** The lines of a log as it grows: kept up to a limit, searched, and looked through for what went wrong. */

import { bare } from "./ansi";

export interface Lines {
  /** Whole lines, escapes and all. */
  lines: string[];
  /** The number in the file, from 1, of the first line kept; not known (1) where the log was entered at its tail. */
  first: number;
  /** The last line where no line feed has ended it yet. */
  open: boolean;
}

export const NOTHING: Lines = { lines: [], first: 1, open: false };

const LIMIT = 200_000;
const ERROR =
  /^Traceback \(most recent call last\)|^\s*(?:[\w.]+\.)?\w*(?:Error|Exception|Interrupt)\b(?::|$)|\b(?:ERROR|CRITICAL|FATAL)\b|\berror:|Segmentation fault|out of memory|\bKilled\b/;
const WARNING = /\bWARN(?:ING)?\b|\b\w*Warning:/;

/** What was there, with a chunk of text after it. */
export function appended(before: Lines, text: string, limit = LIMIT): Lines {
  if (!text) return before;
  const added = text.split("\n");
  const lines = before.lines.slice();
  if (before.open) lines.push((lines.pop() ?? "") + (added.shift() ?? ""));
  for (const line of added) lines.push(line);
  const open = lines[lines.length - 1] !== "";
  if (!open) lines.pop();
  const over = Math.max(0, lines.length - limit);
  return { lines: over ? lines.slice(over) : lines, first: before.first + over, open };
}

export type Level = "error" | "warning" | null;

/** Whether a line tells of an error or a warning. */
export function level(line: string): Level {
  const text = bare(line);
  if (ERROR.test(text)) return "error";
  return WARNING.test(text) ? "warning" : null;
}

/** The places (indexes) of all lines that hold a text, or match a pattern when it's written as /pattern/. */
export function matches(lines: string[], sought: string): number[] {
  const test = matcher(sought);
  if (!test) return [];
  const found: number[] = [];
  lines.forEach((line, place) => {
    if (test(bare(line))) found.push(place);
  });
  return found;
}

/** A test for one line; null where nothing is sought or the pattern is none. */
export function matcher(sought: string): ((text: string) => boolean) | null {
  if (!sought) return null;
  if (sought.length > 2 && sought.startsWith("/") && sought.endsWith("/")) {
    try {
      const pattern = new RegExp(sought.slice(1, -1), "i");
      return (text) => pattern.test(text);
    } catch {
      return null;
    }
  }
  const low = sought.toLowerCase();
  return (text) => text.toLowerCase().includes(low);
}

/** The places at which an error begins: lines of one traceback count once, at its head. */
export function errors(lines: string[]): number[] {
  const found: number[] = [];
  let inside = false;
  lines.forEach((line, place) => {
    const text = bare(line);
    if (inside) {
      inside = text === "" || /^\s/.test(text);
      if (!inside) return; // the exception's own line ends its traceback
    } else if (ERROR.test(text)) {
      found.push(place);
      inside = text.startsWith("Traceback");
    }
  });
  return found;
}

/** The next of some ascending places after where one stands, going round at the end; null where there is none. */
export function next(places: number[], from: number, back = false): number | null {
  if (!places.length) return null;
  if (back) return places.filter((place) => place < from).pop() ?? places[places.length - 1] ?? null;
  return places.find((place) => place > from) ?? places[0] ?? null;
}
