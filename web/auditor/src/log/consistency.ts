/** RFC 9162 consistency of two trees, and the subtrees both proofs are made of. Pure: hashes come from whoever reads tiles. */

import { equal } from "../../../verifier/src/bytes.ts";
import { demand } from "../../../verifier/src/failure.ts";
import { sha256 } from "../../../verifier/src/hashes.ts";

const NODE = Uint8Array.of(1);

/** Hash of two nodes (RFC 9162 2.1.1). */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(NODE, left, right);

/** Leaves from `start` on, `count` of them. */
export interface Range {
  readonly start: number;
  readonly count: number;
}

/** The largest power of two below a number. */
export function split(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

/** Subtrees that prove a leaf's place, from its sibling up (RFC 9162 2.1.3.1). */
export function inclusionRanges(index: number, size: number): Range[] {
  const ranges: Range[] = [];
  let start = 0;
  let count = size;
  while (count > 1) {
    const left = split(count);
    if (index < start + left) {
      ranges.unshift({ start: start + left, count: count - left });
      count = left;
    } else {
      ranges.unshift({ start, count: left });
      start += left;
      count -= left;
    }
  }
  return ranges;
}

/** Subtrees that prove that the first leaves of the greater tree are the smaller one (RFC 9162 2.1.4.1). */
export function consistencyRanges(smaller: number, greater: number): Range[] {
  const subproof = (m: number, start: number, count: number, isWhole: boolean): Range[] => {
    if (m === count) return isWhole ? [] : [{ start, count }];
    const left = split(count);
    if (m <= left) return [...subproof(m, start, left, isWhole), { start: start + left, count: count - left }];
    return [...subproof(m - left, start + left, count - left, false), { start, count: left }];
  };
  return smaller === 0 || smaller === greater ? [] : subproof(smaller, 0, greater, true);
}

/** Check a consistency path by the steps of RFC 9162 2.1.4.2; the numbers are its numbers. */
export function checkConsistency(
  smaller: number,
  greater: number,
  path: readonly Uint8Array[],
  first: Uint8Array,
  second: Uint8Array,
): void {
  demand(smaller <= greater, "the first tree is greater");
  if (smaller === greater) {
    demand(path.length === 0 && equal(first, second), "one size, two roots");
    return;
  }
  if (smaller === 0) return; // every tree begins with the empty one
  demand(path.length > 0, "path empty"); // 1
  const isComplete = Number.isInteger(Math.log2(smaller));
  const hashes = isComplete ? [first, ...path] : [...path]; // 2
  let [fn, sn] = [BigInt(smaller) - 1n, BigInt(greater) - 1n]; // 3
  while (fn & 1n) [fn, sn] = [fn >> 1n, sn >> 1n]; // 4
  let [fr, sr] = [hashes[0], hashes[0]] as [Uint8Array, Uint8Array]; // 5
  for (const c of hashes.slice(1)) {
    demand(sn !== 0n, "path too long"); // 6.1
    if (fn & 1n || fn === sn) {
      fr = nodeHash(c, fr); // 6.2.1
      sr = nodeHash(c, sr); // 6.2.2
      while (!(fn & 1n) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n]; // 6.2.3
    } else {
      sr = nodeHash(sr, c); // 6.3
    }
    [fn, sn] = [fn >> 1n, sn >> 1n]; // 6.4
  }
  demand(equal(fr, first), "the path does not lead to the first root"); // 7
  demand(equal(sr, second) && sn === 0n, "the path does not lead to the second root");
}
