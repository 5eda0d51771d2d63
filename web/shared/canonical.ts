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

/** A UUID version 7 (RFC 9562): it begins with the time. */
export function uuid(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  const rest = [...crypto.getRandomValues(new Uint8Array(10))].map((each) => each.toString(16).padStart(2, "0")).join("");
  const variant = ((Number.parseInt(rest[3] ?? "0", 16) & 3) | 8).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-${variant}${rest.slice(4, 7)}-${rest.slice(7, 19)}`;
}

export const random = (size: number): string => base64url(crypto.getRandomValues(new Uint8Array(size)));
