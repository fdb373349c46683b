/** Console text with ANSI escapes, as pieces of text with a look: colours and weights, never HTML. */

export interface Look {
  /** A colour of the terminal's 16 (0 to 15), or "#rrggbb", or null for the usual one. */
  fg: number | string | null;
  bg: number | string | null;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  inverse: boolean;
  struck: boolean;
}

export interface Piece {
  text: string;
  look: Look;
}

export const PLAIN: Look = {
  fg: null, bg: null, bold: false, dim: false, italic: false, underline: false, inverse: false, struck: false,
};

// CSI sequences, OSC ones (titles, links) up to their end, and two-byte escapes.
const ESCAPE = /\x1b(?:\[([0-9;:?<=>!]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[()#%*+][0-9A-Za-z]|[ -~])/g;
// What is left of the C0 controls when tab is kept; a backspace is dealt with before.
const CONTROLS = /[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]/g;
const SWITCHES: Record<number, Partial<Look>> = {
  0: PLAIN, 1: { bold: true }, 2: { dim: true }, 3: { italic: true }, 4: { underline: true }, 7: { inverse: true },
  9: { struck: true }, 21: { underline: true }, 22: { bold: false, dim: false }, 23: { italic: false },
  24: { underline: false }, 27: { inverse: false }, 29: { struck: false }, 39: { fg: null }, 49: { bg: null },
};
const CUBE = [0, 95, 135, 175, 215, 255];

/** One line's pieces, and the look that the next line begins with. */
export function pieces(line: string, start: Look = PLAIN): { pieces: Piece[]; end: Look } {
  const found: Piece[] = [];
  let look = start;
  let at = 0;
  const shown = settled(line);
  for (const match of shown.matchAll(ESCAPE)) {
    add(found, shown.slice(at, match.index), look);
    at = match.index + match[0].length;
    if (match[2] === "m") look = dressed(look, match[1] ?? "");
  }
  add(found, shown.slice(at), look);
  return { pieces: found, end: look };
}

/** The text alone, for searching and copying. */
export function bare(line: string): string {
  return settled(line).replace(ESCAPE, "").replace(CONTROLS, "");
}

/** What is left to see of a line that went back to its start, as progress bars do: the last thing written. */
export function settled(line: string): string {
  const whole = line.replace(/\r+$/, "");
  const back = whole.lastIndexOf("\r");
  if (back < 0) return whole;
  // Looks set before the return still hold after it.
  const looks = [...whole.slice(0, back).matchAll(ESCAPE)].filter((match) => match[2] === "m");
  return looks.map((match) => match[0]).join("") + whole.slice(back + 1);
}

function add(found: Piece[], text: string, look: Look): void {
  const clean = text.replace(CONTROLS, "").replaceAll("\x1b", "");
  if (clean) found.push({ text: clean, look });
}

function dressed(look: Look, codes: string): Look {
  const numbers = codes.split(/[;:]/).map((code) => (code === "" ? 0 : Number(code)));
  let now = look;
  for (let place = 0; place < numbers.length; place += 1) {
    const code = numbers[place] ?? 0;
    if (code === 38 || code === 48) {
      const [colour, used] = extended(numbers.slice(place + 1));
      now = { ...now, [code === 38 ? "fg" : "bg"]: colour };
      place += used;
    } else {
      now = { ...now, ...(SWITCHES[code] ?? basic(code)) };
    }
  }
  return now;
}

function basic(code: number): Partial<Look> {
  if (code >= 30 && code <= 37) return { fg: code - 30 };
  if (code >= 90 && code <= 97) return { fg: code - 82 };
  if (code >= 40 && code <= 47) return { bg: code - 40 };
  if (code >= 100 && code <= 107) return { bg: code - 92 };
  return {};
}

/** A colour of 256 or of 16 million, and how many numbers said it. */
function extended(rest: number[]): [number | string | null, number] {
  if (rest[0] === 5) return [indexed(rest[1] ?? 0), 2];
  if (rest[0] === 2) return [hex(rest[1] ?? 0, rest[2] ?? 0, rest[3] ?? 0), 4];
  return [null, rest.length];
}

function indexed(number: number): number | string {
  if (number < 16) return number;
  if (number > 231) return hex(8 + (number - 232) * 10, 8 + (number - 232) * 10, 8 + (number - 232) * 10);
  const rest = number - 16;
  return hex(CUBE[Math.floor(rest / 36)] ?? 0, CUBE[Math.floor(rest / 6) % 6] ?? 0, CUBE[rest % 6] ?? 0);
}

function hex(...parts: number[]): string {
  return "#" + parts.map((part) => Math.max(0, Math.min(255, part | 0)).toString(16).padStart(2, "0")).join("");
}

/** The classes that a look is drawn with, and the colours that no class knows. */
export function drawn(look: Look): { classes: string; style: Record<string, string> } {
  const [front, back] = look.inverse ? [look.bg ?? "back", look.fg ?? "front"] : [look.fg, look.bg];
  const classes: string[] = [];
  const style: Record<string, string> = {};
  if (typeof front === "number") classes.push(`ansi-fg-${front}`);
  else if (front === "back") classes.push("ansi-fg-inverse");
  else if (front) {
    classes.push("ansi-own");
    style["--own"] = front;
  }
  if (typeof back === "number") classes.push(`ansi-bg-${back}`);
  else if (back === "front") classes.push("ansi-bg-inverse");
  else if (back) style["backgroundColor"] = back;
  for (const name of ["bold", "dim", "italic", "underline", "struck"] as const) {
    if (look[name]) classes.push(`ansi-${name}`);
  }
  return { classes: classes.join(" "), style };
}
