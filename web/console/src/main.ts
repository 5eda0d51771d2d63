/** The console starts here; an answer of the identity provider in the address is taken first. */

import "element-plus/theme-chalk/base.css";
import "element-plus/theme-chalk/el-alert.css";
import "element-plus/theme-chalk/el-button.css";
import "element-plus/theme-chalk/el-checkbox.css";
import "element-plus/theme-chalk/el-dialog.css";
import "element-plus/theme-chalk/el-input.css";
import "element-plus/theme-chalk/el-overlay.css";
import "element-plus/theme-chalk/el-progress.css";
import "element-plus/theme-chalk/el-radio-button.css";
import "element-plus/theme-chalk/el-radio-group.css";
import "element-plus/theme-chalk/el-radio.css";
import "element-plus/theme-chalk/el-skeleton-item.css";
import "element-plus/theme-chalk/el-skeleton.css";
import "element-plus/theme-chalk/el-tabs.css";
import "element-plus/theme-chalk/el-tab-pane.css";
import "element-plus/theme-chalk/el-tag.css";
import "../../shared/palette.css";
import "./style.css";
import "./print.css";
import "../../shared/preferences.ts";

import { createApp } from "vue";

import App from "./App.vue";
import { provide } from "../../shared/answer.ts";
import { returned } from "../../shared/login.ts";
import { allowEmptying } from "./emptying.ts";
import { routing } from "./router.ts";

allowEmptying();
provide(returned());
createApp(App).use(routing()).mount("#app");
