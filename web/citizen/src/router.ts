/** Pages by what stands behind `#`, which no server sees. */

import { createRouter, createWebHashHistory } from "vue-router";

import AskPage from "./pages/AskPage.vue";
import HomePage from "./pages/HomePage.vue";

export const router = createRouter({
  history: createWebHashHistory("/m/"),
  routes: [
    { path: "/", component: HomePage },
    { path: "/asks/:batch", component: AskPage, props: true },
    { path: "/grants/:batch/:grant", component: () => import("./pages/GrantPage.vue"), props: true },
    { path: "/keys", component: () => import("./pages/KeysPage.vue") },
    { path: "/signing", component: () => import("./pages/SigningPage.vue") },
    { path: "/:rest(.*)*", redirect: "/" },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});
