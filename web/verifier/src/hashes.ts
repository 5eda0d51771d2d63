/** Hash functions and signatures: the only place that knows which library does what. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { sm3 as smCryptoSm3 } from "sm-crypto-v2";

import { concat } from "./bytes.ts";

/** SHA-256 of joined parts. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return nobleSha256(concat(...parts));
}

/** Keccak-256 as Ethereum uses it. */
export function keccak256(...parts: readonly Uint8Array[]): Uint8Array {
  return keccak_256(concat(...parts));
}

/** SM3 (GB/T 32905), lower-case hex. */
export function sm3Hex(bytes: Uint8Array): string {
  return smCryptoSm3(bytes);
}

/** WebCrypto, where the page is in a secure context; some networks serve pages without TLS. */
const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;

/** SHA-256 of a whole document: by WebCrypto, off this thread, where there is one. */
export async function sha256Large(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return subtle ? new Uint8Array(await subtle.digest("SHA-256", bytes)) : nobleSha256(bytes);
}

/** Whether an Ed25519 signature (RFC 8032) is good. */
export async function ed25519Good(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (key.length !== 32 || signature.length !== 64) return false;
  try {
    if (subtle) {
      const raw = await subtle.importKey("raw", Uint8Array.from(key), "Ed25519", false, ["verify"]);
      return await subtle.verify("Ed25519", raw, Uint8Array.from(signature), Uint8Array.from(message));
    }
  } catch {
    // An older browser has WebCrypto without Ed25519, or the key is no point: the library decides.
  }
  try {
    return ed25519.verify(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
}

/** Address of the key that made a recoverable secp256k1 signature over a hash, or null if there is none. */
export function recoverAddress(hash: Uint8Array, signature: Uint8Array, recovery: number): Uint8Array | null {
  try {
    // The library wants the recovery bit before r and s, and the bare hash.
    const key = secp256k1.recoverPublicKey(concat(Uint8Array.of(recovery), signature), hash, { prehash: false });
    return keccak256(secp256k1.Point.fromBytes(key).toBytes(false).subarray(1)).subarray(12);
  } catch {
    return null;
  }
}
