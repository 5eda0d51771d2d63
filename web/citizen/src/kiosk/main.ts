/** The page of a kiosk starts here. It has one address and no history: what somebody looked at is nowhere to go back to. */

import "../../../shared/palette.css";
import "./kiosk.css";
import "../../../shared/preferences.ts";

import { createApp } from "vue";

import KioskApp from "./KioskApp.vue";

createApp(KioskApp).mount("#app");
