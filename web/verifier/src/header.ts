/** Block headers: their fields by JSON-RPC names, and their hashes (docs/evidence.md 2.3). */

import { equal, fromHex, hex, toBigInt } from "./bytes.ts";
import { demand } from "./failure.ts";
import { keccak256 } from "./hashes.ts";
import { arrayOf, type Json, textOf } from "./json.ts";
import * as rlp from "./rlp.ts";

const MAX_BYTES = 4096;
/** Size of a field in bytes; `int`: without leading zeros, at most 32; `any`: anything. In the order of the RLP list. */
const FIELDS = {
  parentHash: 32, sha3Uncles: 32, miner: 20, stateRoot: 32, transactionsRoot: 32, receiptsRoot: 32, logsBloom: 256,
  difficulty: "int", number: "int", gasLimit: "int", gasUsed: "int", timestamp: "int", extraData: "any", mixHash: 32,
  nonce: 8, baseFeePerGas: "int", withdrawalsRoot: 32, blobGasUsed: "int", excessBlobGas: "int",
  parentBeaconBlockRoot: 32, requestsHash: 32,
} as const;
export type Field = keyof typeof FIELDS;
const NAMES = Object.keys(FIELDS) as Field[];
/** As first defined, London, Shanghai, Cancun, Prague. */
const COUNTS = [15, 16, 17, 20, 21];

/** `mixHash` of blocks made by BFT validators: Keccak-256 of "Istanbul practical byzantine fault tolerance". */
export const BFT_MIX_HASH = fromHex("63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365");

/** Bytes of `0x` and an even number of lower-case digits; `size` bytes, if given. */
export function bytesOfHex(value: Json | undefined, what: string, size?: number): Uint8Array {
  const text = textOf(value, what);
  demand(text.startsWith("0x") && text.length <= 2 + 2 * MAX_BYTES, `${what}: not hex of at most ${MAX_BYTES} bytes`);
  const bytes = fromHex(text.slice(2));
  demand(size === undefined || bytes.length === size, `${what}: not ${size} bytes`);
  return bytes;
}

/** A list of 1 to 64 nodes of a trie. */
export function nodesOf(value: Json | undefined, what: string): Uint8Array[] {
  return arrayOf(value, what, 1, 64).map((node) => bytesOfHex(node, what));
}

/** Encodings of the items of a BFT block's extraData. */
type ExtraItems = [vanity: Uint8Array, validators: Uint8Array, vote: Uint8Array, round: Uint8Array, seals: Uint8Array];

export class Header {
  private constructor(private readonly fields: ReadonlyMap<Field, Uint8Array>) {}

  /** Read a header; its meaning is not looked at. */
  static parse(value: Json | undefined): Header {
    demand(value instanceof Map && COUNTS.includes(value.size), "header: not 15, 16, 17, 20 or 21 fields");
    const fields = new Map<Field, Uint8Array>();
    for (const name of NAMES.slice(0, value.size)) {
      const kind = FIELDS[name];
      const bytes = bytesOfHex(value.get(name), `header.${name}`, typeof kind === "number" ? kind : undefined);
      if (kind === "int") demand(bytes.length <= 32 && bytes[0] !== 0, `header.${name}: not an integer`);
      fields.set(name, bytes);
    }
    return new Header(fields);
  }

  /** Bytes of one of the first 15 fields. */
  get(name: Field): Uint8Array {
    return this.fields.get(name) ?? new Uint8Array();
  }

  /** One of the integer fields. */
  integer(name: Field): bigint {
    return toBigInt(this.get(name));
  }

  /** Keccak-256 of the header with another extraData. */
  hashWith(extraData: Uint8Array): Uint8Array {
    const fields = [...this.fields].map(([name, bytes]) => rlp.encode(name === "extraData" ? extraData : bytes));
    return keccak256(rlp.join(fields));
  }

  /** Whether the header says that BFT validators made it. */
  isBft(): boolean {
    return equal(this.get("mixHash"), BFT_MIX_HASH);
  }

  /** The five items of a BFT block's extraData; what is in them is not looked at. */
  extraItems(): ExtraItems {
    const items = rlp.split(this.get("extraData"));
    demand(items.length === 5, "extraData: not five items");
    return items as ExtraItems;
  }

  /** The block hash as explorers show it; round and seals of a BFT block are outside it. */
  blockHash(): string {
    if (!this.isBft()) return `0x${hex(this.hashWith(this.get("extraData")))}`;
    const [vanity, validators, vote] = this.extraItems();
    return `0x${hex(this.hashWith(rlp.join([vanity, validators, vote, rlp.EMPTY, rlp.EMPTY_LIST])))}`;
  }
}
