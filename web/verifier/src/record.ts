/** Steps 2 and 3: what the leaves say, and whether their records are one act (docs/evidence.md 2.1 and 5). */

import { base64url, equal, hex, utf8 } from "./bytes.ts";
import { demand } from "./failure.ts";
import type { Bundle, Entry, Kind, Opening, Part } from "./form.ts";
import { sha256 } from "./hashes.ts";
import { canonical, integerOf, type Json, type JsonObject, members, same, textOf } from "./json.ts";
import { timeOf } from "./time.ts";

const DIGEST = /^[0-9a-f]{64}$/;
/** What may leave in the place of a licence's original. */
const RENDITIONS = ["copy", "data", "verify"];
/** States of a licence and what is done to it: the national licence library's codes. */
const STATUSES = ["01", "02", "03", "04", "05", "06", "07", "99"];
const OPERATIONS = ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10"];
/** Issue, renewal, transfer in, change: each makes a licence or a version of one. */
const ISSUING = ["01", "02", "08", "09"];

/** Types of the records of an act, by place. */
const RECORDS: Readonly<Record<Kind, readonly (readonly string[])[]>> = {
  deposit: [["material.deposited"]],
  use: [["use.intended"], ["use.completed", "use.aborted"]],
  grant: [["grant.given"], ["grant.withdrawn"]],
  licence: [["licence.issued"], ["licence.changed"]],
  derived: [["licence.derived"]],
  evidence: [["evidence.anchored"]],
  heads: [["holder.heads"]],
  key: [["key.enrolled"]],
  delegation: [["delegation.given"]],
  earlier: [["use.intended"]],
  refusal: [["ask.refused"]],
  "refused-use": [["use.refused"]],
};
/** Acts whose records are all of one type, each of an act of its own. */
const MANY: readonly Kind[] = ["key", "delegation", "earlier"];
const WITH_DIGESTS = ["material.deposited", "use.intended", "use.completed", "evidence.anchored", "licence.derived"];

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
    const isBeside = kind !== bundle.kind;
    if (kind === "use") checkUse(entries);
    if (kind === "grant" && (entries.length > 1 || isBeside)) checkBound(entries, "grant");
    if (kind === "licence") checkLicence(entries);
    if (kind === "derived") checkDerived(entries, isBeside);
  }
  if (bundle.kind === "use") checkBeside(bundle);
  checkEarlier(bundle);
  checkRefused(bundle);
}

/** A refusal hides nobody who took part; why a use was refused, where it is shown, is what the record committed to. */
function checkRefused({ acts, why }: Bundle): void {
  for (const [act, names] of [["refusal", "ask terms"], ["refused-use", "requester said"]] as const) {
    const entry = acts.get(act)?.[0];
    if (entry === undefined || entry.opening === null) continue;
    const parties = partiesOf(entry);
    demand(parties !== undefined, `${act}: parties are shut`);
    checkNamed(parties, act, names);
    if (act === "refused-use") demand(why === null || parties.get("why") === why.digest, "another reason than recorded");
  }
}

/** Enrolments, delegations and earlier uses have open parties that name them, and a grant to go with beside a use. */
function checkEarlier({ acts, kind }: Bundle): void {
  const names = { key: "key terms", delegation: "delegation terms holder delegate", earlier: "use grant" } as const;
  const use = partiesOf(acts.get("use")?.[0]);
  for (const act of ["key", "delegation", "earlier"] as const) {
    const entries = acts.get(act) ?? [];
    demand(entries.length === 0 || kind !== "use" || acts.has("grant"), `${act}: no grant to go with it`);
    for (const entry of entries) {
      if (entry.opening === null) continue;
      const parties = partiesOf(entry);
      demand(parties !== undefined, `${act}: parties are shut`);
      checkNamed(parties, act, names[act]);
      if (act === "earlier" && use !== undefined) checkOfGrant(parties, use.get("grant"));
    }
  }
}

/** An earlier use rests on the same grant, alone or together with those of further holders. */
function checkOfGrant(parties: JsonObject, grant: Json | undefined): void {
  const grants = parties.get("grants");
  const named = Array.isArray(grants) ? grants.map((each) => (each instanceof Map ? each.get("grant") : undefined)) : [];
  const isOf = typeof grant === "string" && [parties.get("grant"), ...named].includes(grant);
  demand(isOf, "an earlier use of another grant");
}

function checkAct(kind: Kind, entries: readonly Entry[]): void {
  const places = RECORDS[kind];
  const isMany = MANY.includes(kind);
  demand(isMany || entries.length <= places.length, `${kind}: more records than the act has`);
  let digests: JsonObject | undefined;
  entries.forEach((entry, i) => {
    const fact = factOf(entry);
    if (fact === undefined) return;
    const type = textOf(fact.get("type"), `${kind}: type`);
    demand(places[isMany ? 0 : i]?.includes(type) === true, `${kind}: no place for a record ${JSON.stringify(type)}`);
    timeOf(fact.get("time"), `${type}: time`);
    if (fact.has("size")) integerOf(fact.get("size"), `${type}: size`);
    if (fact.has("digests")) {
      const here = digestsOf(fact.get("digests"), type, kind === "evidence");
      demand(isMany || digests === undefined || same(digests, here), `${kind}: records of different documents`);
      digests = here;
    } else {
      demand(!WITH_DIGESTS.includes(type), `${type}: no digests`);
    }
  });
}

/** Both digests of a document; in evidence of a digest alone SM3 may be missing. */
function digestsOf(value: Json | undefined, what: string, isLoose = false): JsonObject {
  const digests = members(value, `${what}: digests`, isLoose ? "sha256" : "sha256 sm3", isLoose ? "sm3" : "");
  for (const digest of digests.values()) demand(DIGEST.test(textOf(digest, what)), `${what}: malformed digest`);
  return digests;
}

/** Records that name their act by the same text in their open parties; mute ones are passed over. */
function checkBound(entries: readonly Entry[], ...names: readonly string[]): void {
  const open = entries.filter((entry) => entry.opening !== null).map((entry) => {
    const parties = partiesOf(entry);
    demand(parties !== undefined, `${names[0]}: parties are shut`);
    return parties;
  });
  for (const name of names) {
    const values = open.map((parties) => textOf(parties.get(name), `${name}: handle`));
    demand(new Set(values).size <= 1, `${name}: records of different acts`);
  }
}

/** Texts that open parties must have. */
function checkNamed(parties: JsonObject, what: string, names: string): void {
  for (const name of names.split(" ")) textOf(parties.get(name), `${what}: ${name}`);
}

function checkUse(entries: readonly Entry[]): void {
  checkBound(entries, "use");
  const parties = partiesOf(entries[0]);
  if (parties !== undefined) checkNamed(parties, "use", "requester");
}

function checkLicence(entries: readonly Entry[]): void {
  const [issued, changed] = entries;
  if (entries.length > 1) checkBound(entries, "licence", "licence_id");
  const fact = factOf(issued);
  if (fact !== undefined) {
    demand(fact.has("digests") !== fact.has("face"), "licence.issued: digests of a file, or else of a face");
    if (fact.has("face")) digestsOf(fact.get("face"), "licence.issued: face");
  }
  const [by, change] = [partiesOf(issued), partiesOf(changed)];
  if (by !== undefined) {
    checkNamed(by, "licence.issued", "requester licence licence_id");
    demand(isOneOf(by.get("operation"), ISSUING), "licence.issued: an operation that issues nothing");
    const ofd = by.get("ofd") ?? null;
    if (ofd !== null) digestsOf(ofd, "licence.issued: ofd");
  }
  if (change !== undefined) {
    demand(isOneOf(change.get("operation"), OPERATIONS), "licence.changed: unknown operation");
    demand(isOneOf(change.get("status"), STATUSES), "licence.changed: unknown status");
  }
}

function checkDerived(entries: readonly Entry[], isBeside: boolean): void {
  const [fact, parties] = [factOf(entries[0]), partiesOf(entries[0])];
  if (fact === undefined) return;
  demand(isOneOf(fact.get("rendition"), RENDITIONS), "licence.derived: unknown rendition");
  const parent = digestsOf(fact.get("parent"), "licence.derived: parent");
  const made = digestsOf(fact.get("digests"), "licence.derived");
  for (const [name, digest] of made) demand(parent.get(name) !== digest, "licence.derived: the original itself");
  demand(parties !== undefined || !isBeside, "licence.derived: parties are shut");
  if (parties !== undefined) checkNamed(parties, "licence.derived", "requester use copy licence licence_id");
}

function isOneOf(value: Json | undefined, known: readonly string[]): boolean {
  return typeof value === "string" && known.includes(value);
}

/** What stands beside a use is of this use, its document, its grant and its licence. */
function checkBeside(bundle: Bundle): void {
  const first = (kind: Kind) => bundle.acts.get(kind)?.[0];
  const [use, licence, derived] = [first("use"), first("licence"), first("derived")];
  const document = factOf(use)?.get("digests");
  if (document !== undefined) {
    const [deposited, issued, made] = [factOf(first("deposit")), factOf(licence), factOf(derived)];
    const isOf = (digests: Json | undefined) => same(digests, document);
    demand(deposited === undefined || isOf(deposited.get("digests")), "the deposit is of another document");
    demand(issued === undefined || isOf(issued.get("digests") ?? issued.get("face")), "the licence is another");
    demand(made === undefined || isOf(made.get("parent")), "the copy has another original");
  }
  const [asked, copied] = [partiesOf(use), partiesOf(derived)];
  checkAgree(partiesOf(first("grant")), asked, "grant", "terms");
  checkAgree(copied, asked, "use", "requester");
  checkAgree(copied, partiesOf(licence), "licence", "licence_id");
  if (copied !== undefined && asked?.has("object") === true) {
    demand(same(copied.get("licence"), asked.get("object")), "the copy is of another licence than the use");
  }
}

/** Two parties have the same texts under these names, as far as both are open. */
function checkAgree(one: JsonObject | undefined, other: JsonObject | undefined, ...names: readonly string[]): void {
  if (one === undefined || other === undefined) return;
  for (const name of names) {
    demand(textOf(one.get(name), name) === other.get(name), `${name}: of another act`);
  }
}
