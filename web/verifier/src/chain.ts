/** Step 10: the anchor contract held the top's root in a block of the trusted chain (docs/evidence.md 2.3, 1 to 7). */

import { bigEndian, concat, equal, utf8 } from "./bytes.ts";
import { demand, Failure } from "./failure.ts";
import { keccak256, sha256 } from "./hashes.ts";
import { bytesOfHex, Header, nodesOf } from "./header.ts";
import { integerOf, type Json, type JsonObject, members } from "./json.ts";
import type { Note } from "./note.ts";
import * as rlp from "./rlp.ts";
import { valueAt } from "./trie.ts";
import type { TrustedChain } from "./trust.ts";

/** The last second of the year 9999. */
const LAST_SECOND = 253_402_300_799;

export interface Anchor {
  readonly chainId: number;
  readonly header: Header;
  /** Seconds since 1970, by the chain's clock. */
  readonly anchoredAt: number;
}

/** Check parts 1 to 7 and return what they prove. Failures name the part. */
export function checkAnchor(section: JsonObject, top: Note, trust: TrustedChain): Anchor {
  const names = "chain_id genesis_hash contract size anchored_at header account storage";
  const anchoredAt = part(1, () => {
    members(section, "chain", names);
    return secondOf(section.get("anchored_at"));
  });
  const chainId = part(2, () => checkNames(section, top, trust));
  const header = part(3, () => parseHeader(section.get("header")));
  const account = part(4, () => accountOf(header, nodesOf(section.get("account"), "account"), trust.anchor));
  part(5, () => {
    demand(equal(account.codeHash, trust.codeHash), "the contract has other code");
  });
  part(6, () => {
    checkSlot(account.storageRoot, nodesOf(section.get("storage"), "storage"), top, anchoredAt);
  });
  part(7, () => {
    demand(BigInt(anchoredAt) <= header.integer("timestamp"), "anchored after its block");
  });
  return { chainId, header, anchoredAt };
}

function part<T>(number: number, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof Failure ? new Failure(`part ${number}: ${error.message}`) : error;
  }
}

function secondOf(value: Json | undefined): number {
  const second = integerOf(value, "anchored_at", 1);
  demand(second <= LAST_SECOND, "anchored_at: beyond the year 9999");
  return second;
}

function checkNames(section: JsonObject, top: Note, trust: TrustedChain): number {
  demand(section.get("chain_id") === trust.chainId, "another chain");
  const genesis = bytesOfHex(section.get("genesis_hash"), "genesis_hash", 32);
  demand(equal(genesis, trust.genesisHash), "another genesis block");
  demand(equal(bytesOfHex(section.get("contract"), "contract", 20), trust.anchor), "another contract");
  demand(BigInt(integerOf(section.get("size"), "size")) === top.size, "another size than the checkpoint's");
  return trust.chainId;
}

function parseHeader(value: Json | undefined): Header {
  const header = Header.parse(value);
  demand(header.integer("number") !== 0n, "the first block proves nothing");
  demand(header.integer("timestamp") <= BigInt(LAST_SECOND), "timestamp beyond the year 9999");
  header.blockHash(); // a BFT block whose extraData cannot be read has none
  return header;
}

function accountOf(header: Header, nodes: readonly Uint8Array[], address: Uint8Array) {
  const fields = rlp.strings(valueAt(header.get("stateRoot"), keccak256(address), nodes));
  const [, , storageRoot, codeHash] = fields;
  demand(fields.length === 4 && storageRoot?.length === 32 && codeHash !== undefined, "malformed account");
  return { storageRoot, codeHash };
}

/** The contract keeps keccak256(root, time) in `mapping(log => mapping(size => commitment))` at slot 0. */
function checkSlot(root: Uint8Array, nodes: readonly Uint8Array[], top: Note, anchoredAt: number): void {
  const ofLog = keccak256(sha256(utf8(top.origin)), new Uint8Array(32));
  const slot = keccak256(bigEndian(top.size, 32), ofLog);
  const value = rlp.string(valueAt(root, keccak256(slot), nodes));
  demand(value.length <= 32, "malformed value");
  const held = concat(new Uint8Array(32 - value.length), value);
  demand(equal(held, keccak256(top.root, bigEndian(BigInt(anchoredAt), 32))), "the contract holds another root or time");
}
