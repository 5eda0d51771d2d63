/**
 * Bundles the sources with the locked esbuild: `dist/verifier.js` for Node, `dist/page/*` for the browser.
 *
 *     node web/verifier/build.mjs
 *
 * The output is a function of sources and lock alone; it is built by `make setup` and not committed.
 */

import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const page = join(dist, "page");

const common = {
  bundle: true,
  charset: "utf8",
  target: "es2022",
  legalComments: "eof",
  logLevel: "warning",
  absWorkingDir: here,
};

await mkdir(page, { recursive: true });
await build({ ...common, entryPoints: ["src/index.ts"], outfile: join(dist, "verifier.js"), format: "esm", platform: "neutral", mainFields: ["module", "main"] });
await build({
  ...common,
  entryPoints: { verify: "page/main.ts", worker: "page/worker.ts" },
  outdir: page,
  format: "iife",
  platform: "browser",
  minify: true,
});
for (const name of ["verify.html", "verify.css"]) await copyFile(join(here, "page", name), join(page, name));
