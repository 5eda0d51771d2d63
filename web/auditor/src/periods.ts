/** Spans of days as Beijing has them. */

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
