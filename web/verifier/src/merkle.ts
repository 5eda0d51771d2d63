/** RFC 6962 / RFC 9162 inclusion over SHA-256. */

import { equal } from "./bytes.ts";
import { demand } from "./failure.ts";
import { sha256 } from "./hashes.ts";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Hash of a leaf (RFC 9162 2.1.1). */
export function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256(LEAF, leaf);
}

/** Check an inclusion path by the steps of RFC 9162 2.1.3.2; the numbers are its numbers. */
export function checkInclusion(
  leaf: Uint8Array,
  index: number,
  size: bigint,
  path: readonly Uint8Array[],
  root: Uint8Array,
): void {
  demand(BigInt(index) < size, "index beyond the tree"); // 1
  let [fn, sn] = [BigInt(index), size - 1n]; // 2
  let hash = leafHash(leaf); // 3
  for (const sibling of path) {
    demand(sn !== 0n, "path too long"); // 4.1
    if (fn & 1n || fn === sn) {
      hash = sha256(NODE, sibling, hash); // 4.2
      while (!(fn & 1n) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      hash = sha256(NODE, hash, sibling); // 4.3
    }
    [fn, sn] = [fn >> 1n, sn >> 1n]; // 4.4
  }
  demand(sn === 0n, "path too short"); // 5
  demand(equal(hash, root), "path does not lead to the root");
}
