/** Builds the auditor's pages into `dist`, served by `api/routes/auditing.py` under `/auditor/`; nothing from elsewhere. */

import { resolve } from "node:path";

import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

import { packed } from "../pack.mjs";

export default defineConfig({
  root: import.meta.dirname,
  base: "/auditor/",
  plugins: [vue(), packed(resolve(import.meta.dirname, "dist"))],
  // The verifier's SM library asks for Node's `crypto` where there is no browser's; here there is one.
  resolve: { alias: { crypto: resolve(import.meta.dirname, "src/nothing.ts") } },
  define: { __VUE_OPTIONS_API__: "false" },
  build: {
    target: ["es2022", "safari16", "chrome105"],
    assetsInlineLimit: 0, // as in the citizen pages
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
