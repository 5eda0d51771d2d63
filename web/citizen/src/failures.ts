/** Errors in words: what happened, and what to do. */

import { MismatchError } from "./consent.ts";
import { Problem, Unreached } from "../../shared/exchange.ts";
import { LoginError } from "../../shared/login.ts";
import { EnrolmentMismatchError, PasskeyError } from "./passkeys.ts";
import { pick, t } from "./words.ts";

export interface Failure {
  readonly kind: "offline" | "missing" | "mismatch" | "other";
  readonly title: string;
  readonly hint: string;
  readonly request?: string;
  /** Of the exchange's refusal. */
  readonly code?: string;
}

/** What to tell of an error. */
export function told(error: unknown): Failure {
  const { errors } = t.value;
  if (error instanceof Unreached) return { kind: "offline", title: errors.unreached, hint: errors.unreachedHint };
  if (error instanceof MismatchError || error instanceof EnrolmentMismatchError) {
    return { kind: "mismatch", title: errors.mismatch, hint: errors.mismatchHint };
  }
  if (error instanceof PasskeyError) return { kind: "other", title: errors.passkey, hint: errors.passkeyHint };
  if (error instanceof LoginError) return ofLogin(error);
  if (error instanceof Problem) return ofProblem(error);
  return { kind: "other", title: errors.other, hint: "" };
}

function ofLogin({ reason }: LoginError): Failure {
  const { errors } = t.value;
  if (reason === "denied") return { kind: "other", title: errors.denied, hint: "" };
  if (reason === "no-provider") return { kind: "other", title: errors.noProvider, hint: "" };
  return { kind: "other", title: errors.lost, hint: errors.lostHint };
}

function ofProblem({ code, title, hint, request }: Problem): Failure {
  const { errors } = t.value;
  const known: Record<string, readonly [Failure["kind"], string, string]> = {
    "not-found": ["missing", errors.missing, errors.missingHint],
    "unknown-ask": ["missing", errors.missing, errors.missingHint],
    "unknown-grant": ["missing", errors.missing, errors.missingHint],
    "unknown-refusal": ["missing", t.value.refusal.none, t.value.refusal.noneHint],
    "signer-not-holder": ["other", errors.stranger, errors.strangerHint],
    "id-token-refused": ["other", errors.stale, ""],
    "key-refused": ["other", errors.keyRefused, errors.keyRefusedHint],
    "session-over": ["other", t.value.gate.over, t.value.gate.overHint],
    "foreign-page": ["other", errors.other, ""],
    "assurance-too-low": ["other", t.value.preview.tooWeak, ""],
    "key-too-new": ["other", t.value.preview.tooNew, ""],
    "preview-unavailable": ["other", t.value.pages.none, ""],
    "ask-closed": ["other", errors.closed, errors.closedHint],
  };
  const found = known[code];
  if (found) return { kind: found[0], title: found[1], hint: found[2], request, code };
  return { kind: "other", title: pick(title.zh, title.en) || errors.other, hint: pick(hint.zh, hint.en), request, code };
}
