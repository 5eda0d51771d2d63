import { preferences } from "./preferences.ts";

/** The one of two texts that is in the language chosen. */
export const pick = (chinese: string, english: string): string => (preferences.language === "zh" ? chinese : english);
