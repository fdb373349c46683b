/** The lines of a log as it grows: kept up to a limit, searched, and looked through for what went wrong. */

import { bare } from "./ansi";

export interface Lines {
  /** Whole lines, escapes and all. */
  lines: string[];
  /** When each was written, in microseconds since 1970, as far as that is known. */
  times: (number | null)[];
  /** The number in the file, from 1, of the first line kept; not known (1) where the log was entered at its tail. */
  first: number;
  /** The last line where no line feed has ended it yet. */
  open: boolean;
}

export const NOTHING: Lines = { lines: [], times: [], first: 1, open: false };

/** For ever more lines of a text the time at which they were there. */
export type Times = readonly (readonly [lines: number, time: number])[];

const LIMIT = 200_000;
const ERROR =
  /^Traceback \(most recent call last\)|^\s*(?:[\w.]+\.)?\w*(?:Error|Exception|Interrupt)\b(?::|$)|\b(?:ERROR|CRITICAL|FATAL)\b|\berror:|Segmentation fault|out of memory|\bKilled\b/;
const WARNING = /\bWARN(?:ING)?\b|\b\w*Warning:/;

/** What was there, with a chunk of text after it, and when that came. */
export function appended(before: Lines, text: string, told: Times = [], limit = LIMIT): Lines {
  if (!text) return before;
  const added = text.split("\n");
  const lines = before.lines.slice();
  const times = before.times.slice();
  let from = 0;
  const time = (line: number): number | null => {
    while (from < told.length && told[from]![0] <= line) from += 1;
    return told[from]?.[1] ?? null;
  };
  added.forEach((line, n) => {
    if (n === 0 && before.open) {
      lines.push((lines.pop() ?? "") + line);
      times.pop();
    } else lines.push(line);
    times.push(time(n));
  });
  const open = lines[lines.length - 1] !== "";
  if (!open) [lines, times].forEach((all) => all.pop());
  return kept({ lines, times, first: before.first, open }, limit);
}

/** Some lines with others after them. */
export function joined(before: Lines, after: Lines): Lines {
  return kept({ ...after, lines: [...before.lines, ...after.lines], times: [...before.times, ...after.times], first: before.first });
}

function kept(all: Lines, limit = LIMIT): Lines {
  const over = Math.max(0, all.lines.length - limit);
  return over ? { ...all, lines: all.lines.slice(over), times: all.times.slice(over), first: all.first + over } : all;
}

/** The first line that was written at a time or later; the last one before where none was. Null: no times are known. */
export function lineAt(times: readonly (number | null)[], time: number): number | null {
  const found = times.findIndex((one) => one !== null && one >= time);
  if (found >= 0) return found;
  const last = times.length - 1 - [...times].reverse().findIndex((one) => one !== null);
  return last < times.length ? last : null;
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
