/** Reads a log's tiles (C2SP tlog-tiles) and computes from them; what is read is kept while the page is open. */

import { concat, fromUtf8 } from "../../../verifier/src/bytes.ts";
import { demand } from "../../../verifier/src/failure.ts";
import { nodeHash, type Range, split } from "./consistency.ts";
import { fetchBytes } from "./source.ts";

const WIDTH = 256;
const HASH = 32;

/** Path of a tile below `tile/`; a tile that the tree does not fill is asked for as wide as the tree has it. */
function pathOf(level: number | "entries", n: number, width: number): string {
  const digits = String(n).padStart(Math.ceil(String(n).length / 3) * 3, "0");
  const groups = digits.match(/.{3}/g) ?? [];
  const name = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join("/");
  return `${level}/${name}${width === WIDTH ? "" : `.p/${width}`}`;
}

/** A tree of one size, computed from its tiles alone. */
export class Tree {
  private readonly held = new Map<string, Promise<Uint8Array>>();

  constructor(readonly size: number) {}

  /** The leaves low <= index < high, as they lie in the log. */
  async leaves(low: number, high: number): Promise<{ index: number; leaf: string }[]> {
    const found: { index: number; leaf: string }[] = [];
    for (let n = Math.floor(low / WIDTH); n * WIDTH < high; n++) {
      const first = n * WIDTH;
      const bundle = await this.tile("entries", n, Math.min(WIDTH, this.size - first));
      const leaves = decode(bundle);
      demand(leaves.length === Math.min(WIDTH, this.size - first), "entry bundle: not as many entries as asked for");
      leaves.forEach((leaf, at) => {
        if (first + at >= low && first + at < high) found.push({ index: first + at, leaf: fromUtf8(leaf) });
      });
    }
    return found;
  }

  /** The hash over some leaves: a subtree of its own. */
  async hashOf({ start, count }: Range): Promise<Uint8Array> {
    const level = Math.log2(count);
    if (Number.isInteger(level) && start % count === 0) return this.node(level, start / count);
    const left = split(count);
    const [one, two] = await Promise.all([
      this.hashOf({ start, count: left }),
      this.hashOf({ start: start + left, count: count - left }),
    ]);
    return nodeHash(one, two);
  }

  /** The root. */
  root = (): Promise<Uint8Array> => this.hashOf({ start: 0, count: this.size });

  /** A complete subtree of 2^level leaves. */
  private async node(level: number, index: number): Promise<Uint8Array> {
    const tileLevel = Math.floor(level / 8);
    const count = 2 ** (level % 8);
    const first = index * count;
    const n = Math.floor(first / WIDTH);
    const held = Math.floor(this.size / WIDTH ** tileLevel); // hashes in this level
    const hashes = await this.tile(tileLevel, n, Math.min(WIDTH, held - n * WIDTH));
    const at = (first % WIDTH) * HASH;
    demand(hashes.length >= at + count * HASH, "tile: too narrow");
    let row = Array.from({ length: count }, (_, i) => hashes.subarray(at + i * HASH, at + (i + 1) * HASH));
    while (row.length > 1) {
      row = Array.from({ length: row.length / 2 }, (_, i) => nodeHash(row[2 * i] as Uint8Array, row[2 * i + 1] as Uint8Array));
    }
    return row[0] as Uint8Array;
  }

  private tile(level: number | "entries", n: number, width: number): Promise<Uint8Array> {
    const path = pathOf(level, n, width);
    const known = this.held.get(path);
    if (known) return known;
    const asked = fetchBytes(`/log/tile/${path}`);
    this.held.set(path, asked);
    asked.catch(() => this.held.delete(path)); // asked again after a failure
    return asked;
  }
}

/** The leaves of an entry bundle: each behind its length, 2 bytes. */
function decode(bundle: Uint8Array): Uint8Array[] {
  const leaves: Uint8Array[] = [];
  let at = 0;
  while (at < bundle.length) {
    demand(at + 2 <= bundle.length, "entry bundle: cut off");
    const size = ((bundle[at] ?? 0) << 8) | (bundle[at + 1] ?? 0);
    at += 2;
    demand(at + size <= bundle.length, "entry bundle: cut off");
    leaves.push(concat(bundle.subarray(at, at + size)));
    at += size;
  }
  return leaves;
}
