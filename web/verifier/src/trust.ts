/** The trust file: what a bundle is checked against and never brings itself (docs/evidence.md 3). */

import { equal, hex } from "./bytes.ts";
import { demand } from "./failure.ts";
import { bytesOfHex } from "./header.ts";
import { arrayOf, integerOf, type Json, members, readObject, textOf } from "./json.ts";
import { LOG_KEY, parseVerifierKey, type VerifierKey, WITNESS_KEY } from "./note.ts";
import { parseSigners, type SignerTrust } from "./signertrust.ts";

export const MAX_TRUST = 262_144;

export interface LogKey {
  readonly key: VerifierKey;
  /** Set: the key was retired, or its log frozen; good for checkpoints of at most that size. */
  readonly untilSize: number | null;
}

export interface ValidatorSet {
  readonly fromBlock: number;
  readonly validators: readonly Uint8Array[];
}

export interface TrustedChain {
  readonly chainId: number;
  readonly genesisHash: Uint8Array;
  readonly anchor: Uint8Array;
  readonly codeHash: Uint8Array;
  /** null: the chain has no seals. */
  readonly qbft: readonly ValidatorSet[] | null;
}

export interface Trust {
  readonly logs: readonly LogKey[];
  readonly quorum: number;
  readonly witnesses: readonly VerifierKey[];
  readonly chain: TrustedChain | null;
  /** null: consent is not checked. */
  readonly signers: SignerTrust | null;
}

/** Read a trust file, or raise a `Failure`. */
export function parseTrust(bytes: Uint8Array): Trust {
  const top = members(readObject(bytes, MAX_TRUST), "trust file", "format version logs witnesses chain", "signers");
  demand(top.get("format") === "cailian-trust", "not a trust file");
  demand(top.get("version") === 1, "unknown version of the trust file");
  const logs = arrayOf(top.get("logs"), "logs", 1, Infinity).map(parseLogKey);
  checkLogs(logs);
  const chain = top.get("chain") ?? null;
  const signers = top.has("signers") ? parseSigners(top.get("signers")) : null;
  return { logs, ...parseWitnesses(top.get("witnesses")), chain: chain === null ? null : parseChain(chain), signers };
}

function parseLogKey(value: Json): LogKey {
  const log = members(value, "logs", "vkey", "until_size");
  return {
    key: parseVerifierKey(textOf(log.get("vkey"), "logs.vkey"), LOG_KEY),
    untilSize: log.has("until_size") ? integerOf(log.get("until_size"), "logs.until_size") : null,
  };
}

function checkLogs(logs: readonly LogKey[]): void {
  for (const { key } of logs) {
    const ofOrigin = logs.filter((other) => other.key.name === key.name);
    const twins = ofOrigin.filter((other) => equal(other.key.publicKey, key.publicKey));
    demand(twins.length === 1, `logs: a key of ${key.name} twice`);
    demand(ofOrigin.filter((other) => other.untilSize === null).length <= 1, `logs: two current keys of ${key.name}`);
  }
}

function parseWitnesses(value: Json | undefined): Pick<Trust, "quorum" | "witnesses"> {
  const held = members(value, "witnesses", "quorum vkeys");
  const witnesses = arrayOf(held.get("vkeys"), "witnesses.vkeys", 0, Infinity).map((text) =>
    parseVerifierKey(textOf(text, "witnesses.vkeys"), WITNESS_KEY),
  );
  demand(new Set(witnesses.map((key) => hex(key.publicKey))).size === witnesses.length, "witnesses: a key twice");
  const quorum = integerOf(held.get("quorum"), "witnesses.quorum");
  demand(quorum <= witnesses.length, "witnesses: quorum above their number");
  return { quorum, witnesses };
}

function parseChain(value: Json): TrustedChain {
  const chain = members(value, "chain", "chain_id genesis_hash registry anchor code_hash qbft");
  bytesOfHex(chain.get("registry"), "chain.registry", 20);
  const qbft = chain.get("qbft") ?? null;
  return {
    chainId: integerOf(chain.get("chain_id"), "chain.chain_id", 1),
    genesisHash: bytesOfHex(chain.get("genesis_hash"), "chain.genesis_hash", 32),
    anchor: bytesOfHex(chain.get("anchor"), "chain.anchor", 20),
    codeHash: bytesOfHex(chain.get("code_hash"), "chain.code_hash", 32),
    qbft: qbft === null ? null : parseHistory(qbft),
  };
}

function parseHistory(value: Json): ValidatorSet[] {
  const history = arrayOf(value, "chain.qbft", 1, Infinity).map((item) => {
    const set = members(item, "chain.qbft", "from_block validators");
    const addresses = arrayOf(set.get("validators"), "validators", 1, 256);
    const validators = addresses.map((address) => bytesOfHex(address, "validators", 20));
    demand(isAscending(validators.map(hex)), "chain.qbft: validators not ascending");
    return { fromBlock: integerOf(set.get("from_block"), "from_block"), validators };
  });
  demand(isAscending(history.map((set) => set.fromBlock)), "chain.qbft: from_block not ascending");
  return history;
}

function isAscending<T extends string | number>(values: readonly T[]): boolean {
  return values.every((value, i) => i === 0 || (values[i - 1] ?? value) < value);
}
