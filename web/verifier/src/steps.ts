/** The names of docs/evidence.md section 6. */

export const STEPS = [
  "form", "leaf", "record", "document", "inclusion", "checkpoint",
  "superiors", "witnesses", "promise", "chain", "finality",
  "signature", "enrolment", "delegation", "enforcement",
] as const;
export type StepName = (typeof STEPS)[number];
export type Status = "ok" | "skipped" | "unproven" | "failed" | "unreached";
export type Verdict = "proven" | "logged" | "promised" | "mute" | "consistent, trust unknown" | "failed";

export interface Step {
  readonly number: number;
  readonly name: StepName;
  readonly status: Status;
  /** Why it failed. */
  readonly reason?: string;
}
