/** Times of records and promises: RFC 3339 in UTC with three digits of a second. */

import { demand } from "./failure.ts";
import { type Json, textOf } from "./json.ts";

const TIME = /^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/;

/** A time as text. Two such texts compare as their times do. */
export function timeOf(value: Json | undefined, what: string): string {
  const text = textOf(value, what);
  const at = TIME.test(text) ? new Date(text) : undefined;
  // `Date` rolls 30 February over to March: what it writes again must be what it read.
  demand(at !== undefined && !Number.isNaN(at.getTime()) && at.toISOString() === text, `${what}: not a time`);
  return text;
}
