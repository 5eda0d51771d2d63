/** The words in the language that is chosen. */

import { computed } from "vue";

import { preferences } from "../../shared/preferences.ts";
import { en } from "./words/en.ts";
import { zh } from "./words/zh.ts";

export { pick } from "../../shared/pick.ts";
export const t = computed(() => (preferences.language === "zh" ? zh : en));
