/** Recursive Length Prefix (Ethereum yellow paper, appendix B), in its one canonical encoding. */

import { bigEndian, concat, toBigInt } from "./bytes.ts";
import { demand } from "./failure.ts";

export type Rlp = Uint8Array | Rlp[];

/** The longest thing we decode is an extraData of 4,096 bytes; the deepest is 2. */
const MAX_DEPTH = 4;

/** Decode one item with nothing after it. */
export function decode(bytes: Uint8Array): Rlp {
  const [item, end] = read(bytes, 0, 0);
  demand(end === bytes.length, "RLP: something follows the item");
  return item;
}

/** Decode a list of strings. */
export function decodeStrings(bytes: Uint8Array): Uint8Array[] {
  return strings(decode(bytes));
}

/** The items of a list, all of them strings. */
export function strings(item: Rlp | undefined): Uint8Array[] {
  return list(item).map(string);
}

/** An item that must be a list. */
export function list(item: Rlp | undefined): Rlp[] {
  demand(Array.isArray(item), "RLP: not a list");
  return item;
}

/** An item that must be a string. */
export function string(item: Rlp | undefined): Uint8Array {
  demand(item instanceof Uint8Array, "RLP: not a string");
  return item;
}

function read(bytes: Uint8Array, at: number, depth: number): [Rlp, number] {
  const first = bytes[at];
  demand(first !== undefined, "RLP: cut short");
  if (first < 0x80) return [bytes.subarray(at, at + 1), at + 1];
  const isList = first >= 0xc0;
  const [start, end] = extent(bytes, at + 1, first - (isList ? 0xc0 : 0x80));
  if (!isList) {
    const isByte = end - start === 1 && (bytes[start] ?? 0) < 0x80;
    demand(!isByte, "RLP: small byte with a length");
    return [bytes.subarray(start, end), end];
  }
  demand(depth < MAX_DEPTH, "RLP: nested too deeply");
  const items: Rlp[] = [];
  for (let next = start; next < end; ) {
    const [item, after] = read(bytes.subarray(0, end), next, depth + 1);
    items.push(item);
    next = after;
  }
  return [items, end];
}

/** Where the payload starts and ends; `short` is the first byte without its offset. */
function extent(bytes: Uint8Array, at: number, short: number): [number, number] {
  let [start, size] = [at, short];
  if (short > 55) {
    start = at + short - 55;
    const length = bytes.subarray(at, start);
    demand(length.length === short - 55 && length[0] !== 0, "RLP: length of a length");
    const wide = toBigInt(length);
    demand(wide > 55n && wide <= BigInt(bytes.length), "RLP: length in a longer form than needed");
    size = Number(wide);
  }
  demand(start + size <= bytes.length, "RLP: cut short");
  return [start, start + size];
}

/** Encode an item. */
export function encode(item: Rlp): Uint8Array {
  if (Array.isArray(item)) {
    const payload = concat(...item.map(encode));
    return concat(prefix(payload.length, 0xc0), payload);
  }
  if (item.length === 1 && (item[0] ?? 0) < 0x80) return item;
  return concat(prefix(item.length, 0x80), item);
}

function prefix(size: number, offset: number): Uint8Array {
  if (size <= 55) return Uint8Array.of(offset + size);
  const length = bigEndian(BigInt(size), Math.ceil(size.toString(16).length / 2));
  return concat(Uint8Array.of(offset + 55 + length.length), length);
}
