/** Times as people read them: Beijing time. */

import { preferences } from "./preferences.ts";

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
