/** Digests of a whole document. */

import { sm3 } from "sm-crypto-v2";

import { hex } from "./bytes.ts";
import { sha256 } from "./hashes.ts";

/** SHA-256 in hex: by WebCrypto, which is faster, where there is one. It is only there in secure contexts. */
export async function sha256Hex(document: Uint8Array<ArrayBuffer>): Promise<string> {
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  return hex(subtle ? new Uint8Array(await subtle.digest("SHA-256", document)) : sha256(document));
}

/** SM3 (GB/T 32905) in hex. */
export function sm3Hex(document: Uint8Array): string {
  return sm3(document);
}
