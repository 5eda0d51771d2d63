/** Language, size of letters and colours, kept on the device; nothing here is of anybody. */

import { reactive, watchEffect } from "vue";

export type Language = "zh" | "en";
export type Theme = "auto" | "light" | "dark";

interface Preferences {
  language: Language;
  elder: boolean;
  theme: Theme;
}

const PLACE = "cailian.preferences";
const first: Preferences = { language: "zh", elder: false, theme: "auto" };

function kept(): Partial<Preferences> {
  try {
    return JSON.parse(localStorage.getItem(PLACE) ?? "{}") as Partial<Preferences>;
  } catch {
    return {}; // no storage in this web view, or not ours
  }
}

export const preferences = reactive<Preferences>({ ...first, ...kept() });

const dark = matchMedia("(prefers-color-scheme: dark)");

function apply(): void {
  const root = document.documentElement;
  root.lang = preferences.language === "zh" ? "zh-CN" : "en";
  root.dataset["elder"] = String(preferences.elder);
  const isDark = preferences.theme === "dark" || (preferences.theme === "auto" && dark.matches);
  root.dataset["theme"] = isDark ? "dark" : "light";
  try {
    localStorage.setItem(PLACE, JSON.stringify(preferences));
  } catch {
    // not kept
  }
}

watchEffect(apply);
dark.addEventListener("change", apply);
