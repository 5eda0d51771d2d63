/** Times of records and promises: RFC 3339 in UTC with three digits of a second. */

import { demand } from "./failure.ts";
import type { Json } from "./json.ts";

const TIME = /^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/;

/** Whether a value is such a time, and exists in the calendar. */
export function isTime(value: Json | undefined): value is string {
  if (typeof value !== "string" || !TIME.test(value)) return false;
  const at = new Date(value);
  // `Date` rolls 30 February over to March: what it writes again must be what it read.
  return !Number.isNaN(at.getTime()) && at.toISOString() === value;
}

/** A time as text. Two such texts compare as their times do. */
export function timeOf(value: Json | undefined, what: string): string {
  demand(isTime(value), `${what}: not a time`);
  return value;
}
