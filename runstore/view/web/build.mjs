// Builds the page into runstore/view/static: the page, its lazy chunks (ECharts) and its style sheet.
// `--watch` builds again when a source changes, `--demo` builds the demo of the charts into demo/built.
// esbuild is called through its JS API: its command is swapped for a native binary when it is installed.
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { merge } from "./merge.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const demo = process.argv.includes("--demo");
const watch = process.argv.includes("--watch");
const out = demo ? join(here, "demo", "built") : join(here, "..", "static");

const shared = {
  absWorkingDir: here,
  bundle: true,
  format: "esm",
  target: ["es2022", "chrome110", "firefox110", "safari16"],
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: !watch && !demo,
  sourcemap: watch || demo ? "inline" : false,
  legalComments: "none", // the licences are written whole, below
  metafile: true,
  logLevel: "warning",
  outdir: out,
};

// The page, cut into chunks that are loaded when they are needed.
const page = {
  ...shared,
  entryPoints: demo ? { demo: "demo/demo.tsx" } : { page: "src/page.ts" },
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
};

// What begins: one small file that asks for the first data at once, while the page itself is still being loaded.
const main = {
  ...shared,
  entryPoints: { main: "src/main.ts" },
  plugins: [{ name: "page", setup: (build) => build.onResolve({ filter: /^\.\/page$/ }, () => ({ path: "./page.js", external: true })) }],
};

// The same in one module, for notebooks and reports, which can load no second file; and what asks a kernel for it.
const whole = { ...shared, entryPoints: { whole: "src/whole.ts", widget: "src/notebook/loader.ts" } };

const builds = demo ? [page] : [main, page, whole];
const html = demo ? join(here, "demo", "demo.html") : join(here, "src", "index.html");

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await copyFile(html, join(out, "index.html"));
const packages = new Set();
for (const options of builds) {
  if (watch) {
    await (await esbuild.context(options)).watch();
  } else {
    const { metafile } = await esbuild.build(options);
    if (options === page && !demo) await merge(shared, metafile.outputs, ["src/page.ts", "src/pages/runs.tsx"]);
    for (const path of Object.keys(metafile.inputs)) {
      const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path);
      if (found) packages.add(found[1]);
    }
  }
}
if (!watch) {
  await writeFile(join(out, "licences.txt"), await licences([...packages].sort()));
  for (const file of await readdir(out, { recursive: true })) if (/(?<!whole)\.(js|css)$/.test(file)) await pack(join(out, file));
}

/** Beside a file, the same packed for whoever looks from afar. */
async function pack(file) {
  await writeFile(`${file}.gz`, gzipSync(await readFile(file), { level: 9 }));
}

/** The licence of every package that is in the bundle, as each asks. */
async function licences(names) {
  const found = [];
  for (const name of names) {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice)/i.test(file) && existsSync(join(folder, file)));
    const texts = await Promise.all(files.filter((file) => !/s$/i.test(file)).map((file) => readFile(join(folder, file), "utf8")));
    found.push([`${name} ${version} (${license})`, ...texts.map((text) => text.trim())].join("\n\n"));
  }
  return found.join(`\n\n${"-".repeat(80)}\n\n`) + "\n";
}
