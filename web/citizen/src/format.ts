/** Times and places as people read them. */

import { preferences } from "../../shared/preferences.ts";
import { places } from "./words/places.ts";

export { day, moment } from "../../shared/dates.ts";

/** A division code (GB/T 2260) by its name; the code where these pages do not know it. */
export function place(code: string): string {
  const known = places[code];
  if (!known) return code;
  return preferences.language === "zh" ? known[0] : known[1];
}
