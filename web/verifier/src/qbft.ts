/** Step 11: the validators whom the trust file names sealed the block (docs/evidence.md 2.3, part 8). */

import { equal, hex, toBigInt } from "./bytes.ts";
import { demand } from "./failure.ts";
import type { Header } from "./header.ts";
import * as rlp from "./rlp.ts";
import { recoverAddress } from "./signatures.ts";
import type { ValidatorSet } from "./trust.ts";

/** Check the seals and return how many of how many validators sealed. */
export function checkSeals(header: Header, history: readonly ValidatorSet[]): { seals: number; validators: number } {
  const number = header.integer("number");
  const trusted = history.filter((set) => BigInt(set.fromBlock) <= number).at(-1)?.validators;
  demand(trusted !== undefined, "no validators are trusted at this height");
  const isTrusted = (address: Uint8Array) => trusted.some((one) => equal(one, address));
  demand(header.isBft(), "not a block of BFT validators");
  demand(header.integer("difficulty") === 1n, "difficulty is not 1");
  demand(isTrusted(header.get("miner")), "proposed by a stranger");

  const extra = header.extraItems();
  const [vanity, named, vote] = [rlp.string(extra[0]), rlp.strings(extra[1]), rlp.strings(extra[2])];
  const [round, seals] = [rlp.string(extra[3]), rlp.strings(extra[4])];
  demand(vanity.length === 32, "extraData: vanity is not 32 bytes");
  demand(named.map(hex).join() === trusted.map(hex).join(), "extraData: other validators than the trusted ones");
  checkVote(vote);
  demand(round[0] !== 0 && toBigInt(round) < 1n << 32n, "extraData: malformed round");

  // Seals sign the header without seals, but with the round: not what the block hash covers.
  const hash = header.hashWith(rlp.join([...extra.slice(0, 4), rlp.EMPTY_LIST]));
  const signers = new Set<string>();
  for (const seal of seals) {
    const [recovery] = seal.subarray(64);
    demand(seal.length === 65 && recovery !== undefined && recovery <= 1, "malformed seal");
    const signer = recoverAddress(hash, seal.subarray(0, 64), recovery);
    demand(signer !== null && isTrusted(signer), "a seal of a stranger");
    demand(!signers.has(hex(signer)), "a validator sealed twice");
    signers.add(hex(signer));
  }
  demand(3 * signers.size >= 2 * trusted.length, `${signers.size} seals of ${trusted.length} validators are too few`);
  return { seals: signers.size, validators: trusted.length };
}

/** No vote, or [address, 0xff] to add, or [address, 0] to drop, where RLP writes 0 as 0x80. */
function checkVote(vote: readonly Uint8Array[]): void {
  if (vote.length === 0) return;
  const [address, kind] = vote;
  const isKnown = kind !== undefined && (kind.length === 0 || (kind.length === 1 && kind[0] === 0xff));
  demand(vote.length === 2 && address?.length === 20 && isKnown, "extraData: malformed vote");
}
