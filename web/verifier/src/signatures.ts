/** Signatures: the only place that knows which library does what. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";

import { sm2 } from "sm-crypto-v2";

import { bigEndian, concat, equal, fromHex, hex, toBigInt } from "./bytes.ts";
import { keccak256, sha256 } from "./hashes.ts";

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

/** Whether an ES256 signature (FIPS 186-5, P-256 with SHA-256) is good: in DER as of passkeys, or r and s as of JOSE. */
export function p256Good(
  x: Uint8Array,
  y: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  isDer: boolean,
): boolean {
  try {
    const key = concat(Uint8Array.of(4), x, y);
    return p256.verify(signature, message, key, { lowS: false, prehash: true, format: isDer ? "der" : "compact" });
  } catch {
    return false;
  }
}

/** Order of the recommended SM2 curve (GB/T 32918.5). */
const SM2_ORDER = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;

/** Whether an SM2 signature with SM3 is good: r and s, under the default id of a signer (GB/T 32918.2, GB/T 35276). */
export function sm2Good(x: Uint8Array, y: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const inRange = [signature.subarray(0, 32), signature.subarray(32)].map(toBigInt).every((n) => n > 0n && n < SM2_ORDER);
  if (signature.length !== 64 || !inRange) return false;
  try {
    const key = hex(concat(Uint8Array.of(4), x, y));
    return sm2.verifyPublicKey(key) && sm2.doVerifySignature(message, hex(signature), key, { hash: true });
  } catch {
    return false;
  }
}

/** DigestInfo of SHA-256 before the digest (RFC 8017 9.2, note 1). */
const DIGEST_INFO = fromHex("3031300d060960864801650304020105000420");

/** Whether an RS256 signature (RFC 8017 8.2.2, exponent 65537) is good. Public values only: its time may tell. */
export function rs256Good(n: bigint, size: number, message: Uint8Array, signature: Uint8Array): boolean {
  const s = toBigInt(signature);
  if (signature.length !== size || s >= n) return false;
  let power = s;
  for (let i = 0; i < 16; i++) power = (power * power) % n;
  const padding = new Uint8Array(size - 3 - DIGEST_INFO.length - 32).fill(0xff);
  const expected = concat(Uint8Array.of(0, 1), padding, Uint8Array.of(0), DIGEST_INFO, sha256(message));
  return equal(bigEndian((power * s) % n, size), expected);
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
