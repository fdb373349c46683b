/** What is asked of the tables of runs, joined by a key. */

import { conditions, EVERYTHING, read as readRows, type Wanted } from "../run/tables/wanted";

export interface JoinWanted extends Wanted {
  /** The run whose cells sort, by its place; and whether by how far they are from the baseline's. */
  of: number;
  change: boolean;
  /** Only what is not the same in all runs. */
  differs: boolean;
}

export interface JoinedRows {
  key: string;
  keys: string[];
  columns: string[];
  runs: string[];
  total: number;
  rows: [key: string, ...cells: (unknown[] | null)[]][];
}

export const ALL: JoinWanted = { ...EVERYTHING, of: 0, change: false, differs: false };

/** As the address keeps it. */
export function read(text: string | undefined): JoinWanted {
  const rows = readRows(text);
  try {
    const { of, change, differs } = JSON.parse(text ?? "{}") as Partial<JoinWanted>;
    return { ...rows, of: Number.isInteger(of) && of! > 0 ? of! : 0, change: change === true, differs: differs === true };
  } catch {
    return ALL;
  }
}

/** For the address; null where nothing is wanted that is not so anyway. */
export function written(wanted: JoinWanted): string | null {
  const told = Object.entries(wanted).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(ALL[name as keyof JoinWanted]));
  return told.length ? JSON.stringify(Object.fromEntries(told)) : null;
}

/** As it is asked. */
export function asked(runs: readonly string[], name: string, key: string | null, wanted: JoinWanted, limit: number) {
  const where = conditions(wanted.typed);
  return {
    runs: [...runs], name, key, limit, search: wanted.search, differs: wanted.differs, sort: wanted.sort, desc: wanted.desc,
    of: Math.min(wanted.of, runs.length - 1), change: wanted.change, where: where.length ? JSON.stringify(where) : null,
  };
}

/** The next order when the head of a run's column is pressed: greatest first, least first, by the key. */
export function turned(wanted: JoinWanted, column: string, of: number): JoinWanted {
  if (wanted.sort !== column || wanted.of !== of) return { ...wanted, sort: column, of, desc: true };
  return wanted.desc ? { ...wanted, desc: false } : { ...wanted, sort: null, of: 0 };
}
