/**
 * Step 4: which file a bundle is about, and what the given one is.
 *
 * Beside a use of a licence stands what was released in the original's place: then only that is the right file, and the
 * original, byte for byte, is the wrong one, whatever else is true of it.
 */

import { sha256Hex, sm3Hex } from "./documents.ts";
import { demand } from "./failure.ts";
import type { Bundle } from "./form.ts";
import type { Json, JsonObject } from "./json.ts";
import { factOf, partiesOf } from "./record.ts";

/** What a file is, where the records say more than that it is the recorded one. */
export type DocumentIs = "original" | "original-ofd" | "copy" | "data" | "verify";

export interface Recognised {
  readonly is: DocumentIs | null;
  /** Why it is not the right file; null if it is. */
  readonly mismatch: string | null;
}

/** Compare a file with the records of a bundle whose step 3 held. */
export async function recognise(bundle: Bundle, given: Uint8Array<ArrayBuffer>): Promise<Recognised> {
  const released = bundle.acts.get("derived")?.[0];
  return released === undefined ? recogniseRecorded(bundle, given) : recogniseReleased(factOf(released), given);
}

async function recogniseReleased(fact: JsonObject | undefined, given: Uint8Array<ArrayBuffer>): Promise<Recognised> {
  demand(fact !== undefined, "the record of what was released was erased");
  const mismatch = await differs(fact.get("digests"), fact.get("size"), given);
  if (mismatch === null) return { is: fact.get("rendition") as DocumentIs, mismatch }; // step 3 knows no other
  const isParent = (await differs(fact.get("parent"), undefined, given)) === null;
  return isParent ? { is: "original", mismatch: "the original, not what was released" } : { is: null, mismatch };
}

async function recogniseRecorded(bundle: Bundle, given: Uint8Array<ArrayBuffer>): Promise<Recognised> {
  const main = bundle.acts.get(bundle.kind)?.[0];
  const fact = factOf(main);
  const mismatch = await differs(fact?.get("digests"), fact?.get("size"), given);
  const isLicence = factOf(bundle.acts.get("licence")?.[0]) !== undefined;
  if (mismatch === null) return { is: isLicence ? "original" : null, mismatch };
  const ofd = bundle.kind === "licence" ? partiesOf(main)?.get("ofd") : undefined;
  const isOfd = ofd instanceof Map && (await differs(ofd, undefined, given)) === null;
  return isOfd ? { is: "original-ofd", mismatch: null } : { is: null, mismatch };
}

/** In what a file differs from size and digests; null if in nothing. */
async function differs(
  digests: Json | undefined,
  size: Json | undefined,
  given: Uint8Array<ArrayBuffer>,
): Promise<string | null> {
  if (!(digests instanceof Map)) return "the record names no document";
  if (size !== undefined && size !== given.length) return "another size";
  if (digests.get("sha256") !== (await sha256Hex(given))) return "another SHA-256";
  return digests.has("sm3") && digests.get("sm3") !== sm3Hex(given) ? "another SM3" : null;
}
