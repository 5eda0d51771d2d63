/** The terms that holders sign, as evidence shows them: of a grant and of a delegation (docs/evidence.md 8.2). */

import { base64url } from "./bytes.ts";
import { demand } from "./failure.ts";
import { sha256 } from "./hashes.ts";
import { arrayOf, canonical, integerOf, type Json, type JsonObject, members, textOf } from "./json.ts";
import { timeOf } from "./time.ts";

const MODES: Readonly<Record<string, number>> = { verify: 1, data: 2, copy: 3 };
/** The rank of mode `data`, in which fields matter. */
export const DATA = 2;
const UNITS: Readonly<Record<string, number>> = { hour: 3600, day: 86_400, week: 604_800, month: 2_592_000 };
const MAX_LISTED = 200;
const REGION = /^[0-9]{6}$/;
const DIVISION = /^[0-9]{6}(?:[0-9]{3}){0,2}$/;

interface Limits {
  readonly digest: string;
  readonly id: string;
  readonly types: readonly string[];
  readonly mode: number;
  readonly regions: readonly string[];
  /** Spelled as in records, so that texts compare as times do. */
  readonly validFrom: string;
  readonly validTo: string;
}

export interface GrantTerms extends Limits {
  readonly basis: string;
  readonly holder: string;
  readonly org: string;
  readonly item: string;
  readonly case: string | null;
  readonly objects: readonly string[];
  readonly fields: readonly string[];
  readonly maxUses: number;
  readonly frequency: { readonly count: number; readonly seconds: number } | null;
  readonly freshDays: number | null;
  readonly noticeVersion: string;
  readonly notice: string | null;
}

export interface DelegationTerms extends Limits {
  readonly parent: string | null;
  readonly principal: string;
  readonly delegate: string;
  readonly items: readonly string[];
  readonly levels: number;
}

/** What a holder signs: SHA-256 of the canonical bytes, base64url. */
export function digestOf(value: JsonObject): string {
  return base64url(sha256(canonical(value)));
}

export function parseGrantTerms(value: JsonObject): GrantTerms {
  const names =
    "v type id basis grantor grantee purpose objects types fields mode max_uses frequency fresh_days " +
    "valid_from valid_to regions parent notice";
  const held = members(value, "terms", names);
  checkKind(held, "cailian/grant", 2);
  const grantee = members(held.get("grantee"), "grantee", "org party");
  const purpose = members(held.get("purpose"), "purpose", "item case cause");
  const notice = members(held.get("notice"), "notice", "version sha256");
  textOf(grantee.get("party"), "party");
  textOf(purpose.get("cause"), "cause");
  demand(held.get("parent") === null, "terms with a parent");
  const freshDays = held.get("fresh_days") ?? null;
  return {
    ...limitsOf(held),
    basis: textOf(held.get("basis"), "basis"),
    holder: textOf(members(held.get("grantor"), "grantor", "holder").get("holder"), "holder"),
    org: textOf(grantee.get("org"), "org"),
    item: textOf(purpose.get("item"), "item"),
    case: optional(purpose.get("case"), "case"),
    objects: listed(held.get("objects"), "objects"),
    fields: listed(held.get("fields"), "fields"),
    maxUses: integerOf(held.get("max_uses"), "max_uses"),
    frequency: frequencyOf(held.get("frequency") ?? null),
    freshDays: freshDays === null ? null : integerOf(freshDays, "fresh_days"),
    noticeVersion: textOf(notice.get("version"), "version of the notice"),
    notice: optional(notice.get("sha256"), "notice"),
  };
}

export function parseDelegationTerms(value: JsonObject): DelegationTerms {
  const names = "v type id parent principal delegate items types mode regions levels valid_from valid_to notice";
  const held = members(value, "terms", names);
  checkKind(held, "cailian/delegation", 1);
  textOf(held.get("notice"), "notice");
  return {
    ...limitsOf(held),
    parent: optional(held.get("parent"), "parent"),
    principal: textOf(held.get("principal"), "principal"),
    delegate: textOf(held.get("delegate"), "delegate"),
    items: listed(held.get("items"), "items"),
    levels: integerOf(held.get("levels"), "levels"),
  };
}

function limitsOf(held: JsonObject): Limits {
  return {
    digest: digestOf(held),
    id: textOf(held.get("id"), "id"),
    types: listed(held.get("types"), "types"),
    mode: rank(held.get("mode")),
    regions: listed(held.get("regions"), "regions").map(regionOf),
    validFrom: timeOf(held.get("valid_from"), "valid_from"),
    validTo: timeOf(held.get("valid_to"), "valid_to"),
  };
}

/** Refuse a child that gives more than its parent. */
export function checkChild(parent: DelegationTerms, child: DelegationTerms): void {
  const more = "a delegation gives more than the one above it";
  demand(child.levels < parent.levels, `${more}: levels`);
  demand(isWithin(child.items, parent.items), `${more}: items`);
  demand(isWithin(child.types, parent.types), `${more}: types`);
  demand(child.mode <= parent.mode, `${more}: mode`);
  demand(lieIn(child.regions, parent.regions), `${more}: regions`);
  demand(child.validFrom >= parent.validFrom && child.validTo <= parent.validTo, `${more}: period`);
}

/** Whether a moment lies in a period. */
export function holdsAt({ validFrom, validTo }: Limits, time: string): boolean {
  return validFrom <= time && time < validTo;
}

/** A mode as a number that grows with what it gives. */
export function rank(mode: Json | undefined): number {
  const found = typeof mode === "string" && Object.hasOwn(MODES, mode) ? MODES[mode] : undefined;
  demand(found !== undefined, "unknown mode");
  return found;
}

/** Whether codes are all given; `*` gives every one. */
export function isWithin(asked: readonly string[], given: readonly string[]): boolean {
  return given.includes("*") || asked.every((each) => given.includes(each));
}

/** A division code of six digits. */
function regionOf(value: Json | undefined): string {
  demand(typeof value === "string" && REGION.test(value), "a region that is no division code");
  return value;
}

/** A division code of six, nine or twelve digits: where an organisation sits. */
export function divisionOf(value: Json | undefined): string {
  demand(typeof value === "string" && DIVISION.test(value), "no division code");
  return value;
}

/** Whether each division is given, or lies in one that is (GB/T 2260). */
export function lieIn(asked: readonly string[], given: readonly string[]): boolean {
  return asked.every((each) =>
    [each, `${each.slice(0, 4)}00`, `${each.slice(0, 2)}0000`].some((wider) => given.includes(wider)),
  );
}

/** A time of a record in milliseconds since 1970. */
export function milliseconds(time: string): number {
  return new Date(time).getTime();
}

/** Texts of a list. */
export function listed(value: Json | undefined, what: string, most = MAX_LISTED): string[] {
  return arrayOf(value, what, 0, most).map((each) => textOf(each, what));
}

function checkKind(held: JsonObject, kind: string, version: number): void {
  demand(held.get("type") === kind && held.get("v") === version, "unknown version of terms");
}

function frequencyOf(value: Json): GrantTerms["frequency"] {
  if (value === null) return null;
  const held = members(value, "frequency", "count unit");
  const unit = textOf(held.get("unit"), "unit");
  const seconds = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
  demand(seconds !== undefined, "unknown unit of a frequency");
  return { count: integerOf(held.get("count"), "count"), seconds };
}

function optional(value: Json | undefined, what: string): string | null {
  return value === null || value === undefined ? null : textOf(value, what);
}
