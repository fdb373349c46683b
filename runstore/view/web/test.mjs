// Bundles every src/**/*.test.ts(x) for Node and runs them with Node's own test runner.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "node_modules", ".tests");
const wanted = process.argv[2] ?? "";
const tests = readdirSync(join(here, "src"), { recursive: true, encoding: "utf8" })
  .filter((path) => /\.test\.tsx?$/.test(path) && path.includes(wanted))
  .map((path) => join("src", path));

await rm(out, { recursive: true, force: true });
await esbuild.build({
  absWorkingDir: here,
  entryPoints: tests,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node18",
  outdir: out,
  outbase: "src",
  outExtension: { ".js": ".mjs" },
  jsx: "automatic",
  jsxImportSource: "preact",
  loader: { ".css": "empty" },
  logLevel: "warning",
});
const built = readdirSync(out, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".mjs"));
const run = spawnSync(process.execPath, ["--test", ...built.map((path) => join(out, path))], { stdio: "inherit" });
process.exit(run.status ?? 1);
