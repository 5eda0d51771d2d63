/** Language, size of letters and colours, as a page built with Vue follows them. */

import { reactive, watchEffect } from "vue";

import { apply, kept, type Preferences } from "./keeping.ts";

export type { Language, Theme } from "./keeping.ts";

export const preferences = reactive<Preferences>({ ...kept() });

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = (): void => apply(preferences, dark.matches);

watchEffect(follow);
dark.addEventListener("change", follow);
