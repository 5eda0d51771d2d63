/**
 * Packs what was built, once, for sending: beside each file its Brotli and gzip forms, of which `api/browsers.py` sends
 * the one that the browser takes.
 */

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

const KINDS = /\.(css|html|js|svg|webmanifest)$/;

/** Pack a folder and all below it. */
export async function pack(folder) {
  for (const name of await readdir(folder, { recursive: true })) {
    if (!KINDS.test(name)) continue;
    const path = join(folder, name);
    const data = await readFile(path);
    await writeFile(`${path}.br`, brotliCompressSync(data));
    await writeFile(`${path}.gz`, gzipSync(data, { level: 9 }));
  }
}

/** The same for Vite, after it has written all. */
export const packed = (folder) => ({ name: "packed", apply: "build", closeBundle: () => pack(folder) });
