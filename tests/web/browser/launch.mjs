/** Chromium for the tests: the machine's own, named by CHROMIUM, or the one that the lock of this folder brings. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { chromium } from "playwright-core";

import { useChineseFont } from "./fonts.mjs";

const TIMEOUT = 120_000;

/** Start it; the caller closes it. */
export const launch = async () => chromium.launch({ ...(await chosen()), timeout: TIMEOUT });

/** Where it is and what it is started with. Its pages find a font, which the packed one has none of. */
export async function chosen() {
  useChineseFont();
  const own = process.env.CHROMIUM;
  return own ? { executablePath: own, args: ["--no-sandbox"] } : unpacked();
}

/** The one that the lock brings, unpacked: where it is and what it is started with. Not by two processes at a time. */
export async function unpacked() {
  // It unpacks itself and the libraries it needs below TMPDIR; kept beside its package, so that it does so once. It
  // brings those libraries only where it takes the machine for the kind of host it was made for.
  process.env.TMPDIR = join(import.meta.dirname, "node_modules/.chromium");
  process.env.AWS_LAMBDA_JS_RUNTIME ??= "nodejs22.x";
  mkdirSync(process.env.TMPDIR, { recursive: true });
  const { default: packed } = await import("@sparticuz/chromium");
  // In a single process, closing one profile would end the whole browser.
  const args = packed.args.filter((argument) => argument !== "--single-process");
  return { executablePath: await packed.executablePath(), args };
}
