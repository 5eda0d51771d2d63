/** Builds the citizen pages into `dist`, served by `api/routes/citizen.py` under `/m/` (a kiosk's by `kiosk.py`); no inline script, nothing from elsewhere. */

import { resolve } from "node:path";

import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

import { packed } from "../pack.mjs";

export default defineConfig({
  root: import.meta.dirname,
  base: "/m/",
  plugins: [vue(), packed(resolve(import.meta.dirname, "dist"))],
  // The verifier's SM library asks for Node's `crypto` where there is no browser's; here there is one.
  resolve: { alias: { crypto: resolve(import.meta.dirname, "src/nothing.ts") } },
  define: { __VUE_OPTIONS_API__: "false" },
  build: {
    target: ["es2022", "safari16", "chrome105"],
    assetsInlineLimit: 0, // the policy knows no data: but for images
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      checks: { pluginTimings: false },
      // The phone's pages, and a kiosk's, which shares their parts and none of their routes.
      input: { index: resolve(import.meta.dirname, "index.html"), kiosk: resolve(import.meta.dirname, "kiosk.html") },
    },
  },
});
