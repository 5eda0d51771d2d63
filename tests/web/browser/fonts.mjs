/** Lets Chromium find the Chinese font of printed files: without any, text has no height, and pictures cannot be read. */

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "../../../web/node_modules/@expo-google-fonts/noto-sans-sc");

/** Before the browser is launched. */
export function useChineseFont() {
  const made = mkdtempSync(join(tmpdir(), "cailian-fonts-"));
  const folders = [`${FOLDER}/400Regular`, `${FOLDER}/600SemiBold`, "/usr/share/fonts"];
  const listed = folders.map((folder) => `<dir>${folder}</dir>`).join("");
  const file = join(made, "fonts.conf");
  writeFileSync(file, `<?xml version="1.0"?><fontconfig>${listed}<cachedir>${made}</cachedir></fontconfig>`);
  process.env.FONTCONFIG_FILE = file;
}
