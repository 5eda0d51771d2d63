/** The words in the language that is chosen. */

import { computed } from "vue";

import { preferences } from "./preferences.ts";
import { en } from "./words/en.ts";
import { zh } from "./words/zh.ts";

export const t = computed(() => (preferences.language === "zh" ? zh : en));

/** The one of two texts that is in the language chosen. */
export const pick = (chinese: string, english: string): string => (preferences.language === "zh" ? chinese : english);
