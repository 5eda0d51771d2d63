/** Spans of days as Beijing has them. */

import { day } from "../../shared/dates.ts";
import { pick } from "../../shared/pick.ts";
import type { Look } from "./things.ts";

/** From the first day to the last, both in it, as YYYY-MM-DD; empty where there is no bound. */
export interface Period {
  readonly since: string;
  readonly until: string;
}

/** The day it is in China. */
export const dayIn = (at: Date): string => new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);

/** The whole month before the one it is in China. */
export function monthBefore(at: Date): Period {
  const [year = 0, month = 1] = dayIn(at).split("-").map(Number);
  const first = new Date(Date.UTC(year, month - 2, 1));
  const last = new Date(Date.UTC(year, month - 1, 0));
  return { since: first.toISOString().slice(0, 10), until: last.toISOString().slice(0, 10) };
}

/** The days of a look, as they were chosen: its end is the moment after the last of them. */
export function daysOf({ since, until }: Look): string {
  if (since === null && until === null) return pick("全部时间", "of all time");
  const last = until === null ? pick("现在", "now") : day(new Date(Date.parse(until) - 1).toISOString());
  return `${since === null ? pick("最早", "the beginning") : day(since)} ${pick("至", "to")} ${last}`;
}
