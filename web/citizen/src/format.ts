/** Times and places as people read them. */

import { preferences } from "./preferences.ts";
import { places } from "./words/places.ts";

const locale = (): string => (preferences.language === "zh" ? "zh-CN" : "en-GB");

const inChina = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat(locale(), { timeZone: "Asia/Shanghai", ...options });

/** A day, Beijing time. */
export const day = (at: string): string =>
  inChina({ year: "numeric", month: preferences.language === "zh" ? "long" : "short", day: "numeric" }).format(new Date(at));

/** A day and a time, Beijing time. */
export const moment = (at: string): string =>
  inChina({ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false }).format(
    new Date(at),
  );

/** A division code (GB/T 2260) by its name; the code where these pages do not know it. */
export function place(code: string): string {
  const known = places[code];
  if (!known) return code;
  return preferences.language === "zh" ? known[0] : known[1];
}
