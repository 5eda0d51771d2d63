/** A chain of delegations, checked from plain JSON (docs/evidence.md 8.5). */

import { base64url } from "./bytes.ts";
import { checkEnrolment, checkKept, type Signed } from "./consent.ts";
import type { Link } from "./consentform.ts";
import { demand } from "./failure.ts";
import type { Entry } from "./form.ts";
import { sha256 } from "./hashes.ts";
import { canonical, type JsonObject, members, textOf } from "./json.ts";
import { factOf, partiesOf } from "./record.ts";
import {
  checkChild, type DelegationTerms, type GrantTerms, holdsAt, isWithin, lieIn, listed, parseDelegationTerms, rank,
} from "./signedterms.ts";
import type { SignerTrust } from "./signertrust.ts";
import { timeOf } from "./time.ts";

/** A link that holds by itself. */
interface Held {
  readonly terms: DelegationTerms;
  readonly parties: JsonObject;
  readonly time: string;
  readonly signed: Signed;
}

export interface Chain {
  readonly links: readonly Held[];
  /** Whether every record says whom the link above named. */
  readonly isBound: boolean;
}

/** Each link by itself, and below the one before it. */
export async function checkChain(
  entries: readonly Entry[],
  links: readonly Link[],
  trust: SignerTrust | null,
): Promise<Chain> {
  const held: Held[] = [];
  for (const [i, link] of links.entries()) held.push(await checkLink(entries[i], link, trust));
  demand(held[0]?.terms.parent === null, "a chain without its beginning");
  let isBound = true;
  for (const [i, lower] of held.entries()) {
    const upper = held[i - 1];
    if (upper === undefined) continue;
    const hangs = lower.terms.parent === upper.terms.id && lower.time >= upper.time;
    demand(hangs, "a delegation that hangs below another");
    checkChild(upper.terms, lower.terms);
    isBound = isHung(lower.parties, upper.parties) && isBound;
  }
  for (const { terms, time } of held) {
    demand(time < terms.validTo && terms.principal !== terms.delegate, "a delegation that was over, or to oneself");
  }
  return { links: held, isBound };
}

async function checkLink(entry: Entry | undefined, link: Link, trust: SignerTrust | null): Promise<Held> {
  const [fact, parties] = [factOf(entry), partiesOf(entry)];
  demand(fact !== undefined && parties !== undefined, "a delegation that is not shown");
  const time = timeOf(fact.get("time"), "time");
  const terms = parseDelegationTerms(link.terms);
  const isNamed = terms.digest === parties.get("terms") && terms.id === parties.get("delegation");
  demand(isNamed, "terms of another delegation");
  const signed = await checkKept(link.signature, terms.digest, parties, time, trust);
  demand(signed.said.kind !== "counter", "a delegation that staff signed");
  if (signed.enrolled !== null) await checkEnrolment(signed, trust);
  for (const [name, { salt, identifier }] of link.opened) {
    const committed = name === "principal" ? terms.principal : terms.delegate;
    demand(base64url(sha256(salt, canonical(identifier))) === committed, `the opening of another ${name}`);
  }
  return { terms, parties, time, signed };
}

/** Whether a record says whom the link above named; old ones do not say it. */
function isHung(lower: JsonObject, upper: JsonObject): boolean {
  if (!lower.has("above")) return false;
  const above = members(lower.get("above"), "above", "delegation holder delegate");
  for (const [name, text] of above) {
    demand(textOf(text, name) === upper.get(name), "somebody else than the delegate signed");
  }
  return true;
}

/**
 * That a grant is of this chain and within it; whether its record says that its signer is the end of the chain.
 *
 * @param isRefusal whether the terms were refused: who may give something for the item may say no to anything of it.
 */
export function checkGrant(
  { links }: Chain,
  terms: GrantTerms,
  parties: JsonObject,
  time: string,
  isRefusal: boolean,
): boolean {
  const last = links.at(-1);
  demand(last !== undefined, "no delegation");
  const named = listed(parties.get("delegations"), "delegations", links.length);
  const isOf = named.length === links.length && links.every((link, i) => link.terms.digest === named[i]);
  demand(parties.get("representation") === "delegate" && isOf, "a grant of another chain");
  const limits = last.terms;
  const more = "the grant goes beyond the delegation";
  demand(holdsAt(limits, time), `${more}: period`);
  demand(isWithin([terms.item], limits.items), `${more}: item`);
  if (!isRefusal) {
    demand(terms.validTo <= limits.validTo, `${more}: end`);
    demand(isWithin(terms.types, limits.types), `${more}: types`);
    demand(terms.mode <= limits.mode, `${more}: mode`);
    demand(lieIn(terms.regions, limits.regions), `${more}: regions`);
  }
  return isHung(parties, last.parties);
}

/** That a use is within a chain. */
export function checkUse({ links }: Chain, parties: JsonObject, time: string): void {
  const limits = links.at(-1)?.terms;
  demand(limits !== undefined, "no delegation");
  const more = "the use goes beyond the delegation";
  demand(holdsAt(limits, time), `${more}: period`);
  demand(isWithin([textOf(parties.get("item"), "item")], limits.items), `${more}: item`);
  demand(isWithin([textOf(parties.get("object_type"), "object_type")], limits.types), `${more}: types`);
  demand(rank(parties.get("mode")) <= limits.mode, `${more}: mode`);
}
