/**
 * Builds the front page with the locked esbuild: `dist/*`.
 *
 *     node web/home/build.mjs
 */

import { copyFile } from "node:fs/promises";
import { join } from "node:path";

import { build } from "esbuild";

import { pack } from "../pack.mjs";

const here = import.meta.dirname;
const dist = join(here, "dist");

await build({
  absWorkingDir: here,
  entryPoints: { home: "src/main.ts", "home-style": "src/home.css" },
  outdir: dist,
  bundle: true,
  minify: true,
  format: "iife",
  platform: "browser",
  target: "es2022",
  charset: "utf8",
  logLevel: "warning",
});
await copyFile(join(here, "index.html"), join(dist, "index.html"));
await copyFile(join(here, "../console/public/icon.svg"), join(dist, "icon.svg"));
await pack(dist);
