/**
 * Bundles the sources with the locked esbuild: `dist/verifier.js` for Node, `dist/page/*` for the browser.
 *
 *     node web/verifier/build.mjs
 *
 * The output is a function of sources and lock alone; it is built by `make setup` and not committed.
 */

import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build, transform } from "esbuild";

import { pack } from "../pack.mjs";

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

// The page holds its worker as text, so that whoever saves it has everything; and one file holds all of the page.
const read = (name, folder = page) => readFile(join(folder, name), "utf8");
const inert = (code) => code.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
const hashOf = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const [worker, script, style] = [inert(await read("worker.js")), inert(await read("verify.js")), await read("verify.css", join(here, "page"))];
// What stands at the top is read before any script runs; the script says it again, in the language that is asked for.
const { code } = await transform(await read("words.ts", join(here, "page")), { loader: "ts" });
const { zh } = (await import(`data:text/javascript,${encodeURIComponent(code)}`)).words;
const said = { title: zh.title, lead: zh.lead, privacy: zh.privacy };
const spoken = Object.entries(said).reduce(
  (page, [id, text]) => page.replace(new RegExp(`id="${id}"[^>]*>`), (place) => place + text),
  await read("verify.html", join(here, "page")),
);
const html = spoken.replace('id="worker"></script>', () => `id="worker">${worker}</script>`);
const policy = [
  "default-src 'none'", `script-src ${hashOf(script)}`, `style-src ${hashOf(style)}`, "worker-src blob:", "img-src data:",
  "form-action 'none'", "base-uri 'none'", "require-trusted-types-for 'script'", "trusted-types cailian",
].join("; ");
const alone = html
  .replace('<meta charset="utf-8">', () => `<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${policy}">`)
  .replace('<link rel="stylesheet" href="/verify/verify.css">', () => `<style>${style}</style>`)
  .replace('<script src="/verify/verify.js" defer></script>\n', "")
  .replace("</body>", () => `<script>${script}</script>\n</body>`);
await writeFile(join(page, "verify.html"), html);
await writeFile(join(page, "verify.css"), style);
await writeFile(join(page, "cailian-verify.html"), alone);
await rm(join(page, "worker.js"));
await pack(page);
