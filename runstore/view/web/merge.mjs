// Of a page that was cut into pieces those that it begins with become one file again: a browser that asks for seventeen
// waits for each of them. The others then take from that file what they took from its pieces.
import { rm, writeFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import * as esbuild from "esbuild";

/**
 * Merge an entry and the pieces that it needs at once.
 *
 * @param shared the options of the build that made them.
 * @param outputs what that build says of them: esbuild's `metafile.outputs`.
 * @param entries the sources whose pieces become one; it is called after the first of them.
 */
export async function merge(shared, outputs, entries) {
  const here = shared.absWorkingDir;
  const pieces = needed(outputs, entries);
  const target = resolve(here, pieces[0]);
  const numbers = new Map(pieces.map((path, number) => [resolve(here, path), number]));
  const exported = (path, turned) => `export { ${outputs[path].exports.map((name) => turned(name, `p${numbers.get(resolve(here, path))}_${name}`)).join(", ")} }`;
  const own = outputs[pieces[0]].exports.join(", ");
  const lines = pieces.map((path) => `import ${quoted(path)};${exported(path, (name, known) => `${name} as ${known}`)} from ${quoted(path)};`);
  const whole = [`export { ${own} } from ${quoted(pieces[0])};`, ...lines].join("\n");
  const known = new Map(pieces.map((path) => [resolve(here, path), `${exported(path, (name, one) => `${one} as ${name}`)} from "merged";`]));

  const build = { ...shared, sourcemap: false, splitting: false, metafile: false, write: false, outdir: undefined };
  const inside = (path) => numbers.has(path);
  const first = await esbuild.build({ ...build, stdin: { contents: whole, resolveDir: here }, outfile: target, plugins: [away(target, (path) => !inside(path))] });
  const others = Object.keys(outputs).filter((path) => path.endsWith(".js") && !pieces.includes(path));
  const rest = await Promise.all(
    others.map((path) => {
      const at = resolve(here, path);
      const from = { name: "merged", setup: (made) => taken(made, at, known, target) };
      return esbuild.build({ ...build, entryPoints: [at], outfile: at, plugins: [from, away(at, (one) => one !== at)] });
    }),
  );
  for (const path of pieces) await rm(resolve(here, path));
  for (const { outputFiles } of [first, ...rest]) for (const file of outputFiles) await writeFile(file.path, file.contents);
  return pieces;
}

/** The pieces that entries need at once, the first entry's own before all. */
function needed(outputs, entries) {
  const found = new Set();
  const take = (path) => {
    if (found.has(path)) return;
    found.add(path);
    for (const { path: other, kind } of outputs[path].imports) if (kind === "import-statement") take(other);
  };
  for (const entry of entries) take(Object.keys(outputs).find((path) => outputs[path].entryPoint === entry));
  return [...found];
}

/** Pieces that stay files of their own are loaded from where they lie. */
function away(at, apart) {
  return {
    name: "apart",
    setup: (made) =>
      made.onResolve({ filter: /\.js$/ }, ({ path, resolveDir, kind }) => {
        const found = resolve(resolveDir, path);
        return kind !== "entry-point" && apart(found) ? { path: shown(at, found), external: true } : undefined;
      }),
  };
}

/** What was taken from a piece that was merged is taken from the whole. */
function taken(made, at, known, target) {
  made.onResolve({ filter: /\.js$/ }, ({ path, resolveDir, kind }) => {
    const found = resolve(resolveDir, path);
    return kind !== "entry-point" && known.has(found) ? { path: found, namespace: "merged" } : undefined;
  });
  made.onLoad({ filter: /.*/, namespace: "merged" }, ({ path }) => ({ contents: known.get(path), resolveDir: dirname(path) }));
  made.onResolve({ filter: /^merged$/ }, () => ({ path: shown(at, target), external: true }));
}

function shown(at, path) {
  const found = relative(dirname(at), path);
  return found.startsWith(".") ? found : `./${found}`;
}

function quoted(path) {
  return JSON.stringify(path.startsWith(".") ? path : `./${path}`);
}
