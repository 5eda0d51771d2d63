/** Whether a use kept to its grant: every limit held against the use's entry (docs/evidence.md 8.6). */

import type { Said } from "./consent.ts";
import { demand } from "./failure.ts";
import type { Entry } from "./form.ts";
import { arrayOf, integerOf, type Json, type JsonObject, textOf } from "./json.ts";
import { factOf, partiesOf } from "./record.ts";
import { DATA, divisionOf, type GrantTerms, holdsAt, lieIn, listed, milliseconds, rank } from "./signedterms.ts";
import { timeOf } from "./time.ts";

const CLEAR = ":clear";
const DAY = 86_400_000;
const MAX_FIELDS = 1000;
const MAX_HOLDERS = 64;
/** Level of security from which consent is to one thing alone, by a sure signature and a key a day old. */
export const SENSITIVE = 3;
export const KEY_WAITS = 24 * 3_600_000;

/** Level of security of what was used, 1 to 4; null in a record that does not say it. */
export function levelOf(parties: JsonObject): number | null {
  if (!parties.has("level")) return null;
  const level = integerOf(parties.get("level"), "level", 1);
  demand(level <= 4, "level");
  return level;
}

/** A record of which everything is open. */
export interface Shown {
  readonly entry: Entry;
  readonly parties: JsonObject;
  readonly time: string;
}

/** An entry as a record of which everything is open, or null. */
export function shownOf(entry: Entry | undefined): Shown | null {
  const [fact, parties] = [factOf(entry), partiesOf(entry)];
  if (entry === undefined || fact === undefined || parties === undefined) return null;
  return { entry, parties, time: timeOf(fact.get("time"), "time") };
}

/** Hold every limit but those on how often against a use; whether the record says all there is to compare. */
export function checkLimits(terms: GrantTerms, said: Said, use: Shown, given: Shown, withdrawn: Shown | null): boolean {
  const { parties, time } = use;
  const stood = isBefore(given, use) && (withdrawn === null || isBefore(use, withdrawn));
  demand(stood, "a use while the grant did not stand");
  const more = "the use goes beyond the grant";
  const mode = rank(parties.get("mode"));
  demand(holdsAt(terms, time), `${more}: period`);
  demand(mode <= terms.mode, `${more}: mode`);
  demand(mode !== DATA || gives(terms.fields, parties.get("fields")), `${more}: fields`);
  demand(textOf(parties.get("item"), "item") === terms.item, `${more}: item`);
  demand(terms.case === null || parties.get("case") === terms.case, `${more}: case`);
  const [object, type] = ["object", "object_type"].map((name) => parties.get(name));
  const isNamed = terms.objects.includes(textOf(object, "object"));
  demand(isNamed || terms.types.includes(textOf(type, "object_type")), `${more}: objects`);
  demand(parties.get("requester") === terms.org, `${more}: requester`);
  const level = levelOf(parties);
  if (level !== null && level >= SENSITIVE) {
    demand(said.kind !== "counter" && said.assurance > 1, `${more}: level`);
    demand(terms.objects.length + terms.types.length === 1, `${more}: one thing alone`);
  }
  const isPlaced = (parties.get("division") ?? null) !== null;
  if (isPlaced) demand(lieIn([divisionOf(parties.get("division"))], terms.regions), `${more}: region`);
  const isDated = parties.has("dated");
  if (terms.freshDays !== null && isDated) {
    const age = milliseconds(time) - milliseconds(timeOf(parties.get("dated"), "dated"));
    demand(age <= terms.freshDays * DAY, `${more}: freshness`);
  }
  // A use that rests on the grants of several holders shows one of them: the rest is not compared.
  return level !== null && isPlaced && !parties.has("grants") && (terms.freshDays === null || isDated);
}

/** Count the uses of a grant up to this one, the first is 1; null where the bundle does not show all before it. */
export function countUses(terms: GrantTerms, use: Shown, earlier: readonly Shown[]): number | null {
  if (!use.parties.has("grant_use")) return null;
  const number = numberOf(use, terms.id);
  const numbers = earlier.map((each) => numberOf(each, terms.id));
  const isCounted = new Set(numbers).size === numbers.length && numbers.every((each) => each < number);
  demand(number <= terms.maxUses && isCounted, "the grant was used more often than it allows");
  if (terms.frequency !== null) {
    const since = milliseconds(use.time) - 1000 * terms.frequency.seconds;
    const recent = earlier.filter(({ time }) => milliseconds(time) > since).length;
    demand(recent < terms.frequency.count, "the grant was used too often at a time");
  }
  return numbers.length === number - 1 ? number : null;
}

/** Which use of a grant a record is of: its own number, or that among the grants of several holders. */
function numberOf({ parties }: Shown, grant: string): number {
  if (parties.get("grant") === grant) return integerOf(parties.get("grant_use"), "grant_use", 1);
  const named = arrayOf(parties.get("grants"), "grants", 0, MAX_HOLDERS);
  for (const each of named) demand(each instanceof Map, "grants: not an object");
  const found = named.find((each) => each instanceof Map && each.get("grant") === grant);
  return integerOf(found instanceof Map ? found.get("grant_use") : undefined, "grant_use", 1);
}

function gives(given: readonly string[], asked: Json | undefined): boolean {
  const masked = given.map((field) => (field.endsWith(CLEAR) ? field.slice(0, -CLEAR.length) : field));
  return listed(asked, "fields", MAX_FIELDS).every((field) => given.includes(field) || masked.includes(field));
}

/** In the log where both are there, else by their times. */
function isBefore(one: Shown, other: Shown): boolean {
  const [a, b] = [one.entry.place, other.entry.place];
  return a !== null && b !== null ? a.index < b.index : one.time <= other.time;
}
