/// <reference types="vite/client" />

declare module "vant/es/*/index.mjs" {
  export * from "vant";
}
