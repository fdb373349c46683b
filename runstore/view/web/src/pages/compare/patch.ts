/** A unified diff as lines with their numbers on both sides. */

export interface Line {
  kind: "same" | "added" | "removed" | "hunk" | "note";
  old: number | null;
  new: number | null;
  text: string;
  /** From where to where a changed line really changed, when it has a counterpart; for emphasis. */
  from?: number;
  to?: number;
}

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)$/;
const HEADS = /^(?:diff --git |index |--- |\+\+\+ |new file mode|deleted file mode|similarity |rename |old mode|new mode)/;

/** The lines of a diff of one file; heads that only name the file are left out. */
export function lines(diff: string): Line[] {
  const found: Line[] = [];
  let [old, now] = [0, 0];
  let inside = false;
  for (const line of diff.replace(/\n$/, "").split("\n")) {
    const hunk = HUNK.exec(line);
    if (hunk) {
      [old, now, inside] = [Number(hunk[1]), Number(hunk[2]), true];
      found.push({ kind: "hunk", old: null, new: null, text: (hunk[3] ?? "").trim() });
    } else if (!inside) {
      if (!HEADS.test(line) && line) found.push({ kind: "note", old: null, new: null, text: line });
    } else if (line.startsWith("+")) found.push({ kind: "added", old: null, new: now++, text: line.slice(1) });
    else if (line.startsWith("-")) found.push({ kind: "removed", old: old++, new: null, text: line.slice(1) });
    else if (line.startsWith("\\")) found.push({ kind: "note", old: null, new: null, text: line.slice(2) });
    else found.push({ kind: "same", old: old++, new: now++, text: line.slice(1) });
  }
  return emphasized(found);
}

/** How many lines came and went. */
export function changes(all: readonly Line[]): { added: number; removed: number } {
  const count = (kind: string): number => all.filter((line) => line.kind === kind).length;
  return { added: count("added"), removed: count("removed") };
}

/** Marks what changed inside lines, where lines went and came in one place: the first with the first, and so on. */
function emphasized(all: Line[]): Line[] {
  for (let place = 0; place < all.length; ) {
    const gone = span(all, place, "removed");
    const came = span(all, place + gone, "added");
    for (let n = 0; n < Math.min(gone, came); n += 1) mark(all[place + n]!, all[place + gone + n]!);
    place += gone + came || 1;
  }
  return all;
}

function span(all: readonly Line[], start: number, kind: string): number {
  let end = start;
  while (all[end]?.kind === kind) end += 1;
  return end - start;
}

function mark(gone: Line, came: Line): void {
  const [a, b] = [gone.text, came.text];
  const most = Math.min(a.length, b.length);
  let head = 0;
  while (head < most && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < most - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  if (head + tail < most / 4) return; // too little in common: the whole line changed
  [gone.from, gone.to, came.from, came.to] = [head, a.length - tail, head, b.length - tail];
}
