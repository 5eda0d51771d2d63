/** How things stand, in a colour and in time. */

import { pick } from "./words.ts";

/** The tone of a state's badge. */
export function tone(state: string): "good" | "warn" | "bad" | "" {
  if (state === "active" || state === "approved") return "good";
  if (state === "pending" || state === "suspended") return "warn";
  return state === "withdrawn" ? "bad" : "";
}

/** Time that is left, in the largest unit that says enough. */
export function left(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600), Math.floor(seconds / 60)];
  if (days >= 2) return pick(`${days} 天`, `${days} days`);
  if (hours >= 2) return pick(`${hours} 小时`, `${hours} hours`);
  return `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
}
