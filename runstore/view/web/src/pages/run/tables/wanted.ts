/** Which rows of a logged table are shown, and in which order: as people type it, as the address keeps it, as it is asked. */

export type Condition = readonly [column: string, how: string, value: string];

export interface Wanted {
  sort: string | null;
  desc: boolean;
  search: string;
  /** What is typed below each column's head, by the column's name. */
  typed: Readonly<Record<string, string>>;
}

export const EVERYTHING: Wanted = { sort: null, desc: false, search: "", typed: {} };

const HOW = /^\s*(<=|>=|!=|<>|==|=|<|>)\s*/;
const SAME: Record<string, string> = { "<>": "!=", "==": "=" };

/** What a person typed below a column's head: "> 0.5", "= cat", or a text that the cell has in it. */
export function condition(column: string, typed: string): Condition | null {
  if (!typed.trim()) return null;
  const found = HOW.exec(typed);
  if (!found) return [column, "has", typed.trim()];
  const value = typed.slice(found[0].length).trim();
  return value ? [column, SAME[found[1]!] ?? found[1]!, value] : null;
}

/** The conditions as they are asked. */
export function conditions(typed: Wanted["typed"]): Condition[] {
  return Object.entries(typed).map(([column, text]) => condition(column, text)).filter((one) => one !== null);
}

/** The next order when a column's head is pressed: up, down, as it was logged; numbers the greatest first. */
export function turned(wanted: Wanted, column: string, numeric: boolean): Wanted {
  if (wanted.sort !== column) return { ...wanted, sort: column, desc: numeric };
  if (wanted.desc === numeric) return { ...wanted, desc: !numeric };
  return { ...wanted, sort: null, desc: false };
}

/** As an address keeps it; null where it says nothing. */
export function written(wanted: Wanted): string | null {
  const typed = Object.fromEntries(Object.entries(wanted.typed).filter(([, text]) => text.trim()));
  const { sort, desc, search } = wanted;
  if (sort === null && !search && !Object.keys(typed).length) return null;
  return JSON.stringify({ ...(sort === null ? {} : { sort, desc }), ...(search ? { search } : {}), ...(Object.keys(typed).length ? { typed } : {}) });
}

/** As it was kept; everything where somebody cut the address short. */
export function read(text: string | undefined): Wanted {
  try {
    const found = JSON.parse(text ?? "{}") as Partial<Wanted>;
    const typed = typeof found.typed === "object" && found.typed !== null ? found.typed : {};
    return {
      sort: typeof found.sort === "string" ? found.sort : null, desc: found.desc === true,
      search: typeof found.search === "string" ? found.search : "",
      typed: Object.fromEntries(Object.entries(typed).filter(([, one]) => typeof one === "string")),
    };
  } catch {
    return EVERYTHING;
  }
}

const TRUTH = /^(?:y_?)?(?:true|truth|label|target|actual|gold|expected|class|y)(?:_?(?:label|class))?$/i;
const GUESS = /^(?:y_?)?(?:pred(?:icted|iction)?s?|hat|guess|output|found|model)(?:_?(?:label|class))?$/i;

/** Which columns of a table hold the true and the predicted class, as far as their names tell. */
export function classColumns(columns: readonly string[]): { truth: string; guess: string } | null {
  const truth = columns.find((one) => TRUTH.test(one));
  const guess = columns.find((one) => GUESS.test(one) && one !== truth);
  return truth !== undefined && guess !== undefined ? { truth, guess } : null;
}
