/** How checking ends badly. Every parser and check raises `Failure`; only the plan (`verify.ts`) knows the step. */

/** Something in a file is not as docs/evidence.md says; `message` is for people, in English. */
export class Failure extends Error {
  override name = "Failure";
}

/** Raise a `Failure` unless a condition holds. */
export function demand(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new Failure(reason);
}
