/**
 * The plan of docs/evidence.md section 6: fifteen steps in order, stopping at the first that fails.
 *
 * Nothing here reads a clock, a network or a store: the same three files give the same report for ever. A step that
 * needs what is not there says `skipped`; one that cannot be judged, or holds less than a proof, says `unproven`.
 */

import { type Anchor, checkAnchor } from "./chain.ts";
import type { Signed } from "./consent.ts";
import { ConsentPlan } from "./consentsteps.ts";
import { demand, Failure } from "./failure.ts";
import { type Bundle, parseBundle } from "./form.ts";
import { type DocumentIs, recognise } from "./given.ts";
import * as logs from "./logs.ts";
import { checkSeals } from "./qbft.ts";
import { checkLeaf, checkRecords } from "./record.ts";
import { type Status, type Step, type StepName, STEPS, type Verdict } from "./steps.ts";
import type { Trust } from "./trust.ts";

export interface Report {
  readonly verdict: Verdict;
  /** Whether there was a trust file. */
  readonly isTrusted: boolean;
  readonly steps: readonly Step[];
  readonly failed: Step | null;
  /** What was read, if step 1 held. What it says is proven only as far as `steps` say. */
  readonly bundle: Bundle | null;
  /** How many trusted witnesses cosigned; null where none were asked for. */
  readonly cosignatures: number | null;
  readonly anchor: Anchor | null;
  readonly seals: { readonly seals: number; readonly validators: number } | null;
  /** Who signed, how old their key was, and which use of how many this is; nulls where no step says so. */
  readonly consent: Consented;
  /** What the given document is, right or wrong, where the records say more than that it is theirs. */
  readonly documentIs: DocumentIs | null;
}

export interface Consented {
  readonly signed: Signed | null;
  readonly keyHours: number | null;
  readonly counted: { readonly number: number; readonly most: number } | null;
  /** Whether somebody signed whom the trust file does not vouch for. */
  readonly isUnvouched: boolean;
  /** Whether the log says that the grant was withdrawn, and by whose signature is not shown. */
  readonly isEndUnshown: boolean;
}

/**
 * Check a bundle.
 *
 * @param file the bundle's bytes.
 * @param trust from `parseTrust`, or null: then the best verdict is "consistent, trust unknown".
 * @param document the document's bytes, or null to leave step 4 out.
 */
export async function verify(
  file: Uint8Array,
  trust: Trust | null,
  document: Uint8Array<ArrayBuffer> | null,
): Promise<Report> {
  const plan = new Plan(trust, document);
  const steps: Step[] = [];
  for (const [i, name] of STEPS.entries()) {
    const number = i + 1;
    if (steps.at(-1)?.status === "failed" || steps.at(-1)?.status === "unreached") {
      steps.push({ number, name, status: "unreached" });
      continue;
    }
    try {
      steps.push({ number, name, status: await plan[name](file) });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      steps.push({ number, name, status: "failed", reason: error.message });
    }
  }
  const failed = steps.find((step) => step.status === "failed") ?? null;
  const verdict = failed === null ? plan.verdict(steps) : "failed";
  const { read: bundle, cosignatures, anchor, seals, consent, documentIs } = plan;
  return { verdict, isTrusted: trust !== null, steps, failed, bundle, cosignatures, anchor, seals, consent, documentIs };
}

/** One run; a method for each step, which raises a `Failure` or returns how the step went. */
class Plan implements Record<StepName, (file: Uint8Array) => Status | Promise<Status>> {
  read: Bundle | null = null;
  cosignatures: number | null = null;
  anchor: Anchor | null = null;
  seals: Report["seals"] = null;
  documentIs: DocumentIs | null = null;

  private consents: ConsentPlan | null = null;

  constructor(
    private readonly trust: Trust | null,
    private readonly given: Uint8Array<ArrayBuffer> | null,
  ) {}

  /** What step 1 read; later steps run only after it. */
  private get bundle(): Bundle {
    if (this.read === null) throw new Error("step 1 comes first");
    return this.read;
  }

  private get consented(): ConsentPlan {
    if (this.consents === null) throw new Error("step 1 comes first");
    return this.consents;
  }

  /** What the steps on consent found. */
  get consent(): Consented {
    const { signed = null, keyHours = null, counted = null, isUnvouched = false, isEndUnshown = false } = this.consents ?? {};
    return { signed, keyHours, counted, isUnvouched, isEndUnshown };
  }

  form(file: Uint8Array): Status {
    this.read = parseBundle(file);
    this.consents = new ConsentPlan(this.read, this.trust?.signers ?? null);
    return "ok";
  }

  leaf(): Status {
    const entries = logs.entriesOf(this.bundle);
    for (const entry of entries) checkLeaf(entry);
    return entries.every((entry) => entry.opening === null) ? "skipped" : "ok";
  }

  record(): Status {
    checkRecords(this.bundle);
    return this.isMute() ? "unproven" : "ok";
  }

  async document(): Promise<Status> {
    if (this.given === null) return "skipped";
    const { is, mismatch } = await recognise(this.bundle, this.given);
    this.documentIs = is;
    demand(mismatch === null, mismatch ?? "");
    return "ok";
  }

  inclusion(): Status {
    if (this.bundle.checkpoint === null) return "skipped";
    logs.checkPlaces(this.bundle, this.bundle.checkpoint);
    return "ok";
  }

  async checkpoint(): Promise<Status> {
    const { checkpoint, origin } = this.bundle;
    demand(checkpoint === null || checkpoint.origin === origin, "the checkpoint is another log's");
    if (this.trust !== null) logs.checkNamed(origin, this.trust);
    if (checkpoint === null) return "skipped";
    if (this.trust === null) return "unproven";
    await logs.checkSigned(checkpoint, this.trust);
    return "ok";
  }

  async superiors(): Promise<Status> {
    const { checkpoint, superiors } = this.bundle;
    if (checkpoint === null || superiors.length === 0) return "skipped";
    const below = [checkpoint];
    for (const superior of superiors) {
      logs.checkSuperior(superior, below);
      if (this.trust !== null) await logs.checkSigned(superior.checkpoint, this.trust);
      below.push(superior.checkpoint);
    }
    return this.trust === null ? "unproven" : "ok";
  }

  async witnesses(): Promise<Status> {
    const top = logs.topOf(this.bundle);
    if (top === null) return "skipped";
    if (this.trust === null || this.trust.quorum === 0) return "unproven";
    this.cosignatures = await logs.checkWitnesses(top, this.trust);
    return "ok";
  }

  async promise(): Promise<Status> {
    await logs.checkPromises(this.bundle, this.trust);
    return this.isPromised() ? "unproven" : "skipped";
  }

  chain(): Status {
    const top = logs.topOf(this.bundle);
    if (this.bundle.chain === null || top === null) return "skipped";
    if (this.trust?.chain == null) return "unproven";
    this.anchor = checkAnchor(this.bundle.chain, top, this.trust.chain);
    return "ok";
  }

  finality(): Status {
    if (this.bundle.chain === null) return "skipped";
    if (this.anchor === null || this.trust?.chain?.qbft == null) return "unproven";
    this.seals = checkSeals(this.anchor.header, this.trust.chain.qbft);
    return "ok";
  }

  signature(): Promise<Status> {
    return this.consented.signature();
  }

  enrolment(): Promise<Status> {
    return this.consented.enrolment();
  }

  delegation(): Promise<Status> {
    return this.consented.delegation();
  }

  enforcement(): Status {
    return this.consented.enforcement();
  }

  private isMute(): boolean {
    return logs.entriesOf(this.bundle).some((entry) => entry.opening === null);
  }

  private isPromised(): boolean {
    return logs.entriesOf(this.bundle).some((entry) => entry.promise !== null);
  }

  /** What all steps together say; the first that applies. */
  verdict(steps: readonly Step[]): Verdict {
    if (this.trust === null) return "consistent, trust unknown";
    if (this.isMute()) return "mute";
    if (this.isPromised()) return "promised";
    return steps.some((step) => step.name === "chain" && step.status === "ok") ? "proven" : "logged";
  }
}
