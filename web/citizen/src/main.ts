/** The citizen pages start here; an answer of the identity provider in the address is taken first. */

import "vant/es/style/base.css";
import "vant/es/button/index.css";
import "vant/es/loading/index.css";
import "vant/es/checkbox/index.css";
import "vant/es/overlay/index.css";
import "vant/es/popup/index.css";
import "vant/es/switch/index.css";
import "vant/es/skeleton/index.css";
import "vant/es/skeleton-title/index.css";
import "vant/es/skeleton-paragraph/index.css";
import "../../shared/palette.css";
import "./style.css";
import "../../shared/preferences.ts";

import { createApp } from "vue";

import App from "./App.vue";
import { provide } from "../../shared/answer.ts";
import { returned } from "../../shared/login.ts";
import { routing } from "./router.ts";
import { keepPages } from "./worker.ts";

provide(returned());
createApp(App).use(routing()).mount("#app");
addEventListener("load", () => void keepPages());
if (document.readyState === "complete") void keepPages();
