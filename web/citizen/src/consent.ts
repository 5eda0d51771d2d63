/**
 * What is asked, checked so that what is shown is what is signed.
 *
 * The digest that is signed is computed here, from the terms that are on the screen, never taken from the exchange. Terms
 * that hold a member these pages do not show are refused, as is a notice that names other things than the terms.
 */

import { canonical, digestOf, type Json, type Members } from "../../shared/canonical.ts";
import type { Schemas } from "../../shared/client.ts";

export type Terms = Schemas["TermsOut"];
export type Mode = Terms["mode"];
export type Ask = Schemas["AskOut"];
export type Thing = Schemas["ThingOut"];
export type Asked = Schemas["AskedOut"];
export type Notice = Schemas["NoticeOut"];
export type Grant = Schemas["GrantOut"];
export type Batch = Schemas["BatchOut"];

/** One consent that is asked for, with what the notice says of it. */
export interface Part {
  readonly ask: Ask;
  readonly asked: Asked;
  readonly separate: boolean;
}

/** What came from the exchange does not agree with itself; nothing of it may be signed. */
export class MismatchError extends Error {
  constructor(readonly what: string) {
    super(`mismatch: ${what}`);
  }
}

const VERSION = 2;
const TERMS = [
  ...["basis", "fields", "frequency", "fresh_days", "grantee", "grantor", "id", "max_uses", "mode", "notice", "objects"],
  ...["parent", "purpose", "regions", "type", "types", "v", "valid_from", "valid_to"],
];
const MODES: readonly string[] = ["verify", "data", "copy"];

const json = (value: unknown): Json => value as Json;
const same = (a: unknown, b: unknown): boolean => canonical(json(a)) === canonical(json(b));
const sorted = (values: readonly (string | undefined)[]): string[] => values.filter((each) => each !== undefined).sort();

/** Check a batch whole; its parts in the order of the notice. */
export function read(batch: Batch): Part[] {
  const { notice } = batch;
  const must = (holds: boolean, what: string): void => {
    if (!holds) throw new MismatchError(what);
  };
  must(digestOf(json(notice)) === batch.notice_digest && notice.batch === batch.batch_id, "notice");
  must(notice.asked.length === batch.asks.length && batch.asks.length > 0, "asks");
  return notice.asked.map((asked) => {
    const ask = batch.asks.find((each) => each.ask_id === asked.ask);
    if (!ask) throw new MismatchError("ask");
    const { terms } = ask;
    must(terms.v === VERSION && terms.type === "cailian/grant" && same(Object.keys(terms).sort(), TERMS), "form");
    must(terms.parent === null && MODES.includes(terms.mode), "form");
    must(terms.id === ask.ask_id && digestOf(json(terms)) === ask.digest, "digest");
    must(terms.notice.sha256 === batch.notice_digest && terms.notice.version === notice.version, "notice");
    must(terms.grantee.org === notice.who.org, "who");
    must(same(terms.purpose, { item: notice.why.item, case: notice.why.case, cause: notice.why.cause }), "why");
    must(same(sorted(asked.things.map((thing) => thing.object)), [...terms.objects].sort()), "things");
    must(same(sorted(asked.things.map((thing) => thing.type)), [...terms.types].sort()), "things");
    must(same(asked.fields.map((field) => field.name).sort(), [...terms.fields].sort()), "fields");
    must(asked.basis === terms.basis, "basis");
    return { ask, asked, separate: terms.basis === "separate_consent" };
  });
}

/** What is signed to approve some of what waits and refuse the rest. */
export function answer(batch: Batch, parts: readonly Part[], approved: ReadonlySet<string>): Members {
  const waiting = parts.filter(({ ask }) => ask.state === "pending");
  const digests = (yes: boolean): string[] =>
    waiting
      .filter(({ ask }) => approved.has(ask.ask_id) === yes)
      .map(({ ask }) => digestOf(json(ask.terms)))
      .sort();
  return {
    action: "answer",
    approved: digests(true),
    batch: batch.batch_id,
    notice: digestOf(json(batch.notice)),
    refused: digests(false),
    v: 1,
  };
}

export const withdrawal = (grantId: string): Members => ({ action: "withdraw", grant: grantId, v: 1 });

export const revocation = (keyId: string): Members => ({ action: "revoke", key: keyId, v: 1 });

/** Whether a part is of something sensitive: level 3 or 4, or nobody knows. */
export const isSensitive = (part: Part): boolean => part.separate || part.asked.things.some((thing) => thing.level >= 3);
