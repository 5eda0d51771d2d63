/** C2SP signed notes holding checkpoints, and the keys that sign them (docs/evidence.md 2.2). */

import { concat, equal, fromBase64, fromHex, toBigInt, utf8 } from "./bytes.ts";
import { demand } from "./failure.ts";
import { sha256 } from "./hashes.ts";
import { ed25519Good } from "./signatures.ts";

export const LOG_KEY = 1;
export const WITNESS_KEY = 4;

const MAX_CHARACTERS = 65_536;
const MAX_SIGNATURES = 64;
const NAME = /^[^\p{White_Space}+]+$/u;
const SIGNATURE = /^\u2014 ([^\p{White_Space}+]+) ([A-Za-z0-9+/]+={0,2})$/u;
const SIZE = /^(0|[1-9][0-9]{0,18})$/;
/** Sizes and times are signed 64-bit integers elsewhere. */
const LIMIT = 1n << 63n;

export interface SignatureLine {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

export interface Note {
  /** What the signatures cover, with its last newline. */
  readonly text: string;
  readonly origin: string;
  readonly size: bigint;
  readonly root: Uint8Array;
  readonly lines: readonly SignatureLine[];
}

export interface VerifierKey {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly type: number;
  readonly publicKey: Uint8Array;
}

/** Take a note apart; its signatures are not looked at. */
export function parseNote(note: string): Note {
  // No more code points than code units: counting is needed only where there are many.
  demand(note.length <= MAX_CHARACTERS || [...note].length <= MAX_CHARACTERS, "note: too long");
  demand(!/[\u0000-\u0009\u000b-\u001f]/.test(note), "note: control character");
  const end = note.lastIndexOf("\n\n");
  demand(end > 0 && note.endsWith("\n"), "note: no empty line before the signatures");
  const [origin = "", size = "", root = "", ...extensions] = note.slice(0, end).split("\n");
  demand(origin !== "" && SIZE.test(size), "note: not a checkpoint");
  demand(extensions.every((line) => line !== ""), "note: empty extension line");
  demand(BigInt(size) < LIMIT, "note: size of 2^63 or more");
  const hash = fromBase64(root);
  demand(hash.length === 32, "note: root is not 32 bytes");
  const lines = note.slice(end + 2, -1).split("\n");
  demand(lines.length <= MAX_SIGNATURES, "note: too many signatures");
  return { text: note.slice(0, end + 1), origin, size: BigInt(size), root: hash, lines: lines.map(parseLine) };
}

function parseLine(line: string): SignatureLine {
  const [, name, blob] = SIGNATURE.exec(line) ?? [];
  demand(name !== undefined && blob !== undefined, "note: malformed signature line");
  const bytes = fromBase64(blob);
  demand(bytes.length > 4, "note: signature line without signature");
  return { name, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}

/** Read a verifier key and check that its key id is its own. */
export function parseVerifierKey(text: string, type: number): VerifierKey {
  // base64 may hold a plus sign, so only the first two part the text.
  const [name = "", id = "", ...rest] = text.split("+");
  const key = fromBase64(rest.join("+"));
  demand(NAME.test(name) && /^[0-9a-f]{8}$/.test(id) && key.length === 33, "verifier key: malformed");
  demand(key[0] === type, "verifier key: of another type");
  const keyId = fromHex(id);
  demand(equal(keyId, sha256(utf8(`${name}\n`), key).subarray(0, 4)), "verifier key: wrong key id");
  return { name, keyId, type, publicKey: key.subarray(1) };
}

/** The lines of a note that claim to be by a key. */
export function linesOf(note: Note, key: VerifierKey): SignatureLine[] {
  return note.lines.filter((line) => line.name === key.name && equal(line.keyId, key.keyId));
}

/** Whether a log's key signed a note: false if no line is its own. A bad line raises: it is a forgery, no stranger. */
export async function signed(note: Note, key: VerifierKey): Promise<boolean> {
  const lines = linesOf(note, key);
  for (const line of lines) {
    demand(await ed25519Good(key.publicKey, utf8(note.text), line.signature), `bad signature of ${key.name}`);
  }
  return lines.length > 0;
}

/** Whether a witness cosigned a note. A bad line raises, also one of a time that is none. */
export async function cosigned(note: Note, key: VerifierKey): Promise<boolean> {
  const lines = linesOf(note, key);
  for (const line of lines) {
    const [stamp, signature] = [line.signature.subarray(0, 8), line.signature.subarray(8)];
    const time = toBigInt(stamp);
    const message = concat(utf8(`cosignature/v1\ntime ${time}\n`), utf8(note.text));
    const isTime = stamp.length === 8 && time > 0n && time < LIMIT;
    const isGood = isTime && (await ed25519Good(key.publicKey, message, signature));
    demand(isGood, `bad cosignature of ${key.name}`);
  }
  return lines.length > 0;
}
