/** Times and places as people read them. */

import { preferences } from "./preferences.ts";
import { places } from "./words/places.ts";

const locale = (): string => (preferences.language === "zh" ? "zh-CN" : "en-GB");

const inChina = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat(locale(), { timeZone: "Asia/Shanghai", ...options });

const two = "2-digit" as const;

/** A day, Beijing time, in figures (GB/T 7408): it fits a line twice. */
export const day = (at: string): string =>
  inChina({ year: "numeric", month: two, day: two })
    .format(new Date(at))
    .replaceAll("/", preferences.language === "zh" ? "-" : "/");

/** A day and a time, Beijing time. */
export const moment = (at: string): string =>
  `${day(at)} ${inChina({ hour: two, minute: two, hour12: false }).format(new Date(at))}`;

/** A division code (GB/T 2260) by its name; the code where these pages do not know it. */
export function place(code: string): string {
  const known = places[code];
  if (!known) return code;
  return preferences.language === "zh" ? known[0] : known[1];
}
