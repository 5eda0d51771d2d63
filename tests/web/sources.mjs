/** Modules of the pages one by one, for tests of their parts. */

import { join } from "node:path";

import { build } from "../../web/node_modules/esbuild/lib/main.js";

export const root = join(import.meta.dirname, "../..");

/** Import modules of `web/verifier/src` by name: `const { json, rlp } = await sources("json", "rlp")`. */
export const sources = (...names) => modules("web/verifier/src", ...names);

/** The same of another folder; nothing in it may need a page. */
export async function modules(folder, ...names) {
  const contents = names.map((name) => `export * as ${name} from "./${name}.ts";`).join("\n");
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(root, folder), loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    charset: "utf8",
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}
