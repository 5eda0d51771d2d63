/** Hashes of joined parts. */

import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";

import { concat } from "./bytes.ts";

/** SHA-256. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return nobleSha256(concat(...parts));
}

/** Keccak-256 as Ethereum uses it. */
export function keccak256(...parts: readonly Uint8Array[]): Uint8Array {
  return keccak_256(concat(...parts));
}
