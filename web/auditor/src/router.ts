/** Pages by what stands behind `#`, which no server sees. What is about the log is open; records are for auditors. */

import { createRouter, createWebHashHistory, type Router } from "vue-router";

import HomePage from "./pages/HomePage.vue";
import SigningPage from "./pages/SigningPage.vue";

const uuid = ":id([0-9a-f-]{36})";

/** Reads the address at once. */
export const routing = (): Router =>
  createRouter({
    history: createWebHashHistory(import.meta.env.BASE_URL),
    routes: [
      { path: "/", component: HomePage },
      { path: "/signing", component: SigningPage },
      { path: "/log", component: () => import("./pages/LogPage.vue") },
      { path: "/log/entries", component: () => import("./pages/EntriesPage.vue") },
      { path: "/log/entries/:index(\\d{1,16})", component: () => import("./pages/EntryPage.vue"), props: true },
      { path: "/log/checkpoints", component: () => import("./pages/CheckpointsPage.vue") },
      { path: "/log/compare/:one(\\d{1,16})/:other(\\d{1,16})", component: () => import("./pages/ComparePage.vue"), props: true },
      { path: "/search", component: () => import("./pages/SearchPage.vue"), meta: { staff: true } },
      { path: "/looks", component: () => import("./pages/LooksPage.vue"), meta: { staff: true } },
      { path: `/looks/${uuid}`, component: () => import("./pages/LookPage.vue"), props: true, meta: { staff: true } },
      { path: "/:rest(.*)*", redirect: "/" },
    ],
    scrollBehavior: (to, from, kept) => kept ?? (to.path === from.path ? {} : { top: 0 }),
  });
