/** The one byte form of what is signed (RFC 8785 on strings, integers below 2^53, booleans, null) and its digest. */

import { sha256 } from "@noble/hashes/sha2.js";

export type Json = string | number | boolean | null | readonly Json[] | Members;

/** An object; what is signed always is one. */
export type Members = { readonly [name: string]: Json };

/** Compact JSON with sorted names; names are ASCII, so that every way of sorting them is one. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new TypeError("not canonical");
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = value as Members;
  const names = Object.keys(members).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(members[name] as Json)}`).join(",")}}`;
}

export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** SHA-256, base64url; a library's, since WebCrypto is missing where a page came by plain HTTP. */
export const hash = (bytes: Uint8Array): string => base64url(sha256(bytes));

/** What a holder signs of a document. */
export const digestOf = (document: Json): string => hash(utf8(canonical(document)));

export const random = (size: number): string => base64url(crypto.getRandomValues(new Uint8Array(size)));
