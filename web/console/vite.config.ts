/** Builds the console into `dist`, served by `api/routes/console.py` under `/console/`; no inline script, nothing from elsewhere. */

import { resolve } from "node:path";

import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

import { packed } from "../pack.mjs";

export default defineConfig({
  root: import.meta.dirname,
  base: "/console/",
  plugins: [vue(), packed(resolve(import.meta.dirname, "dist"))],
  define: { __VUE_OPTIONS_API__: "false" },
  build: {
    target: ["es2022", "safari16", "chrome105"],
    assetsInlineLimit: 0, // as in the citizen pages
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 900, // kB; the charts, which are loaded when they are looked at
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
