/** The auditor's pages start here; an answer of the identity provider in the address is taken first. */

import "../../shared/palette.css";
import "./style.css";
import "../../shared/preferences.ts";

import { createApp } from "vue";

import { provide } from "../../shared/answer.ts";
import { returned } from "../../shared/login.ts";
import App from "./App.vue";
import { routing } from "./router.ts";

provide(returned());
createApp(App).use(routing()).mount("#app");
