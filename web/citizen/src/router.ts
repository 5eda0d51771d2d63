/** Pages by what stands behind `#`, which no server sees. */

import { createRouter, createWebHashHistory, type Router } from "vue-router";

import AskPage from "./pages/AskPage.vue";
import HomePage from "./pages/HomePage.vue";
import { unreached } from "./unreached.ts";

const id = (name: string): string => `:${name}([0-9a-f-]{36})`;

/** Reads the address at once. */
export function routing(): Router {
  const router = createRouter({
    history: createWebHashHistory("/m/"),
    routes: [
      { path: "/", component: HomePage },
      { path: "/asks/:batch", component: AskPage, props: true },
      { path: "/grants", component: () => import("./pages/GrantsPage.vue") },
      { path: "/grants/:batch/:grant", component: () => import("./pages/GrantPage.vue"), props: true },
      { path: "/joint", component: () => import("./pages/JointPage.vue") },
      { path: "/cessations", component: () => import("./pages/CessationsPage.vue") },
      { path: `/refusals/${id("id")}`, component: () => import("./pages/RefusalPage.vue"), props: true },
      { path: "/licences", component: () => import("./pages/LicencesPage.vue") },
      { path: `/licences/${id("id")}`, component: () => import("./pages/LicencePage.vue"), props: true },
      { path: `/licences/${id("id")}/show`, component: () => import("./pages/ShowPage.vue"), props: true },
      {
        path: `/licences/${id("id")}/code`,
        component: () => import("./pages/CodePage.vue"),
        props: ({ params }) => ({ back: `/licences/${String(params["id"])}` }),
      },
      { path: "/materials", component: () => import("./pages/MaterialsPage.vue") },
      { path: `/materials/${id("id")}`, component: () => import("./pages/MaterialPage.vue"), props: true },
      { path: "/uses", component: () => import("./pages/UsesPage.vue") },
      { path: `/uses/${id("id")}`, component: () => import("./pages/UsePage.vue"), props: true },
      { path: "/notices", component: () => import("./pages/NoticesPage.vue") },
      { path: "/inquiries", component: () => import("./pages/InquiriesPage.vue") },
      { path: "/commitments", component: () => import("./pages/LettersPage.vue") },
      { path: `/commitments/${id("id")}`, component: () => import("./pages/LetterPage.vue"), props: true },
      { path: "/disputes", component: () => import("./pages/DisputesPage.vue") },
      { path: "/delegations", component: () => import("./pages/DelegationsPage.vue") },
      { path: "/delegations/new", component: () => import("./pages/DelegatePage.vue") },
      { path: `/delegations/new/${id("parent")}`, component: () => import("./pages/DelegatePage.vue"), props: true },
      { path: `/delegations/${id("id")}`, component: () => import("./pages/DelegationPage.vue"), props: true },
      { path: "/me", component: () => import("./pages/MePage.vue") },
      { path: "/on-behalf/:name", component: () => import("./pages/CompanyPage.vue"), props: true },
      {
        path: "/on-behalf/:name/code",
        component: () => import("./pages/CodePage.vue"),
        props: ({ params }) => ({ back: `/on-behalf/${String(params["name"])}` }),
      },
      { path: "/keys", component: () => import("./pages/KeysPage.vue") },
      { path: "/signing", component: () => import("./pages/SigningPage.vue") },
      { path: "/:rest(.*)*", redirect: "/" },
    ],
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  });
  router.onError((_error, to) => (unreached.value = to.fullPath));
  router.afterEach(() => (unreached.value = ""));
  return router;
}
