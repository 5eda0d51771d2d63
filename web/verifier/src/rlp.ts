/**
 * Recursive Length Prefix (Ethereum yellow paper, appendix B), in its one canonical encoding.
 *
 * One level at a time: a list is taken apart into the encodings of its items, and each is read by whoever knows what it
 * must be. So nothing recurses, and what nobody has to read is not read.
 */

import { bigEndian, concat, toBigInt } from "./bytes.ts";
import { demand } from "./failure.ts";

/** Encoding of the empty string, which is also the number 0. */
export const EMPTY = Uint8Array.of(0x80);
/** Encoding of the empty list. */
export const EMPTY_LIST = Uint8Array.of(0xc0);

/** Encodings of the items of a list that is the whole input. */
export function split(bytes: Uint8Array): Uint8Array[] {
  const { isList, start, end } = item(bytes, 0);
  demand(isList, "RLP: not a list");
  demand(end === bytes.length, "RLP: something follows the item");
  const items: Uint8Array[] = [];
  for (let at = start; at < end; ) {
    const next = item(bytes, at).end;
    items.push(bytes.subarray(at, next));
    at = next;
  }
  return items;
}

/** Content of a string that is the whole input. */
export function string(bytes: Uint8Array): Uint8Array {
  const { isList, start, end } = item(bytes, 0);
  demand(!isList, "RLP: not a string");
  demand(end === bytes.length, "RLP: something follows the item");
  return bytes.subarray(start, end);
}

/** Contents of a list of strings. */
export function strings(bytes: Uint8Array): Uint8Array[] {
  return split(bytes).map(string);
}

/** Where the content of the item at `at` starts and ends. */
function item(bytes: Uint8Array, at: number): { isList: boolean; start: number; end: number } {
  const first = bytes[at];
  demand(first !== undefined, "RLP: cut short");
  if (first < 0x80) return { isList: false, start: at, end: at + 1 };
  const isList = first >= 0xc0;
  const { start, size } = extent(bytes, at + 1, first - (isList ? 0xc0 : 0x80));
  const end = start + size;
  demand(end <= bytes.length, "RLP: cut short");
  demand(isList || size !== 1 || (bytes[start] ?? 0) >= 0x80, "RLP: small byte with a length");
  return { isList, start, end };
}

/** Start and size of a content whose first byte, less its offset, is `short`. */
function extent(bytes: Uint8Array, at: number, short: number): { start: number; size: number } {
  if (short <= 55) return { start: at, size: short };
  const start = at + short - 55;
  const length = bytes.subarray(at, start);
  demand(length.length === short - 55 && length[0] !== 0, "RLP: malformed length");
  const size = toBigInt(length);
  demand(size > 55n && size <= BigInt(bytes.length), "RLP: length too small for its form, or beyond the end");
  return { start, size: Number(size) };
}

/** Encoding of a string. */
export function encode(content: Uint8Array): Uint8Array {
  if (content.length === 1 && (content[0] ?? 0) < 0x80) return content;
  return concat(prefix(content.length, 0x80), content);
}

/** Encoding of a list of items that are encodings themselves. */
export function join(items: readonly Uint8Array[]): Uint8Array {
  const content = concat(...items);
  return concat(prefix(content.length, 0xc0), content);
}

function prefix(size: number, offset: number): Uint8Array {
  if (size <= 55) return Uint8Array.of(offset + size);
  const length = bigEndian(BigInt(size), Math.ceil(size.toString(16).length / 2));
  return concat(Uint8Array.of(offset + 55 + length.length), length);
}
