// The charts of the runs page: which metrics, in which sections.

export interface Section {
  /** The part of the names before the first slash; empty for names without one. */
  prefix: string;
  metrics: string[];
}

/** Whether a metric's name is what was searched: a text, or a pattern between slashes or with its signs. */
export function fits(name: string, search: string): boolean {
  const text = search.trim();
  if (!text) return true;
  const pattern = expression(text);
  return pattern ? pattern.test(name) : name.toLowerCase().includes(text.toLowerCase());
}

/** The pattern that a search is, or null where it is plain text. */
export function expression(search: string): RegExp | null {
  const inner = /^\/(.+)\/$/.exec(search)?.[1] ?? (/[\\^$*+?|()[\]{}]/.test(search) ? search : null);
  if (inner === null) return null;
  try {
    return new RegExp(inner, "i");
  } catch {
    return null; // half a pattern is looked for as it stands
  }
}

/** The metrics in sections by their prefix, those without one first. */
export function sections(metrics: readonly string[]): Section[] {
  const found = new Map<string, string[]>();
  for (const name of metrics) {
    const slash = name.indexOf("/");
    const prefix = slash > 0 ? name.slice(0, slash) : "";
    const list = found.get(prefix);
    if (list) list.push(name);
    else found.set(prefix, [name]);
  }
  const names = [...found.keys()].sort((left, right) => left.localeCompare(right));
  return names.map((prefix) => ({ prefix, metrics: found.get(prefix) ?? [] }));
}

/** The metric before or after another one, round and round. */
export function beside(metrics: readonly string[], name: string, step: 1 | -1): string {
  const place = metrics.indexOf(name);
  if (place < 0) return name;
  return metrics[(place + step + metrics.length) % metrics.length] ?? name;
}
