/** Steps 2 and 3: what the leaves say, and whether their records are one act (docs/evidence.md 2.1 and 5). */

import { base64url, equal, hex, utf8 } from "./bytes.ts";
import { demand } from "./failure.ts";
import type { Bundle, Entry, Kind, Opening, Part } from "./form.ts";
import { sha256 } from "./hashes.ts";
import { canonical, integerOf, type Json, type JsonObject, members, same, textOf } from "./json.ts";
import { timeOf } from "./time.ts";

const DIGEST = /^[0-9a-f]{64}$/;

/** Types of the records of an act, by place. */
const RECORDS: Readonly<Record<Kind, readonly (readonly string[])[]>> = {
  deposit: [["material.deposited"]],
  use: [["use.intended"], ["use.completed", "use.aborted"]],
  grant: [["grant.given"], ["grant.withdrawn"]],
  evidence: [["evidence.anchored"]],
  heads: [["holder.heads"]],
};
const WITH_DIGESTS = ["material.deposited", "use.intended", "use.completed", "evidence.anchored"];

/** Step 2: the opening, where there is one, opens the leaf. */
export function checkLeaf({ leaf, opening }: Entry): void {
  demand(opening === null || equal(leafOf(opening), utf8(leaf)), "the opening does not open the leaf");
}

function leafOf(opening: Opening): Uint8Array {
  const fact = commitment("cailian/fact/v1", opening.fact);
  const { parties } = opening;
  const shut = parties instanceof Uint8Array ? parties : commitment("cailian/parties/v1", parties);
  const both: JsonObject = new Map<string, Json>([["fact", hex(fact)], ["parties", hex(shut)], ["v", 1]]);
  const c = sha256(utf8("cailian/record/v1\0"), opening.salt, canonical(both));
  return canonical(new Map<string, Json>([["c", base64url(c)], ["v", 1]]));
}

function commitment(domain: string, part: Part): Uint8Array {
  return sha256(utf8(`${domain}\0`), part.salt, canonical(part.content));
}

/** The open parties of an entry; undefined if it is mute or they are shut. */
export function partiesOf(entry: Entry | undefined): JsonObject | undefined {
  const parties = entry?.opening?.parties;
  return parties === undefined || parties instanceof Uint8Array ? undefined : parties.content;
}

/** The fact of an entry; undefined if it is mute. */
export function factOf(entry: Entry | undefined): JsonObject | undefined {
  return entry?.opening?.fact.content;
}

/** Step 3: the records of each act belong together, and the acts to each other. */
export function checkRecords(bundle: Bundle): void {
  for (const [kind, entries] of bundle.acts) {
    checkAct(kind, entries);
    if (kind === "use") checkUse(entries);
    if (kind === "grant") checkGrant(entries, kind !== bundle.kind);
  }
  if (bundle.kind === "use") checkBeside(bundle);
}

function checkAct(kind: Kind, entries: readonly Entry[]): void {
  const places = RECORDS[kind];
  demand(entries.length <= places.length, `${kind}: more records than the act has`);
  let digests: JsonObject | undefined;
  entries.forEach((entry, i) => {
    const fact = factOf(entry);
    if (fact === undefined) return;
    const type = textOf(fact.get("type"), `${kind}: type`);
    demand(places[i]?.includes(type) === true, `${kind}: no place for a record ${JSON.stringify(type)}`);
    timeOf(fact.get("time"), `${type}: time`);
    if (fact.has("size")) integerOf(fact.get("size"), `${type}: size`);
    if (fact.has("digests")) {
      const here = checkDigests(fact.get("digests"), kind, type);
      demand(digests === undefined || same(digests, here), `${kind}: records of different documents`);
      digests = here;
    } else {
      demand(!WITH_DIGESTS.includes(type), `${type}: no digests`);
    }
  });
}

function checkDigests(value: Json | undefined, kind: Kind, type: string): JsonObject {
  const isEvidence = kind === "evidence";
  const digests = members(value, `${type}: digests`, isEvidence ? "sha256" : "sha256 sm3", isEvidence ? "sm3" : "");
  for (const digest of digests.values()) demand(DIGEST.test(textOf(digest, type)), `${type}: malformed digest`);
  return digests;
}

/** Records that name their act by the same text in their open parties; mute ones are passed over. */
function checkBound(entries: readonly Entry[], name: string): void {
  const names = entries.filter((entry) => entry.opening !== null).map((entry) => {
    const parties = partiesOf(entry);
    demand(parties !== undefined, `${name}: parties are shut`);
    return textOf(parties.get(name), `${name}: handle`);
  });
  demand(new Set(names).size <= 1, `${name}: records of different acts`);
}

function checkUse(entries: readonly Entry[]): void {
  checkBound(entries, "use");
  const parties = partiesOf(entries[0]);
  if (parties !== undefined) textOf(parties.get("requester"), "use: requester");
}

function checkGrant(entries: readonly Entry[], isBeside: boolean): void {
  if (entries.length > 1 || isBeside) checkBound(entries, "grant");
}

function checkBeside(bundle: Bundle): void {
  const use = bundle.acts.get("use")?.[0];
  const deposited = factOf(bundle.acts.get("deposit")?.[0]);
  const intended = factOf(use);
  if (deposited !== undefined && intended !== undefined) {
    demand(same(deposited.get("digests"), intended.get("digests")), "the deposit is of another document");
  }
  const [given, asked] = [partiesOf(bundle.acts.get("grant")?.[0]), partiesOf(use)];
  if (given === undefined || asked === undefined) return;
  for (const name of ["grant", "terms"]) {
    const value = given.get(name);
    demand(value !== undefined && same(value, asked.get(name)), `the use names another ${name}`);
  }
}
