// A filter as a report understands it: names compared with values, joined by and, or, not. The rest of SQL it refuses.

import type { Column } from "../../table/columns";
import { words, type Word } from "../../table/words";
import { Refusal } from "../source";

/** What a filter is asked of: a value by the name of its column. */
export type Cells = (column: string) => unknown;
type Truth = boolean | null; // null is neither, as in SQL
type Test = (cells: Cells) => Truth;
type Value = (cells: Cells) => unknown;

const HEADS = { params: "param", last: "metric", tags: "tag", runs: "field" } as const;

/** The column that a name in a filter means. */
export function meant(name: string, columns: readonly Column[]): Column | null {
  const exact = columns.find((one) => one.name === name);
  if (exact) return exact;
  const parts = [...name.matchAll(/"(?:[^"]|"")*"|[^."]+/g)].map(([part]) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part));
  const head = HEADS[parts[0]?.toLowerCase() as keyof typeof HEADS];
  const rest = (parts.length > 1 && head ? parts.slice(1) : parts).join(".").toLowerCase();
  const fits = (one: Column): boolean => bare(one).toLowerCase() === rest;
  if (parts.length > 1 && head) return columns.find((one) => one.of === head && fits(one)) ?? null;
  return columns.find((one) => one.of === "field" && fits(one)) ?? columns.find((one) => one.of !== "field" && fits(one)) ?? null;
}

function bare(column: Column): string {
  const head = { param: "params.", metric: "last.", tag: "tags.", field: "" }[column.of];
  return column.name.startsWith(head) ? column.name.slice(head.length) : column.name;
}

/** Whether a run fulfils a filter; an empty one all do. */
export function filter(text: string, columns: readonly Column[]): (cells: Cells) => boolean {
  if (!text.trim()) return () => true;
  const test = new Reader(text, columns).all();
  return (cells) => test(cells) === true;
}

class Reader {
  private readonly words: Word[];
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly columns: readonly Column[],
  ) {
    this.words = words(text).flatMap(apart);
  }

  all(): Test {
    const test = this.either();
    if (this.at < this.words.length) throw this.refused(this.peek());
    return test;
  }

  private either(): Test {
    let left = this.both();
    while (this.took("or")) left = or(left, this.both());
    return left;
  }

  private both(): Test {
    let left = this.negated();
    while (this.took("and")) left = and(left, this.negated());
    return left;
  }

  private negated(): Test {
    if (!this.took("not")) return this.compared();
    const test = this.negated();
    return (cells) => not(test(cells));
  }

  private compared(): Test {
    if (this.took("(")) {
      const test = this.either();
      this.want(")");
      return test;
    }
    const { value: left, column } = this.value();
    if (this.took("is")) {
      const no = this.took("not");
      this.want("null");
      return (cells) => absent(left(cells)) !== no;
    }
    const no = this.took("not");
    const test = this.relation(left, column);
    return no ? (cells) => not(test(cells)) : test;
  }

  private relation(left: Value, column: Column | null): Test {
    if (this.took("in")) return anyOf(this.list().map((right) => same(left, right)));
    if (this.took("between")) {
      const low = this.value().value;
      this.want("and");
      const high = this.value().value;
      return and(ordered(left, low, (n) => n >= 0), ordered(left, high, (n) => n <= 0));
    }
    for (const how of ["like", "ilike"]) if (this.took(how)) return this.like(left, how === "ilike");
    const sign = this.peek();
    const holds = SIGNS[sign];
    if (!holds) {
      if (column?.type === "bool") return (cells) => truth(left(cells));
      throw this.refused(sign);
    }
    this.at++;
    return ordered(left, this.value().value, holds);
  }

  private like(left: Value, folded: boolean): Test {
    const pattern = this.value().value;
    const escape = this.took("escape") ? String(this.value().value(none)) : "";
    return (cells) => {
      const [text, wanted] = [left(cells), pattern(cells)];
      return absent(text) || absent(wanted) ? null : expression(String(wanted), escape, folded).test(String(text));
    };
  }

  private list(): Value[] {
    this.want("(");
    const found = [this.value().value];
    while (this.took(",")) found.push(this.value().value);
    this.want(")");
    return found;
  }

  private value(): { value: Value; column: Column | null } {
    if (this.took("-")) {
      const { value } = this.value();
      return { value: (cells) => -Number(value(cells)), column: null };
    }
    const word = this.words[this.at];
    if (!word) throw this.refused("");
    this.at++;
    const literal = literalOf(word);
    if (literal !== undefined) return { value: () => literal, column: null };
    if (word.kind !== "name") throw this.refused(word.text);
    return this.named(word.text);
  }

  private named(name: string): { value: Value; column: Column | null } {
    let full = name;
    if (this.took("[")) {
      const key = this.words[this.at++];
      this.want("]");
      full = `${name}."${key?.text.slice(1, -1).replaceAll("''", "'").replaceAll('"', '""') ?? ""}"`;
    }
    if (this.peek() === "(") throw this.refused(`${name}(`);
    const column = meant(full, this.columns);
    if (!column) throw new Refusal(`no run of this report has ${full}`, 400);
    return { value: (cells) => cells(column.name), column };
  }

  private peek(): string {
    return this.words[this.at]?.text ?? "";
  }

  private took(wanted: string): boolean {
    const word = this.words[this.at];
    if (!word || word.kind === "text" || word.text.toLowerCase() !== wanted) return false;
    this.at++;
    return true;
  }

  private want(wanted: string): void {
    if (!this.took(wanted)) throw this.refused(this.peek());
  }

  private refused(what: string): Refusal {
    const where = what ? `${JSON.stringify(what)} in ${this.text}` : `the end of ${this.text}`;
    return new Refusal(`a report understands no ${where}`, 400, "It compares names with values, joined by and, or, not.");
  }
}

/** Brackets are words of their own, as in `tags['stage']= 'dev'`. */
function apart(word: Word): Word[] {
  if (word.kind !== "sign" || !/[[\]]/.test(word.text) || word.text.length === 1) return [word];
  return (word.text.match(/[[\]]|[^[\]]+/g) ?? []).map((text) => ({ ...word, text }));
}

const none: Cells = () => null;
const SIGNS: Record<string, (order: number) => boolean> = {
  "=": (n) => n === 0,
  "==": (n) => n === 0,
  "<>": (n) => n !== 0,
  "!=": (n) => n !== 0,
  "<": (n) => n < 0,
  "<=": (n) => n <= 0,
  ">": (n) => n > 0,
  ">=": (n) => n >= 0,
};

function literalOf(word: Word): unknown {
  if (word.kind === "text") return word.text.replace(/^'|'$/g, "").replaceAll("''", "'");
  if (word.kind === "number") return Number(word.text);
  return { true: true, false: false, null: null }[word.text.toLowerCase()];
}

function absent(value: unknown): boolean {
  return value === null || value === undefined;
}

function truth(value: unknown): Truth {
  return absent(value) ? null : value === true || value === 1;
}

function ordered(left: Value, right: Value, holds: (order: number) => boolean): Test {
  return (cells) => {
    const [a, b] = [left(cells), right(cells)];
    return absent(a) || absent(b) ? null : holds(order(a, b));
  };
}

function same(left: Value, right: Value): Test {
  return ordered(left, right, (n) => n === 0);
}

/** Numbers by their size, times by when, all else as texts; NaN where neither comes first. */
export function order(left: unknown, right: unknown): number {
  if (typeof left === "number" || typeof right === "number" || typeof left === "boolean" || typeof right === "boolean") {
    return Number(left) - Number(right);
  }
  const [a, b] = [time(String(left)), time(String(right))];
  return a < b ? -1 : a > b ? 1 : 0;
}

function time(text: string): string {
  return /^\d{4}-\d\d-\d\d[ T]/.test(text) ? text.replace(" ", "T").replace(/Z$/, "") : text;
}

function expression(pattern: string, escape: string, folded: boolean): RegExp {
  let said = "";
  for (let at = 0; at < pattern.length; at++) {
    let sign = pattern[at]!;
    if (escape && sign === escape && at + 1 < pattern.length) sign = `\\${pattern[++at]}`;
    if (sign === "%") said += ".*";
    else if (sign === "_") said += ".";
    else said += (sign.length > 1 ? sign.slice(1) : sign).replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  }
  return new RegExp(`^${said}$`, folded ? "isu" : "su");
}

function not(value: Truth): Truth {
  return value === null ? null : !value;
}

function and(left: Test, right: Test): Test {
  return (cells) => {
    const [a, b] = [left(cells), right(cells)];
    return a === false || b === false ? false : a === null || b === null ? null : true;
  };
}

function or(left: Test, right: Test): Test {
  return (cells) => {
    const [a, b] = [left(cells), right(cells)];
    return a === true || b === true ? true : a === null || b === null ? null : false;
  };
}

function anyOf(tests: readonly Test[]): Test {
  return tests.reduce(or, () => false);
}
