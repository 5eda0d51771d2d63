/** Compact JWS as evidence holds them, and the keys that verify them (docs/evidence.md 8.1). */

import { base64url, fromBase64, toBigInt, utf8 } from "./bytes.ts";
import { demand } from "./failure.ts";
import { type Json, type JsonObject, members, readObject, textOf } from "./json.ts";
import { ed25519Good, p256Good, rs256Good, sm2Good } from "./signatures.ts";

const MAX_SIZE = 8192;
const FORM = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;
const FORBIDDEN = ["crit", "b64", "jwk", "jku", "x5u", "x5c", "zip", "enc"];
const MEMBERS = { ES256: "crv kty x y", SM2: "crv kty x y", EdDSA: "crv kty x", RS256: "e kty n" } as const;
export type Algorithm = keyof typeof MEMBERS;

export interface Jws {
  readonly header: JsonObject;
  readonly claims: JsonObject;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

export interface Key {
  readonly alg: Algorithm;
  /** The members that RFC 7638 hashes, by name. */
  readonly jwk: ReadonlyMap<string, string>;
  readonly kid: string;
}

/** Bytes of base64url without padding, in its one spelling. */
export function fromBase64url(value: Json | undefined, what: string): Uint8Array {
  const text = textOf(value, what);
  const bytes = fromBase64(text.replaceAll("-", "+").replaceAll("_", "/") + "=".repeat((4 - (text.length % 4)) % 4));
  demand(base64url(bytes) === text, `${what}: not base64url`);
  return bytes;
}

/** Take a JWS apart; nothing of it is verified. */
export function parseJws(value: Json | undefined): Jws {
  const text = textOf(value, "JWS");
  const parts = text.length <= MAX_SIZE ? FORM.exec(text) : null;
  demand(parts !== null, "not a compact JWS");
  const [header, claims] = [1, 2].map((i) => readObject(fromBase64url(parts[i], "part of a JWS"), MAX_SIZE));
  demand(header !== undefined && claims !== undefined, "not a compact JWS");
  for (const name of FORBIDDEN) demand(!header.has(name), "header of a JWS");
  const signature = fromBase64url(parts[3], "signature of a JWS");
  return { header, claims, signed: utf8(`${parts[1] ?? ""}.${parts[2] ?? ""}`), signature };
}

/** A NumericDate claim in milliseconds. */
export function timeClaim(jws: Jws, name: string): number {
  const value = jws.claims.get(name);
  demand(typeof value === "number" && value >= 0, `${name} of a JWS`);
  return value * 1000;
}

/** A claim that is a text and not empty. */
export function claim(jws: Jws, name: string): string {
  const value = jws.claims.get(name);
  demand(typeof value === "string" && value !== "", `${name} of a JWS`);
  return value;
}

/** Read a public JWK with exactly the members of its type, and `kid` where it is named. */
export function parseKey(value: Json | undefined, isNamed = false): Key {
  demand(value instanceof Map, "key: not an object");
  const alg = algorithmOf(value.get("kty"), value.get("crv"));
  const held = members(value, "key", MEMBERS[alg] + (isNamed ? " kid" : ""));
  for (const [name, text] of held) textOf(text, `${name} of a key`);
  if (alg === "RS256") {
    const modulus = fromBase64url(held.get("n"), "modulus");
    const isSized = modulus.length >= 256 && modulus.length <= 512 && modulus[0] !== 0;
    demand(held.get("e") === "AQAB" && isSized, "members of a key");
  } else {
    for (const name of ["x", "y"]) {
      demand(!held.has(name) || fromBase64url(held.get(name), name).length === 32, "members of a key");
    }
  }
  const kid = isNamed ? textOf(held.get("kid"), "kid") : "";
  demand(!isNamed || kid !== "", "members of a key");
  return { alg, jwk: new Map(MEMBERS[alg].split(" ").map((name) => [name, textOf(held.get(name), name)])), kid };
}

function algorithmOf(kty: Json | undefined, crv: Json | undefined): Algorithm {
  if (kty === "EC" && crv === "P-256") return "ES256";
  if (kty === "EC" && crv === "SM2") return "SM2";
  if (kty === "OKP" && crv === "Ed25519") return "EdDSA";
  demand(kty === "RSA" && (crv === undefined || crv === null), "type of a key");
  return "RS256";
}

/** Whether two keys are one. */
export function sameKey(a: Key, b: Key): boolean {
  return a.alg === b.alg && [...a.jwk].every(([name, text]) => b.jwk.get(name) === text);
}

/** Check a JWS by a key. */
export async function checkJws(key: Key, jws: Jws): Promise<void> {
  demand(jws.header.get("alg") === key.alg, "algorithm of a JWS");
  demand((key.alg !== "ES256" && key.alg !== "SM2") || jws.signature.length === 64, "signature");
  await checkSignature(key, jws.signed, jws.signature, false);
}

/** Check a signature over bytes; of ES256 in DER, or as r and s. */
export async function checkSignature(key: Key, signed: Uint8Array, signature: Uint8Array, isDer: boolean): Promise<void> {
  const part = (name: string) => fromBase64url(key.jwk.get(name), name);
  let isGood: boolean;
  if (key.alg === "ES256") isGood = p256Good(part("x"), part("y"), signed, signature, isDer);
  else if (key.alg === "SM2") isGood = sm2Good(part("x"), part("y"), signed, signature);
  else if (key.alg === "EdDSA") isGood = await ed25519Good(part("x"), signed, signature);
  else isGood = rs256Good(toBigInt(part("n")), part("n").length, signed, signature);
  demand(isGood, "signature");
}
