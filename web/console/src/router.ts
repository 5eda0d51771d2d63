/** Pages by what stands behind `#`, which no server sees. */

import { createRouter, createWebHashHistory, type Router } from "vue-router";

import CasesPage from "./pages/CasesPage.vue";
import SigningPage from "./pages/SigningPage.vue";

const number = ":no([A-Za-z0-9._-]{1,64})";

/** Reads the address at once. */
export const routing = (): Router =>
  createRouter({
    history: createWebHashHistory(import.meta.env.BASE_URL),
    routes: [
      { path: "/", component: CasesPage },
      { path: "/signing", component: SigningPage, meta: { open: true } },
      { path: "/new", component: () => import("./pages/NewCasePage.vue") },
      { path: `/cases/${number}`, component: () => import("./pages/CasePage.vue"), props: true },
      { path: `/cases/${number}/print/:kind(receipt|acceptance|supplement)`, component: () => import("./pages/PrintPage.vue"), props: true },
      { path: "/scan", component: () => import("./pages/ScanPage.vue") },
      { path: "/figures", component: () => import("./pages/FiguresPage.vue") },
      { path: "/node", component: () => import("./pages/NodePage.vue") },
      { path: "/outbox", component: () => import("./pages/OutboxPage.vue") },
      { path: "/parties", component: () => import("./pages/PartiesPage.vue") },
      { path: "/parties/join", component: () => import("./pages/JoinPage.vue") },
      { path: "/parties/:id([0-9a-f-]{36})", component: () => import("./pages/PartyPage.vue"), props: true },
      { path: "/access", component: () => import("./pages/AccessPage.vue") },
      { path: "/:folder(items|material-types|licence-types)", component: () => import("./pages/CataloguePage.vue"), props: true },
      { path: "/:folder(items|material-types|licence-types)/:code([A-Za-z0-9._-]{4,64})", component: () => import("./pages/DefinitionPage.vue"), props: true },
      { path: "/:rest(.*)*", redirect: "/" },
    ],
  });
