/** What keys do to the text of a query. */

export interface Edit {
  text: string;
  start: number;
  end: number;
}

/** The lines of the selection as comments, or no longer so if they all are. */
export function commented(edit: Edit): Edit {
  return lines(edit, (all) => {
    const are = all.every((line) => /^\s*--/.test(line) || !line.trim());
    return all.map((line) => (are ? line.replace(/^(\s*)-- ?/, "$1") : line.trim() ? `-- ${line}` : line));
  });
}

/** The lines of the selection further in, or further out. */
export function indented(edit: Edit, out: boolean): Edit {
  return lines(edit, (all) => all.map((line) => (out ? line.replace(/^ {1,2}/, "") : `  ${line}`)));
}

function lines(edit: Edit, change: (lines: string[]) => string[]): Edit {
  const from = edit.text.lastIndexOf("\n", edit.start - 1) + 1;
  const last = edit.text.indexOf("\n", Math.max(edit.start, edit.end - 1));
  const to = last < 0 ? edit.text.length : last;
  const made = change(edit.text.slice(from, to).split("\n")).join("\n");
  return { text: edit.text.slice(0, from) + made + edit.text.slice(to), start: from, end: from + made.length };
}

/** Where in a query an error says it is ("LINE 2", or "line 2, column 5"), or null. */
export function placeOf(error: string, query: string): number | null {
  const found = /line (\d+)(?:,? column (\d+))?/i.exec(error);
  if (!found) return null;
  const before = query.split("\n").slice(0, Number(found[1]) - 1);
  const start = before.reduce((all, line) => all + line.length + 1, 0);
  return Math.min(query.length, start + Number(found[2] ?? 1) - 1);
}
