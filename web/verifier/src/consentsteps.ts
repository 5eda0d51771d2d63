/** Steps 12 to 15: what a holder decided, alone or behind a use (docs/evidence.md 6 and 8). */

import { checkEnrolment, checkKept, checkSlip, isKeyed, saidOf, sha256Hex, type Signed } from "./consent.ts";
import type { Consent } from "./consentform.ts";
import { type Chain, checkChain, checkGrant, checkUse } from "./delegations.ts";
import { checkLimits, countUses, KEY_WAITS, levelOf, SENSITIVE, type Shown, shownOf } from "./enforcement.ts";
import { demand } from "./failure.ts";
import type { Bundle, Entry } from "./form.ts";
import { type Json, type JsonObject, members, textOf } from "./json.ts";
import { factOf, partiesOf } from "./record.ts";
import { digestOf, type GrantTerms, listed, milliseconds, parseGrantTerms } from "./signedterms.ts";
import type { SignerTrust } from "./signertrust.ts";
import type { Status } from "./steps.ts";

/** A grant or a refusal of which step 12 held. */
interface Held {
  readonly consent: Consent;
  readonly given: Shown;
  readonly withdrawn: Shown | null;
  readonly terms: GrantTerms;
  /** Whether the holder said no. */
  readonly isRefusal: boolean;
  readonly signed: readonly [Signed, ...Signed[]];
}

/** One run of the four steps. */
export class ConsentPlan {
  private held: Held | null = null;
  /** The number of the use under its grant, and how many are allowed; null where it is not counted. */
  counted: { readonly number: number; readonly most: number } | null = null;
  /** How old the key was when it signed, in whole hours. */
  keyHours: number | null = null;

  constructor(
    private readonly bundle: Bundle,
    private readonly trust: SignerTrust | null,
  ) {}

  /** Of the grant's signature, where step 12 held. */
  get signed(): Signed | null {
    return this.held?.signed[0] ?? null;
  }

  /** Whether step 12 held of somebody whom the trust file does not vouch for. */
  get isUnvouched(): boolean {
    return this.held !== null && !this.held.signed.every(({ isProven }) => isProven);
  }

  /** Whether the log says that the grant was withdrawn, and by whose signature is not shown. */
  get isEndUnshown(): boolean {
    return this.held !== null && this.held.withdrawn !== null && this.held.consent.withdrawal === null;
  }

  /** The records of the holder's yes or no; no kind of bundle has both. */
  private get decided(): readonly Entry[] | undefined {
    return this.bundle.acts.get("grant") ?? this.bundle.acts.get("refusal");
  }

  async signature(): Promise<Status> {
    const entries = this.decided;
    if (entries === undefined) return "skipped";
    const isRefusal = this.bundle.acts.has("refusal");
    const consent = isRefusal ? this.bundle.decision : this.bundle.consent;
    const [given, withdrawn] = [shownOf(entries[0]), shownOf(entries[1])];
    if (consent === null || given === null) return "unproven";
    const terms = parseGrantTerms(consent.terms);
    checkNamed(terms, given.parties, isRefusal);
    const digest = signedDigest(terms, given.parties, isRefusal);
    const first = await checkKept(consent.signature, digest, given.parties, given.time, this.trust);
    const signed: [Signed, ...Signed[]] = [first];
    if (consent.withdrawal !== null) {
      demand(withdrawn !== null, "a withdrawal without its record");
      signed.push(await this.withdrawal(terms, withdrawn, consent.withdrawal, first));
    }
    this.held = { consent, given, withdrawn, terms, isRefusal, signed };
    if (!signed.every(({ isProven }) => isProven)) return "unproven";
    return withdrawn !== null && consent.withdrawal === null ? "unproven" : "ok";
  }

  private async withdrawal(terms: GrantTerms, ended: Shown, kept: string, given: Signed): Promise<Signed> {
    const { parties, time } = ended;
    demand(parties.get("terms") === terms.digest && parties.get("holder") === terms.holder, "another withdrawal");
    if (saidOf(parties).kind === "counter") return checkSlip(kept, parties, time, given);
    const document = new Map<string, Json>([["action", "withdraw"], ["grant", terms.id], ["v", 1]]);
    return await checkKept(kept, digestOf(document), parties, time, this.trust);
  }

  async enrolment(): Promise<Status> {
    if (this.held === null) {
      const parties = partiesOf(this.decided?.[0]);
      return isKeyed(parties?.get("signer_kind")) ? "unproven" : "skipped";
    }
    const keyed = this.held.signed.filter(({ enrolled }) => enrolled !== null);
    if (keyed.length === 0) return "skipped";
    const ages: number[] = [];
    for (const signed of keyed) ages.push(await checkEnrolment(signed, this.trust));
    for (const signed of keyed) this.checkLogged(signed);
    const [age] = ages;
    const use = partiesOf(this.bundle.acts.get("use")?.[0]);
    const level = use === undefined ? null : levelOf(use);
    if (level !== null && level >= SENSITIVE && this.held.signed[0].enrolled !== null) {
      demand(age !== undefined && age >= KEY_WAITS, "a key that is too new for this level");
    }
    if (this.trust === null || age === undefined) return "unproven";
    this.keyHours = Math.floor(age / 3_600_000);
    return "ok";
  }

  /** That the log's record of an enrolment, where it is shown, is of this one. */
  private checkLogged({ enrolled, at }: Signed): void {
    for (const entry of this.bundle.acts.get("key") ?? []) {
      const [fact, parties] = [factOf(entry), partiesOf(entry)];
      if (enrolled === null || parties === undefined || parties.get("key") !== enrolled.id) continue;
      const named = members(parties.get("id_token"), "id_token", "sha256").get("sha256");
      const isSame = parties.get("terms") === enrolled.digest && named === sha256Hex(enrolled.token);
      const isInTime = milliseconds(textOf(fact?.get("time"), "time")) <= at;
      demand(isSame && isInTime, "the log holds another enrolment");
    }
  }

  async delegation(): Promise<Status> {
    const { acts, links } = this.bundle;
    const [entries, grant] = [acts.get("delegation"), this.decided?.[0]];
    if (entries === undefined) {
      return partiesOf(grant)?.get("representation") === "delegate" ? "unproven" : "skipped";
    }
    if (links === null || entries.some((entry) => entry.opening === null)) return "unproven";
    const chain: Chain = await checkChain(entries, links, this.trust);
    for (const { signed } of chain.links) this.checkLogged(signed);
    let { isBound } = chain;
    if (this.held !== null) {
      const { given, terms, isRefusal } = this.held;
      isBound = checkGrant(chain, terms, given.parties, given.time, isRefusal) && isBound;
      const use = shownOf(acts.get("use")?.[0]);
      if (use !== null) checkUse(chain, use.parties, use.time);
    }
    return this.trust !== null && isBound && (grant === undefined || this.held !== null) ? "ok" : "unproven";
  }

  enforcement(): Status {
    const { acts, kind } = this.bundle;
    if (kind !== "use" || !acts.has("grant")) return "skipped";
    const use = shownOf(acts.get("use")?.[0]);
    if (this.held === null || use === null) return "unproven";
    const { given, terms, signed, withdrawn } = this.held;
    const isWhole = checkLimits(terms, signed[0].said, use, given, withdrawn);
    const earlier = (acts.get("earlier") ?? []).flatMap((entry) => shownOf(entry) ?? []);
    const number = countUses(terms, use, earlier);
    if (number === null || !isWhole) return "unproven";
    this.counted = { number, most: terms.maxUses };
    return "ok";
  }
}

/** That the record is of these terms, and repeats them truly. */
function checkNamed(terms: GrantTerms, parties: JsonObject, isRefusal: boolean): void {
  const told: readonly (readonly [string, string | null])[] = [
    ["terms", terms.digest], [isRefusal ? "ask" : "grant", terms.id], ["holder", terms.holder], ["requester", terms.org],
    ["item", terms.item], ["case", terms.case], ["basis", terms.basis], ["notice", terms.noticeVersion],
    ["notice_sha256", terms.notice],
  ];
  for (const [name, text] of told) demand(parties.get(name) === text, `the record names another ${name}`);
}

/** What was signed: the terms, or their refusal; or an answer that approves or refuses them together with others. */
function signedDigest(terms: GrantTerms, parties: JsonObject, isRefusal: boolean): string {
  if (!parties.has("answer")) {
    const refusal = new Map<string, Json>([["action", "refuse"], ["ask", terms.id], ["v", 1]]);
    return isRefusal ? digestOf(refusal) : terms.digest;
  }
  const answer = members(parties.get("answer"), "answer", "action approved batch notice refused v");
  const [approved, refused] = ["approved", "refused"].map((name) => listed(answer.get(name), name));
  demand(answer.get("action") === "answer" && answer.get("v") === 1, "unknown form of an answer");
  textOf(answer.get("batch"), "batch");
  const [meant, other] = isRefusal ? [refused, approved] : [approved, refused];
  const isMeant = meant?.includes(terms.digest) === true && other?.includes(terms.digest) === false;
  demand(isMeant, `an answer that does not ${isRefusal ? "refuse" : "approve"} these terms`);
  demand(terms.notice !== null && answer.get("notice") === terms.notice, "an answer to another notice");
  return digestOf(answer);
}
