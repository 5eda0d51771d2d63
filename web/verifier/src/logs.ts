/** Steps 5 to 9: entries in a tree, trees signed, trees inside trees, witnesses, promises (docs/evidence.md 6). */

import { equal, hex, utf8 } from "./bytes.ts";
import { demand } from "./failure.ts";
import { type Bundle, type Entry, MAX_LEAF, type Superior } from "./form.ts";
import { canonical, type Json, type JsonObject, members, readObject, textOf } from "./json.ts";
import { checkInclusion } from "./merkle.ts";
import { cosigned, type Note, parseNote, signed } from "./note.ts";
import { ed25519Good } from "./signatures.ts";
import { timeOf } from "./time.ts";
import type { Trust } from "./trust.ts";

const DIVISION = /^([0-9]{6}|[0-9]{9}|[0-9]{12})$/;

/** Every entry of a bundle. */
export function entriesOf(bundle: Bundle): Entry[] {
  return [...bundle.acts.values()].flat();
}

/** The checkpoint that witnesses cosign and the chain holds. */
export function topOf(bundle: Bundle): Note | null {
  return bundle.superiors.at(-1)?.checkpoint ?? bundle.checkpoint;
}

/** Step 5: each entry lies at its index, and no two at one. */
export function checkPlaces(bundle: Bundle, checkpoint: Note): void {
  const taken = new Set<number>();
  for (const { leaf, place } of entriesOf(bundle)) {
    if (place === null) continue;
    demand(!taken.has(place.index), "two entries at one index");
    taken.add(place.index);
    checkInclusion(utf8(leaf), place.index, checkpoint.size, place.inclusion, checkpoint.root);
  }
}

/** The trust file names a key of this log, if only a retired one. */
export function checkNamed(origin: string, trust: Trust): void {
  demand(
    trust.logs.some(({ key }) => key.name === origin),
    `the trust file names no key of ${origin}`,
  );
}

/** A key of the trust file signed this checkpoint, and no line of such a key is bad. */
export async function checkSigned(note: Note, trust: Trust): Promise<void> {
  checkNamed(note.origin, trust);
  let isGood = false;
  for (const { key, untilSize } of trust.logs) {
    if (key.name !== note.origin) continue;
    const isInForce = untilSize === null || note.size <= BigInt(untilSize);
    if ((await signed(note, key)) && isInForce) isGood = true;
  }
  demand(isGood, "no key that is good for this size signed the checkpoint");
}

/** Step 7, one superior: its log holds the text of the checkpoint below. */
export function checkSuperior(superior: Superior, below: readonly Note[]): void {
  const { checkpoint } = superior;
  demand(parseClear(superior.leaf).text === below.at(-1)?.text, "the superior's log holds another checkpoint");
  checkInclusion(utf8(superior.leaf), superior.index, checkpoint.size, superior.inclusion, checkpoint.root);
  demand(
    below.every((note) => note.origin !== checkpoint.origin),
    "a log above itself",
  );
}

/** The note in a clear leaf. */
function parseClear(leaf: string): Note {
  const bytes = utf8(leaf);
  const top = readObject(bytes, MAX_LEAF);
  demand(equal(canonical(top), bytes), "clear leaf: not canonical");
  demand(members(top, "clear leaf", "clear v").get("v") === 1, "clear leaf: unknown version");
  const clear = members(top.get("clear"), "clear leaf", "type time district checkpoint");
  demand(clear.get("type") === "district.checkpoint", "clear leaf: of another type");
  timeOf(clear.get("time"), "clear leaf: time");
  demand(DIVISION.test(textOf(clear.get("district"), "clear leaf: district")), "clear leaf: not a division code");
  return parseNote(textOf(clear.get("checkpoint"), "clear leaf: checkpoint"));
}

/** Step 8: a quorum of witnesses cosigned; returns how many did. */
export async function checkWitnesses(top: Note, trust: Trust): Promise<number> {
  let count = 0;
  for (const key of trust.witnesses) if (await cosigned(top, key)) count++;
  demand(count >= trust.quorum, `${count} of ${trust.quorum} witnesses cosigned`);
  return count;
}

/** Step 9: each promise is this log's, for its entry's leaf. */
export async function checkPromises(bundle: Bundle, trust: Trust | null): Promise<void> {
  for (const { leaf, promise } of entriesOf(bundle)) {
    if (promise === null) continue;
    demand(promise.leaf === leaf, "a promise for another leaf");
    demand(promise.log === bundle.origin, "a promise by another log");
    demand(promise.deadline >= promise.promisedAt, "a deadline before the promise");
    checkInclusion(utf8(leaf), promise.position, BigInt(promise.count), promise.path, promise.root);
    if (trust === null) continue;
    const signer = trust.logs.find(({ key, untilSize }) => key.name === promise.log && untilSize === null)?.key;
    demand(signer !== undefined, `the trust file names no current key of ${promise.log}`);
    const said: JsonObject = new Map<string, Json>([
      ["count", promise.count],
      ["deadline", promise.deadline],
      ["log", promise.log],
      ["promised_at", promise.promisedAt],
      ["root", hex(promise.root)],
      ["v", 1],
    ]);
    const message = new Uint8Array([...utf8("cailian/promise/v1\0"), ...canonical(said)]);
    demand(await ed25519Good(signer.publicKey, message, promise.signature), "bad signature of the promise");
  }
}
