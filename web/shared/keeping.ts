/** Choices of a reader, as every page of the node keeps them on the device; nothing here is of anybody. */

export type Language = "zh" | "en";
export type Theme = "auto" | "light" | "dark";

export interface Preferences {
  language: Language;
  elder: boolean;
  theme: Theme;
}

const PLACE = "cailian.preferences";
const first: Preferences = { language: "zh", elder: false, theme: "auto" };

/** What was chosen before; the first choice where nothing is kept, or what is kept is not ours. */
export function kept(): Preferences {
  try {
    return { ...first, ...(JSON.parse(localStorage.getItem(PLACE) ?? "{}") as Partial<Preferences>) };
  } catch {
    return first;
  }
}

/** Put choices into force on this page, and keep them where the web view has storage. */
export function apply(chosen: Preferences, isDark: boolean): void {
  const root = document.documentElement;
  root.lang = chosen.language === "zh" ? "zh-CN" : "en";
  root.dataset["elder"] = String(chosen.elder);
  root.dataset["theme"] = chosen.theme === "dark" || (chosen.theme === "auto" && isDark) ? "dark" : "light";
  try {
    localStorage.setItem(PLACE, JSON.stringify(chosen));
  } catch {
    // not kept
  }
}
