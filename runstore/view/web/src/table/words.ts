// The words of a filter: as much of the grammar of a condition as completion and facets need.

export type Kind = "name" | "number" | "text" | "sign" | "open" | "close" | "comma" | "word";

export interface Word {
  kind: Kind;
  text: string;
  start: number;
  end: number;
}

const KEYWORDS = new Set(
  "and or not in is null like ilike between true false similar to from distinct case when then else end".split(" "),
);
const PATTERN =
  /("(?:[^"]|"")*"?|[\p{L}_][\p{L}\p{N}_$]*)(?:\.(?:"(?:[^"]|"")*"?|[\p{L}_][\p{L}\p{N}_$]*)?)*|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+|'(?:[^']|'')*'?|<=|>=|<>|!=|==|[=<>+\-*/%|~!:[\]]+|\(|\)|,/gu;

/** The words of a condition. What fits no kind is passed over: the server says what is wrong with it. */
export function words(text: string): Word[] {
  return [...text.matchAll(PATTERN)].map((match) => ({
    kind: kindOf(match[0]),
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));
}

function kindOf(text: string): Kind {
  const first = text[0] ?? "";
  if (first === "'") return "text";
  if (/^\.?\d/.test(text)) return "number";
  if (text === "(") return "open";
  if (text === ")") return "close";
  if (text === ",") return "comma";
  if (KEYWORDS.has(text.toLowerCase())) return "word";
  return /[\p{L}_"]/u.test(first) ? "name" : "sign";
}

/** The parts of a condition that all have to hold; the whole of it where an `or` stands between them. */
export function clauses(text: string): string[] {
  const cuts: Word[] = [];
  let depth = 0;
  let between = 0;
  for (const word of words(text)) {
    const said = word.text.toLowerCase();
    if (word.kind === "open" || said === "case") depth++;
    if (word.kind === "close" || said === "end") depth--;
    if (depth || word.kind !== "word") continue;
    if (said === "or") return [text.trim()].filter(Boolean);
    if (said === "between") between++;
    else if (said === "and" && between) between--;
    else if (said === "and") cuts.push(word);
  }
  const starts = [0, ...cuts.map((cut) => cut.end)];
  const ends = [...cuts.map((cut) => cut.start), text.length];
  return starts.map((start, index) => text.slice(start, ends[index]).trim()).filter(Boolean);
}

/** One condition of several that all have to hold. */
export function all(parts: readonly string[]): string {
  const said = parts.filter((part) => part.trim());
  if (said.length < 2) return said.join("");
  return said.map((part) => (either(part) ? `(${part})` : part)).join(" and ");
}

function either(text: string): boolean {
  let depth = 0;
  return words(text).some((word) => {
    if (word.kind === "open") depth++;
    if (word.kind === "close") depth--;
    return !depth && word.kind === "word" && word.text.toLowerCase() === "or";
  });
}

/** A text as a condition writes it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as a condition writes it: bare where that is read as one name, quoted otherwise. */
export function named(name: string): string {
  const bare = /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) && !KEYWORDS.has(name.toLowerCase());
  return bare ? name : `"${name.replaceAll('"', '""')}"`;
}
