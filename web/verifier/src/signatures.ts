/** Signatures: the only place that knows which library does what. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";

import { concat } from "./bytes.ts";
import { keccak256 } from "./hashes.ts";

/** WebCrypto, where the page is in a secure context; some networks serve pages without TLS. */
const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;

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
    // The library wants the recovery bit before r and s.
    const held = secp256k1.Signature.fromBytes(concat(Uint8Array.of(recovery), signature), "recovered");
    return keccak256(held.recoverPublicKey(hash).toBytes(false).subarray(1)).subarray(12);
  } catch {
    return null;
  }
}
