/**
 * A kept signature of a holder, checked without the node that kept it (docs/evidence.md 8.3 and 8.4).
 *
 * What the trust file must say is checked where there is one; what needs none always is.
 */

import { base64url, concat, equal, hex, utf8 } from "./bytes.ts";
import { demand } from "./failure.ts";
import { sha256 } from "./hashes.ts";
import { arrayOf, canonical, integerOf, type Json, type JsonObject, members, readObject, textOf } from "./json.ts";
import {
  checkJws, checkSignature, claim, fromBase64url, type Jws, type Key, parseJws, parseKey, sameKey, timeClaim,
} from "./jws.ts";
import { digestOf, milliseconds } from "./signedterms.ts";
import { checkProvider, type SignerTrust } from "./signertrust.ts";
import { isTime } from "./time.ts";

const DIGEST = /^[0-9a-f]{64}$/;
const KINDS = ["oidc", "passkey", "host_app", "counter"] as const;
export type SignerKind = (typeof KINDS)[number];
const MAX_KEPT = 65_536;
/** Milliseconds: one act; a clock that is ahead; a fresh login or answer; two statements. */
const TAKEN_WITHIN = 60_000;
const AHEAD = 10_000;
const FRESH = 300_000 + TAKEN_WITHIN;
const COUNTER = 1_800_000 + FRESH;
const SHARED = ["iss", "aud", "assistance", "terms", "signer", "identified_by", "pad"];
const UP_AND_UV = 0x05;

export interface Said {
  readonly kind: SignerKind;
  readonly provider: string;
  readonly assurance: number;
  readonly sha256: string;
  readonly key: string | null;
}

export interface Enrolled {
  readonly id: string;
  readonly kind: string;
  readonly digest: string;
  readonly holder: string;
  readonly key: Key;
  readonly rp: string;
  readonly salt: Uint8Array;
  readonly login: Jws;
  readonly token: string;
}

export interface Signed {
  readonly said: Said;
  /** Time of the record, milliseconds. */
  readonly at: number;
  readonly enrolled: Enrolled | null;
  /** SHA-256 of the code on the slip, of consent at a counter. */
  readonly slip: string | null;
  /** Whether the trust file knows everybody who had to sign. */
  readonly isProven: boolean;
  /** The login that signed, or that the key is enrolled for; null of staff at a counter. Whose it is, no evidence says. */
  readonly login: Jws | null;
}

/** Whether a kind signs with an enrolled key. */
export function isKeyed(kind: Json | undefined): boolean {
  return kind === "passkey" || kind === "host_app";
}

/** What a record says of the signature behind it. */
export function saidOf(parties: JsonObject): Said {
  const kind = KINDS.find((known) => known === parties.get("signer_kind"));
  demand(kind !== undefined, "unknown kind of a signature");
  const kept = members(parties.get(kind === "oidc" ? "id_token" : "signature"), "signature", "sha256");
  const assurance = integerOf(parties.get("assurance"), "assurance", 1);
  demand(assurance <= 3, "assurance");
  return {
    kind,
    provider: textOf(parties.get("provider"), "provider"),
    assurance,
    sha256: digestText(kept.get("sha256")),
    key: isKeyed(kind) ? textOf(parties.get("key"), "key") : null,
  };
}

/** Check that a kept signature is the one a record names, and signs a digest. */
export async function checkKept(
  kept: string,
  digest: string,
  parties: JsonObject,
  time: string,
  trust: SignerTrust | null,
): Promise<Signed> {
  const [said, at] = [saidOf(parties), milliseconds(time)];
  demand(sha256Hex(kept) === said.sha256, "another signature than the record names");
  const isProven = trust !== null;
  if (said.kind === "oidc") {
    const login = parseJws(kept);
    await checkLogin(login, digest, said, trust);
    checkAge(at - timeClaim(login, "iat"), FRESH, "iat of a login");
    if (login.claims.has("auth_time")) checkAge(at - timeClaim(login, "auth_time"), FRESH, "auth_time of a login");
    return { said, at, enrolled: null, slip: null, isProven, login };
  }
  const held = readObject(utf8(kept), MAX_KEPT);
  if (said.kind === "counter") return await checkCounter(held, digest, said, at, parties, trust);
  checkForm(members(held, "signature", "v kind at enrolment signature"), said.kind, at);
  const enrolled = parseEnrolled(held.get("enrolment"));
  demand(enrolled.id === said.key && enrolled.kind === said.kind, "the signature of another key");
  if (said.kind === "passkey") await checkPasskey(held.get("signature"), digest, enrolled, trust);
  else await checkHostApp(held.get("signature"), digest, enrolled, at, trust);
  return { said, at, enrolled, slip: null, isProven, login: enrolled.login };
}

/** Check that the code of a slip ended what two of the staff gave. */
export function checkSlip(kept: string, parties: JsonObject, time: string, given: Signed): Signed {
  const [said, at] = [saidOf(parties), milliseconds(time)];
  demand(sha256Hex(kept) === said.sha256, "another signature than the record names");
  const held = members(readObject(utf8(kept), MAX_KEPT), "signature", "v kind at code");
  checkForm(held, "counter", at);
  demand(given.slip !== null && sha256Hex(textOf(held.get("code"), "code")) === given.slip, "the code of another slip");
  return { said, at, enrolled: null, slip: null, isProven: given.isProven, login: null };
}

/** Check that a login provider signed whose a key is; the key's age when it signed, in milliseconds. */
export async function checkEnrolment(signed: Signed, trust: SignerTrust | null): Promise<number> {
  const { enrolled, said, at } = signed;
  demand(enrolled !== null, "no key signed");
  const { login } = enrolled;
  await checkLogin(login, enrolled.digest, said, trust);
  const code = `${claim(login, "iss")} ${claim(login, "sub")}`;
  const named = canonical(new Map<string, Json>([["code", code], ["country", "156"], ["type", "oidc"]]));
  demand(base64url(sha256(enrolled.salt, named)) === enrolled.holder, "a key that was enrolled for another login");
  const age = at - timeClaim(login, "iat");
  demand(age >= -AHEAD, "a key that was enrolled after it signed");
  return age;
}

async function checkLogin(login: Jws, digest: string, said: Said, trust: SignerTrust | null): Promise<void> {
  const typ = login.header.has("typ") ? login.header.get("typ") : "JWT";
  demand(typ === "JWT" || typ === "jwt", "typ of a login");
  demand(login.claims.get("nonce") === digest, "a login for something else");
  demand(claim(login, "iss") === said.provider, "a login at another provider");
  claim(login, "sub");
  if (trust === null) return;
  const assurance = await checkProvider(trust, said.provider, login);
  demand(said.assurance <= assurance, "assurance");
}

function parseEnrolled(value: Json | undefined): Enrolled {
  const held = members(value, "enrolment", "terms salt id_token");
  const terms = members(held.get("terms"), "terms of the key", "v type id kind holder key credential rp notice");
  demand(terms.get("type") === "cailian/key" && terms.get("v") === 1, "unknown version of terms");
  const text = (name: string) => textOf(terms.get(name), name);
  for (const name of ["credential", "notice"]) text(name);
  const [key, salt] = [parseKey(terms.get("key")), fromBase64url(held.get("salt"), "salt")];
  demand(key.alg === "ES256" && salt.length === 16, "an enrolled key");
  const token = textOf(held.get("id_token"), "id_token");
  const [id, kind, holder, rp] = [text("id"), text("kind"), text("holder"), text("rp")];
  return { id, kind, digest: digestOf(terms), holder, key, rp, salt, login: parseJws(token), token };
}

/** Web Authentication Level 3, 7.2. */
async function checkPasskey(
  value: Json | undefined,
  digest: string,
  { key, rp }: Enrolled,
  trust: SignerTrust | null,
): Promise<void> {
  const parts = members(value, "signature", "client_data_json authenticator_data signature");
  const bytes = (name: string) => fromBase64url(parts.get(name), name);
  const [client, data, signature] = [bytes("client_data_json"), bytes("authenticator_data"), bytes("signature")];
  const told = readObject(client, MAX_KEPT);
  const isSigned = told.get("type") === "webauthn.get" && told.get("challenge") === digest;
  demand(isSigned, "a passkey's signature of something else");
  demand(!told.has("crossOrigin") || told.get("crossOrigin") === false, "a passkey asked for inside another page");
  const origin = textOf(told.get("origin"), "origin");
  demand(data.length >= 37 && equal(data.subarray(0, 32), sha256(utf8(rp))), "a passkey of another site");
  demand(((data[32] ?? 0) & UP_AND_UV) === UP_AND_UV, "a passkey that did not verify the person");
  await checkSignature(key, concat(data, sha256(client)), signature, true);
  if (trust === null) return;
  const isSite = trust.site !== null && trust.site.rpId === rp && trust.site.origins.includes(origin);
  demand(isSite, "a site that is not in the trust file");
}

/** docs/signers.md, section 4. */
async function checkHostApp(
  value: Json | undefined,
  digest: string,
  enrolled: Enrolled,
  at: number,
  trust: SignerTrust | null,
): Promise<void> {
  const jws = parseJws(members(value, "signature", "jws").get("jws"));
  await checkJws(enrolled.key, jws);
  const { header, claims } = jws;
  demand(header.get("typ") === "cailian-consent+jwt" && header.get("kid") === enrolled.id, "header of an app's signature");
  const isSigned = claims.get("iss") === enrolled.rp && claims.get("nonce") === digest;
  demand(isSigned, "an app's signature of something else");
  demand(["pin", "face", "fingerprint"].includes(claim(jws, "uv")), "an app that did not verify the person");
  const audience = claim(jws, "aud");
  checkAge(at - timeClaim(jws, "iat"), FRESH, "iat of an app's signature");
  const isKnown = trust === null || (trust.hostApps.includes(enrolled.rp) && audience === trust.audience);
  demand(isKnown, "an app that is not in the trust file");
}

/** docs/signers.md, section 5: two statements of one thing, by two people in two roles. */
async function checkCounter(
  held: JsonObject,
  digest: string,
  said: Said,
  at: number,
  parties: JsonObject,
  trust: SignerTrust | null,
): Promise<Signed> {
  checkForm(members(held, "signature", "v kind at statements slip"), "counter", at);
  const slip = digestText(members(held.get("slip"), "slip", "sha256").get("sha256"));
  const made = arrayOf(held.get("statements"), "statements", 2, 2).map((each) => members(each, "statement", "jws key"));
  const stated = made.map((each) => ({ jws: parseJws(each.get("jws")), key: parseKey(each.get("key")) }));
  const [first, second] = stated;
  demand(first !== undefined && second !== undefined, "two of the staff state consent at a counter");
  await checkStatement(first, "window", at, COUNTER);
  await checkStatement(second, "reviewer", at, FRESH);
  for (const name of SHARED) demand(claim(first.jws, name) === claim(second.jws, name), "statements of two things");
  const of = (name: string) => claim(first.jws, name);
  demand(of("terms") === digest, "statements of something else");
  demand(of("operator") !== claim(second.jws, "operator"), "one person stated twice");
  const isKnown = ["id_card_read", "live_code"].includes(of("identified_by")) && DIGEST.test(of("pad"));
  demand(isKnown, "how staff knew the person");
  const isTrue = of("signer") === parties.get("signer") && said.provider === parties.get("requester");
  demand(isTrue && said.assurance <= 2, "what the record says of the person at the counter");
  const clients = trust === null ? null : trust.clients;
  const signed = { said, at, enrolled: null, slip, login: null };
  if (trust === null || clients === null) return { ...signed, isProven: false };
  const client = clients.find(({ id }) => id === of("iss"));
  const isTrusted = client !== undefined && client.org === said.provider && of("aud") === trust.audience;
  demand(isTrusted, "a system that is not in the trust file");
  for (const { key } of stated) {
    demand(client.keys.some((known) => sameKey(known, key)), "a system's key that is not in the trust file");
  }
  return { ...signed, isProven: true };
}

async function checkStatement(
  { jws, key }: { readonly jws: Jws; readonly key: Key },
  role: string,
  at: number,
  longest: number,
): Promise<void> {
  await checkJws(key, jws);
  members(jws.claims, "statement", [...SHARED, "iat", "operator", "role"].join(" "));
  const isStatement = jws.header.get("typ") === "cailian-assistance+jwt" && claim(jws, "role") === role;
  demand(isStatement, "role of a statement");
  checkAge(at - timeClaim(jws, "iat"), longest, "iat of a statement");
}

function checkForm(held: JsonObject, kind: string, at: number): void {
  const taken = held.get("at");
  const isKnown = held.get("v") === 1 && held.get("kind") === kind && isTime(taken);
  demand(isKnown, "unknown form of a signature");
  demand(Math.abs(at - milliseconds(textOf(taken, "at"))) <= TAKEN_WITHIN, "a signature that was taken at another time");
}

function checkAge(age: number, longest: number, what: string): void {
  demand(age >= -AHEAD && age <= longest, what);
}

function digestText(value: Json | undefined): string {
  const digest = textOf(value, "digest");
  demand(DIGEST.test(digest), "malformed digest");
  return digest;
}

/** SHA-256 of a text, in hex. */
export function sha256Hex(text: string): string {
  return hex(sha256(utf8(text)));
}
