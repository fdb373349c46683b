/** Files as a tree: folders with what is below them, made from paths. */

export interface Leaf {
  path: string;
  size: number | null;
}

export interface Folder<F extends Leaf> {
  name: string;
  path: string;
  folders: Folder<F>[];
  files: F[];
  count: number;
  size: number;
}

export interface Row<F extends Leaf> {
  depth: number;
  name: string;
  path: string;
  folder: Folder<F> | null;
  file: F | null;
  open: boolean;
}

/** The tree of some files, folders and files each in the order of their names, numbers in them by their size. */
export function tree<F extends Leaf>(files: readonly F[]): Folder<F> {
  const root = folder<F>("", "");
  const known = new Map<string, Folder<F>>([["", root]]);
  for (const file of files) below(known, parent(file.path)).files.push(file);
  settle(root);
  return root;
}

function folder<F extends Leaf>(name: string, path: string): Folder<F> {
  return { name, path, folders: [], files: [], count: 0, size: 0 };
}

function below<F extends Leaf>(known: Map<string, Folder<F>>, path: string): Folder<F> {
  const found = known.get(path);
  if (found) return found;
  const made = folder<F>(last(path), path);
  known.set(path, made);
  below(known, parent(path)).folders.push(made);
  return made;
}

const collator = new Intl.Collator("en", { numeric: true });

function settle<F extends Leaf>(one: Folder<F>): void {
  one.folders.forEach((each) => settle(each));
  one.folders.sort((a, b) => collator.compare(a.name, b.name));
  one.files.sort((a, b) => collator.compare(last(a.path), last(b.path)));
  one.count = one.files.length + sum(one.folders.map((each) => each.count));
  one.size = sum(one.files.map((each) => each.size ?? 0)) + sum(one.folders.map((each) => each.size));
}

function sum(numbers: number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}

/** The rows to show, top down, when these folders are open; a folder in a folder of its own is shown as one. */
export function rows<F extends Leaf>(root: Folder<F>, open: ReadonlySet<string>): Row<F>[] {
  const found: Row<F>[] = [];
  const walk = (one: Folder<F>, depth: number): void => {
    for (const child of one.folders) {
      const inner = squeezed(child);
      const name = one.path ? inner.path.slice(one.path.length + 1) : inner.path;
      const shown = open.has(inner.path);
      found.push({ depth, name, path: inner.path, folder: inner, file: null, open: shown });
      if (shown) walk(inner, depth + 1);
    }
    for (const file of one.files) {
      found.push({ depth, name: last(file.path), path: file.path, folder: null, file, open: false });
    }
  };
  walk(root, 0);
  return found;
}

/** The folder itself, or the innermost of a chain of folders that hold nothing but one folder. */
function squeezed<F extends Leaf>(one: Folder<F>): Folder<F> {
  const only = one.folders[0];
  return one.files.length === 0 && one.folders.length === 1 && only ? squeezed(only) : one;
}

/** The folders that must be open for a path to be seen. */
export function above(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, place) => parts.slice(0, place + 1).join("/"));
}

/** The folders to open first: all where that is few rows, else only the first level. */
export function opened<F extends Leaf>(root: Folder<F>, most = 60): Set<string> {
  const all = new Set<string>();
  const walk = (one: Folder<F>): void => one.folders.forEach((child) => { all.add(child.path); walk(child); });
  walk(root);
  if (root.count + all.size <= most) return all;
  return new Set(root.folders.filter((child) => child.count <= most / 2).map((child) => squeezed(child).path));
}

export function last(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function parent(path: string): string {
  const at = path.lastIndexOf("/");
  return at < 0 ? "" : path.slice(0, at);
}
