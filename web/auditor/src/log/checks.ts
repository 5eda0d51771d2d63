/** What the page computes about a log by itself: signatures, cosignatures, places, and that it only ever grew. */

import { fromBase64, fromHex, utf8 } from "../../../verifier/src/bytes.ts";
import { checkAnchor } from "../../../verifier/src/chain.ts";
import { Failure } from "../../../verifier/src/failure.ts";
import { type Entry, MAX_BUNDLE, MAX_LEAF } from "../../../verifier/src/form.ts";
import { readObject } from "../../../verifier/src/json.ts";
import { checkInclusion } from "../../../verifier/src/merkle.ts";
import {
  cosigned, linesOf, LOG_KEY, type Note, parseNote, parseVerifierKey, signed, type VerifierKey, WITNESS_KEY,
} from "../../../verifier/src/note.ts";
import { checkSeals } from "../../../verifier/src/qbft.ts";
import { checkLeaf } from "../../../verifier/src/record.ts";
import { parseTrust, type TrustedChain } from "../../../verifier/src/trust.ts";
import { checkConsistency, consistencyRanges, inclusionRanges } from "./consistency.ts";
import type { About, Chain } from "./source.ts";
import { Tree } from "./tiles.ts";

/** With which keys is checked, and on whose word. */
export interface Keys {
  /** Keys of the log, each good up to a size. */
  readonly log: readonly { readonly key: VerifierKey; readonly until: number | null }[];
  readonly witnesses: readonly VerifierKey[];
  /** The chain that anchors are proven against; null where none is known. */
  readonly chain: TrustedChain | null;
  /** `trust`: a trust file that this device remembers; `exchange`: the exchange's own word. */
  readonly from: "trust" | "exchange";
}

/** The keys of a trust file remembered by the verification page, where it names this log; else the exchange's own. */
export function keysFor(held: About): Keys {
  return pinnedKeys(held.origin) ?? {
    log: [
      { key: parseVerifierKey(held.vkey, LOG_KEY), until: null },
      ...held.retired_keys.map(({ vkey, until_size: until }) => ({ key: parseVerifierKey(vkey, LOG_KEY), until })),
    ],
    witnesses: held.witnesses.map(({ vkey }) => parseVerifierKey(vkey, WITNESS_KEY)),
    chain: held.chain && chainOf(held.chain),
    from: "exchange",
  };
}

const chainOf = (held: Chain): TrustedChain => ({
  chainId: held.chain_id,
  genesisHash: fromHex(held.genesis_hash.slice(2)),
  anchor: fromHex(held.anchor.slice(2)),
  codeHash: fromHex(held.code_hash.slice(2)),
  qbft: null, // whose seals count is for a trust file to say
});

function pinnedKeys(origin: string): Keys | null {
  try {
    const { content } = JSON.parse(localStorage.getItem("cailian.trust") ?? "null") as { content: string };
    const trust = parseTrust(utf8(content));
    const log = trust.logs.filter(({ key }) => key.name === origin).map(({ key, untilSize }) => ({ key, until: untilSize }));
    return log.length === 0 ? null : { log, witnesses: trust.witnesses, chain: trust.chain, from: "trust" };
  } catch {
    return null; // nothing remembered, or no trust file
  }
}

export interface Signatures {
  /** Whether the log signed it, with a key that is good for its size. */
  readonly isSigned: boolean;
  /** Names of the witnesses that cosigned, with their times in seconds since 1970. */
  readonly witnesses: readonly { readonly name: string; readonly at: number }[];
  /** Why it must not be believed; null where nothing is wrong. */
  readonly wrong: string | null;
}

/** Check whatever stands below a checkpoint. */
export async function signatures(note: Note, keys: Keys): Promise<Signatures> {
  const seen: { name: string; at: number }[] = [];
  try {
    let isSigned = false;
    for (const { key, until } of keys.log) {
      if ((await signed(note, key)) && (until === null || Number(note.size) <= until)) isSigned = true;
    }
    for (const key of keys.witnesses) {
      if (await cosigned(note, key)) seen.push({ name: key.name, at: stampOf(note, key) });
    }
    return { isSigned, witnesses: seen, wrong: isSigned ? null : "no signature of the log" };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { isSigned: false, witnesses: seen, wrong: error.message };
  }
}

const stampOf = (note: Note, key: VerifierKey): number =>
  Number((linesOf(note, key)[0]?.signature ?? new Uint8Array(8)).subarray(0, 8).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n));

export { parseNote, Tree };

/** Why something does not hold; null where it does. */
async function reasonOf(act: () => Promise<void>): Promise<string | null> {
  try {
    await act();
    return null;
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

/** Whether an entry lies at its place under a checkpoint. */
export function isIncluded(leaf: string, index: number, note: Note, tree: Tree): Promise<string | null> {
  return reasonOf(async () => {
    const path = await Promise.all(inclusionRanges(index, Number(note.size)).map((range) => tree.hashOf(range)));
    checkInclusion(utf8(leaf), index, note.size, path, note.root);
  });
}

/** Whether the log of the later checkpoint begins with the whole log of the earlier one. */
export function isConsistent(earlier: Note, later: Note, tree: Tree): Promise<string | null> {
  return reasonOf(async () => {
    const [m, n] = [Number(earlier.size), Number(later.size)];
    const path = await Promise.all(consistencyRanges(m, n).map((range) => tree.hashOf(range)));
    checkConsistency(m, n, path, earlier.root, later.root);
  });
}

/** What an anchor proves: in which block, when, and whether validators sealed it. */
export interface Anchored {
  readonly wrong: string | null;
  readonly block: string;
  /** When the chain took the root, seconds since 1970. */
  readonly at: number;
  /** Null: the chain has no seals, or the keys come from no trust file. */
  readonly seals: { readonly seals: number; readonly validators: number } | null;
}

/** Check that a block of the chain holds a checkpoint's root (docs/evidence.md 2.3). */
export function checkAnchored(section: unknown, note: Note, chain: TrustedChain): Anchored {
  try {
    const anchor = checkAnchor(readObject(utf8(JSON.stringify(section)), MAX_BUNDLE), note, chain);
    const seals = chain.qbft === null ? null : checkSeals(anchor.header, chain.qbft);
    return { wrong: null, block: String(anchor.header.integer("number")), at: anchor.anchoredAt, seals };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { wrong: error.message, block: "", at: 0, seals: null };
  }
}

/** What an entry shows everybody: nothing, or the type and time of an entry in clear. */
export function shownBy(leaf: string): { readonly type: string; readonly time: string } | null {
  const clear = readObject(utf8(leaf), MAX_LEAF).get("clear");
  if (!(clear instanceof Map)) return null;
  const [type, time] = [clear.get("type"), clear.get("time")];
  return { type: typeof type === "string" ? type : "", time: typeof time === "string" ? time : "" };
}

/** The fact of a sealed entry, as an auditor of the node is given it; its parties stay shut. */
export interface OpenedFact {
  readonly salt: string;
  readonly fact: { readonly content: { readonly type: string; readonly time: string }; readonly salt: string };
  readonly parties: { readonly commitment: string };
}

/** Whether what an auditor was told opens the leaf that everybody can read. */
export function opens(leaf: string, held: OpenedFact): Promise<string | null> {
  return reasonOf(async () => {
    const content = readObject(utf8(JSON.stringify(held.fact.content)), MAX_LEAF);
    const opening = {
      salt: fromBase64(held.salt),
      fact: { content, salt: fromBase64(held.fact.salt) },
      parties: fromBase64(held.parties.commitment),
    };
    checkLeaf({ leaf, opening, place: null, promise: null } satisfies Entry);
    await Promise.resolve();
  });
}
