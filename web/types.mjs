/**
 * Writes `shared/openapi.ts`: the types of every operation our pages call, from the exchange's own description.
 *
 * `node web/types.mjs` (`make types`) writes; with `--check` it says whether what is committed is what would be written.
 * The description comes from `python -m api.answers`, which starts nothing.
 */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import openapiTS, { astToString } from "openapi-typescript";

const ROOT = join(import.meta.dirname, "..");
const PLACE = join(import.meta.dirname, "shared/openapi.ts");
const HEAD = `/** Written by \`make types\` from the exchange's description; not by hand. */\n\n`;

const python = process.env.PYTHON ?? join(ROOT, ".venv/bin/python");
const told = spawnSync(python, ["-m", "api.answers"], { cwd: ROOT, encoding: "utf8", maxBuffer: 64 * 1024 ** 2 });
if (told.status !== 0) throw new Error(told.stderr);
const tree = await openapiTS(JSON.parse(told.stdout), { immutable: true, defaultNonNullable: false, alphabetize: true });
const written = HEAD + astToString(tree);
if (process.argv.includes("--check")) {
  const held = existsSync(PLACE) ? readFileSync(PLACE, "utf8") : "";
  if (held !== written) {
    console.error("web/shared/openapi.ts is not what the exchange describes; run `make types`");
    process.exit(1);
  }
} else {
  writeFileSync(PLACE, written);
}
