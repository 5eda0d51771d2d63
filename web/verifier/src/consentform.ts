/** What sections hold beside their entries: signed terms, and why a use was refused (docs/evidence.md 2.4). */

import { base64url, utf8 } from "./bytes.ts";
import { demand } from "./failure.ts";
import { sha256 } from "./hashes.ts";
import { arrayOf, canonical, type Json, type JsonObject, members, textOf } from "./json.ts";
import { fromBase64url } from "./jws.ts";

const MAX_SIGNATURE = 65_536;
const MAX_POLICIES = 64;

export interface Consent {
  readonly terms: JsonObject;
  /** The kept signature of giving, or of refusing, as text. */
  readonly signature: string;
  readonly withdrawal: string | null;
}

export interface Opened {
  readonly salt: Uint8Array;
  readonly identifier: JsonObject;
}

export interface Link {
  readonly terms: JsonObject;
  readonly signature: string;
  /** Commitments that whoever made the bundle opens, by name. */
  readonly opened: ReadonlyMap<string, Opened>;
}

/** Why a use was refused, which its record holds as a commitment. */
export interface Why {
  /** What the record holds. */
  readonly digest: string;
  readonly reason: string;
}

/** The member `decision`, what a holder signed to refuse, or null where there is none. */
export function parseDecision(value: Json | undefined): Consent | null {
  if (value === undefined) return null;
  const held = members(value, "decision", "terms signature");
  return { terms: termsOf(held.get("terms")), signature: signatureOf(held.get("signature")), withdrawal: null };
}

/** The member `why`, or null where there is none. */
export function parseWhy(value: Json | undefined): Why | null {
  if (value === undefined) return null;
  const held = members(value, "why", "salt content");
  const salt = fromBase64url(held.get("salt"), "salt");
  demand(salt.length === 16, "salt: not 16 bytes");
  const content = members(held.get("content"), "why", "holder policies reason");
  if (content.get("holder") !== null) textOf(content.get("holder"), "holder");
  for (const policy of arrayOf(content.get("policies"), "policies", 0, MAX_POLICIES)) textOf(policy, "policies");
  const digest = base64url(sha256(utf8("cailian/why/v1\0"), salt, canonical(content)));
  return { digest, reason: textOf(content.get("reason"), "reason") };
}

/** The member `consent`, or null where there is none. */
export function parseConsent(value: Json | undefined): Consent | null {
  if (value === undefined) return null;
  const held = members(value, "consent", "terms signature", "withdrawal");
  const withdrawal = held.get("withdrawal");
  return {
    terms: termsOf(held.get("terms")),
    signature: signatureOf(held.get("signature")),
    withdrawal: withdrawal === undefined ? null : signatureOf(withdrawal),
  };
}

/** The member `links`, one for each of a number of entries, or null where there is none. */
export function parseLinks(value: Json | undefined, entries: number): readonly Link[] | null {
  return value === undefined ? null : arrayOf(value, "links", entries, entries).map(parseLink);
}

function parseLink(value: Json): Link {
  const held = members(value, "link", "terms signature", "opened");
  const opened = held.get("opened") ?? null;
  demand(!held.has("opened") || opened instanceof Map, "opened: not an object");
  const openings: (readonly [string, Opened])[] = [];
  for (const [name, each] of opened instanceof Map ? opened : []) {
    demand(name === "principal" || name === "delegate", "opened: unknown member");
    openings.push([name, parseOpened(each)]);
  }
  return {
    terms: termsOf(held.get("terms")),
    signature: signatureOf(held.get("signature")),
    opened: new Map(openings),
  };
}

function parseOpened(value: Json): Opened {
  const held = members(value, "opened", "salt identifier");
  const salt = fromBase64url(held.get("salt"), "salt");
  demand(salt.length === 16, "salt: not 16 bytes");
  const identifier = members(held.get("identifier"), "identifier", "code country type");
  for (const text of identifier.values()) textOf(text, "identifier");
  return { salt, identifier };
}

function termsOf(value: Json | undefined): JsonObject {
  demand(value instanceof Map, "terms: not an object");
  return value;
}

function signatureOf(value: Json | undefined): string {
  const signature = textOf(value, "signature");
  demand(utf8(signature).length <= MAX_SIGNATURE, "signature: too large");
  return signature;
}
