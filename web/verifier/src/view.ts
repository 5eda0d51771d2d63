/**
 * A report as plain data for people: what was recorded, as far as the plan went, and what is *not* proven.
 *
 * Plain, because it crosses from the worker to the page; without words, because those come in two languages
 * (`texts.ts`). A fact is told only if the step that checks it held; how far it may be believed is `standing`.
 */

import type { Bundle, Entry } from "./form.ts";
import type { DocumentIs } from "./given.ts";
import type { Json, JsonObject } from "./json.ts";
import { claim } from "./jws.ts";
import { entriesOf } from "./logs.ts";
import { factOf, partiesOf } from "./record.ts";
import type { Status, Step, StepName, Verdict } from "./steps.ts";
import type { Report } from "./verify.ts";

export type FactName =
  | "sha256" | "sm3" | "size" | "requester" | "case" | "item" | "use" | "mode" | "material" | "object" | "grant"
  | "reference" | "licenceId" | "licenceType" | "validFrom" | "validTo" | "status" | "statusAt"
  | "released" | "copy" | "copyFrom" | "copyTo" | "originalSha256" | "originalSm3" | "log" | "place" | "above" | "witnesses" | "deadline" | "anchoredAt" | "chain" | "block" | "blockHash" | "seals"
  | "signedBy" | "login" | "assurance" | "keyHours" | "counted"
  | "ask" | "said" | "reason";

/** What a reader might take for proven and is not. */
export type Limit =
  | "trust-unknown" | "mute" | "promised" | "no-document" | "parties-shut" | "no-witnesses" | "no-anchor"
  | "chain-untrusted" | "finality" | "later-status" | "copy-period"
  | "consent-not-shown" | "consent-untrusted" | "withdrawal-not-shown" | "whose-login" | "not-counted"
  | "reason-shut" | "decision-not-shown" | "truth";

/** How far the facts may be believed: logged, only promised, claimed by a bundle nobody vouches for, or of one that failed. */
export type Standing = "proven" | "promised" | "claimed" | "refuted";

export interface View {
  readonly verdict: Verdict;
  readonly kind: string | null;
  readonly standing: Standing;
  readonly steps: readonly Step[];
  readonly failed: Step | null;
  /** What the document is, right or wrong, where the records say more than that it is theirs. */
  readonly documentIs: DocumentIs | null;
  /** In the order of time; nulls where the record was erased. */
  readonly records: readonly { readonly type: string | null; readonly time: string | null }[];
  readonly facts: readonly { readonly name: FactName; readonly value: string }[];
  /** Worth saying only where no step failed; they also explain steps that are neither green nor red. */
  readonly limits: readonly Limit[];
  /** Since when an anchor was overdue when the bundle was made; its maker's word, checked by nothing. */
  readonly overdueSince: string | null;
  /** Names of other sections that were not looked at. */
  readonly ignored: readonly string[];
}

/** Longest text of a file that is shown: enough for every code and hash we know. */
const MAX_SHOWN = 200;

/**
 * A text from a file as it may be shown: controls, direction marks and other invisible characters are written out, so
 * that it can neither drive a terminal nor look like something else.
 */
function shown(text: string): string {
  const cut = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  return cut.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (sign) => `\\u{${sign.codePointAt(0)?.toString(16) ?? ""}}`);
}

/** Put a report in plain data. */
export function view(report: Report): View {
  const { bundle, failed, steps, verdict } = report;
  const isTold = bundle !== null && (failed === null || failed.number > 3);
  return {
    verdict,
    kind: bundle?.kind ?? null,
    standing: standingOf(report),
    steps: steps.map(shownStep),
    failed: failed === null ? null : shownStep(failed),
    // What a later step refuted is told as nothing.
    documentIs: failed === null || failed.name === "document" ? (report.documentIs ?? null) : null,
    records: isTold ? recordsOf(bundle) : [],
    facts: isTold ? factsOf(report, bundle) : [],
    limits: bundle === null ? [] : limitsOf(report, bundle),
    overdueSince: bundle?.overdueSince ?? null,
    ignored: (bundle?.ignored ?? []).filter((name) => name !== "notice" || bundle?.overdueSince == null),
  };
}

function standingOf({ bundle, failed, verdict }: Report): Standing {
  if (failed !== null || bundle === null) return "refuted";
  if (verdict === "consistent, trust unknown") return "claimed";
  return entriesOf(bundle).some((entry) => entry.promise !== null) ? "promised" : "proven";
}

function shownStep(step: Step): Step {
  return step.reason === undefined ? step : { ...step, reason: shown(step.reason) };
}

function factsOf(report: Report, bundle: Bundle): Facts {
  const facts = [
    ...factsOfAct(bundle), ...factsOfLog(report, bundle), ...factsOfChain(report), ...factsOfConsent(report),
  ];
  return facts.map(({ name, value }) => ({ name, value: shown(value) }));
}

function recordsOf(bundle: Bundle): View["records"] {
  // Step 3 held: types are known ones, and times well-formed, so that their texts sort like times; erased ones go last.
  const records = entriesOf(bundle).map((entry) => {
    const fact = factOf(entry);
    return { type: text(fact, "type") ?? null, time: text(fact, "time") ?? null };
  });
  return records.sort((a, b) => ((a.time ?? "Z") < (b.time ?? "Z") ? -1 : 1));
}

type Facts = { name: FactName; value: string }[];

function factsOfAct(bundle: Bundle): Facts {
  const first: Entry | undefined = bundle.acts.get(bundle.kind)?.[0];
  const [fact, parties] = [factOf(first), partiesOf(first)];
  const named: [FactName, string | undefined][] = [
    ["requester", text(parties, "requester")],
    ["case", text(parties, "case")],
    ["item", text(parties, "item")],
    ["use", text(parties, "use")],
    ["mode", text(parties, "mode")],
    ["object", text(parties, "object")],
    ["material", text(parties, "material")],
    ["grant", text(parties, "grant")],
    ["ask", text(parties, "ask")],
    ["said", text(parties, "said")],
    ["reason", bundle.why?.reason],
    ["reference", text(parties, "reference")],
    ...factsOfLicence(bundle),
    ...factsOfDocument(bundle, fact),
  ];
  return named.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}

type Named = [FactName, string | undefined][];

function factsOfLicence(bundle: Bundle): Named {
  const [issued, changed] = bundle.acts.get("licence") ?? [];
  const released = bundle.acts.get("derived")?.[0];
  const [of, copy, state] = [partiesOf(issued), partiesOf(released), partiesOf(changed)];
  return [
    ["licenceId", text(of, "licence_id") ?? text(copy, "licence_id")],
    ["licenceType", text(of, "licence_type")],
    ["validFrom", text(of, "valid_from")],
    ["validTo", text(of, "valid_to")],
    ["status", text(state, "status")],
    ["statusAt", state && text(factOf(changed), "time")],
    ["released", text(factOf(released), "rendition")],
    ["copy", text(copy, "copy")],
    ["copyFrom", text(copy, "valid_from")],
    ["copyTo", text(copy, "valid_to")],
  ];
}

/** Size and digests of the file that step 4 compares; and of the original, where that is another. */
function factsOfDocument(bundle: Bundle, main: JsonObject | undefined): Named {
  const released = bundle.acts.get("derived")?.[0];
  const fact = released === undefined ? main : factOf(released);
  const original = factOf(released)?.get("parent");
  return [
    ["size", number(fact, "size")],
    ["sha256", digest(fact?.get("digests"), "sha256")],
    ["sm3", digest(fact?.get("digests"), "sm3")],
    ["originalSha256", digest(original, "sha256")],
    ["originalSm3", digest(original, "sm3")],
  ];
}

function digest(digests: Json | undefined, name: string): string | undefined {
  return digests instanceof Map ? text(digests, name) : undefined;
}

function text(object: JsonObject | undefined, name: string): string | undefined {
  const value = object?.get(name);
  return typeof value === "string" ? value : undefined;
}

function number(object: JsonObject | undefined, name: string): string | undefined {
  const value = object?.get(name);
  return typeof value === "number" ? String(value) : undefined;
}

function factsOfLog(report: Report, bundle: Bundle): Facts {
  const facts: Facts = [];
  const { checkpoint, origin, superiors } = bundle;
  const held = (name: StepName) => isHeld(report, name);
  if (held("checkpoint") || held("promise")) facts.push({ name: "log", value: origin });
  if (checkpoint !== null && held("inclusion") && held("checkpoint")) {
    const indices = entriesOf(bundle).flatMap((entry) => (entry.place === null ? [] : [entry.place.index]));
    facts.push({ name: "place", value: `${indices.join(", ")} / ${checkpoint.size}` });
  }
  if (superiors.length > 0 && held("superiors")) {
    facts.push({ name: "above", value: superiors.map((superior) => superior.checkpoint.origin).join(" → ") });
  }
  if (report.cosignatures !== null && held("witnesses")) {
    facts.push({ name: "witnesses", value: String(report.cosignatures) });
  }
  const deadlines = entriesOf(bundle).flatMap((entry) => (entry.promise === null ? [] : [entry.promise.deadline]));
  const last = deadlines.sort().at(-1);
  if (last !== undefined && held("promise")) facts.push({ name: "deadline", value: last });
  return facts;
}

/** Whether a step was reached and did not fail. */
function isHeld(report: Report, name: StepName): boolean {
  const status = statusOf(report, name);
  return status === "ok" || status === "unproven";
}

function statusOf(report: Report, name: StepName): Status | undefined {
  return report.steps.find((step) => step.name === name)?.status;
}

function factsOfChain(report: Report): Facts {
  const { anchor, seals } = report;
  if (anchor === null || statusOf(report, "finality") === "failed") return [];
  const facts: Facts = [
    { name: "anchoredAt", value: new Date(anchor.anchoredAt * 1000).toISOString() },
    { name: "chain", value: String(anchor.chainId) },
    { name: "block", value: String(anchor.header.integer("number")) },
    { name: "blockHash", value: anchor.header.blockHash() },
  ];
  if (seals !== null) facts.push({ name: "seals", value: `${seals.seals} / ${seals.validators}` });
  return facts;
}

/** Who consented is told as far as a trusted party vouches for it. */
function factsOfConsent(report: Report): Facts {
  const { signed, keyHours, counted } = report.consent;
  const facts: Facts = [];
  if (signed !== null && statusOf(report, "signature") === "ok") {
    facts.push({ name: "signedBy", value: signed.said.kind });
    const { login } = signed;
    const isWhole = signed.enrolled === null || statusOf(report, "enrolment") === "ok";
    if (login !== null && isWhole) facts.push({ name: "login", value: `${claim(login, "sub")} (${claim(login, "iss")})` });
    facts.push({ name: "assurance", value: String(signed.said.assurance) });
  }
  if (keyHours !== null && statusOf(report, "enrolment") === "ok") facts.push({ name: "keyHours", value: `${keyHours} h` });
  if (counted !== null && statusOf(report, "enforcement") === "ok") {
    facts.push({ name: "counted", value: `${counted.number} / ${counted.most}` });
  }
  return facts;
}

function limitsOf(report: Report, bundle: Bundle): Limit[] {
  const status = (name: StepName) => statusOf(report, name);
  const entries = entriesOf(bundle);
  const isShut = entries.some((entry) => entry.opening !== null && partiesOf(entry) === undefined);
  const { isTrusted } = report;
  const limits: [boolean, Limit][] = [
    [!isTrusted, "trust-unknown"],
    [entries.some((entry) => entry.opening === null), "mute"],
    [entries.some((entry) => entry.promise !== null), "promised"],
    [isTrusted && status("witnesses") === "unproven", "no-witnesses"],
    [bundle.checkpoint !== null && status("chain") === "skipped", "no-anchor"],
    [isTrusted && status("chain") === "unproven", "chain-untrusted"],
    [status("chain") === "ok" && status("finality") === "unproven", "finality"],
    [status("document") === "skipped", "no-document"],
    [isShut, "parties-shut"],
    [bundle.acts.has("licence"), "later-status"],
    [bundle.acts.has("derived"), "copy-period"],
    [bundle.acts.has("grant") && bundle.consent === null, "consent-not-shown"],
    [isTrusted && report.consent.isUnvouched, "consent-untrusted"],
    [report.consent.isEndUnshown, "withdrawal-not-shown"],
    [status("signature") === "ok" || status("delegation") === "ok", "whose-login"],
    [bundle.consent !== null && status("enforcement") === "unproven", "not-counted"],
    [bundle.acts.has("refusal") && bundle.decision === null, "decision-not-shown"],
    [bundle.acts.has("refused-use") && bundle.why === null, "reason-shut"],
    [true, "truth"],
  ];
  return limits.flatMap(([applies, limit]) => (applies ? [limit] : []));
}
