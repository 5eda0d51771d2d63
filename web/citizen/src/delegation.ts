/**
 * Terms of a delegation (`authz/delegationterms.py`), made on the device of whoever gives it.
 *
 * Both people stand in them as commitments under salts made here; names and codes go beside the terms and are signed by
 * nobody. What hangs below another is never wider than that.
 */

import { base64url, type Json, type Members, uuid } from "../../shared/canonical.ts";
import { commitment } from "./passkeys.ts";
import type { Delegation } from "./things.ts";

const NOTICE = "2026-11";
const DAY = 86_400_000;
export const MOST_DAYS = 366;

export interface Named {
  readonly kind: "person" | "organisation";
  readonly name: string;
  readonly code: string;
}

export interface Wanted {
  readonly principal: Named;
  readonly delegate: Named;
  readonly items: readonly string[];
  readonly types: readonly string[];
  readonly mode: "verify" | "data" | "copy";
  readonly levels: number;
  readonly days: number;
  readonly parent: Delegation | null;
}

/** What is signed, and what is handed in with it. */
export function propose(wanted: Wanted): { terms: Members; body: Json } {
  const type = ({ kind }: Named): string => (kind === "organisation" ? "001" : "111");
  const { parent } = wanted;
  const [principal, delegate] = [wanted.principal, wanted.delegate].map((named) => ({
    ...commitment(named.code, type(named)),
    holder: { kind: named.kind, name: named.name, identifiers: [{ type: type(named), code: named.code }] },
  }));
  if (!principal || !delegate) throw new TypeError("two people");
  const from = new Date(Math.max(Date.now(), parent ? Date.parse(parent.terms.valid_from) : 0));
  const last = from.getTime() + wanted.days * DAY;
  const to = new Date(parent ? Math.min(last, Date.parse(parent.terms.valid_to)) : last);
  const terms: Members = {
    v: 1,
    type: "cailian/delegation",
    id: uuid(),
    parent: parent?.delegation_id ?? null,
    principal: principal.digest,
    delegate: delegate.digest,
    items: [...wanted.items].sort(),
    types: [...wanted.types].sort(),
    mode: wanted.mode,
    regions: parent ? [...parent.terms.regions] : ["310000"],
    levels: wanted.levels,
    valid_from: from.toISOString(),
    valid_to: to.toISOString(),
    notice: NOTICE,
  };
  const named = ({ holder, salt }: typeof principal): Json => ({ holder, salt: base64url(salt) }) as Json;
  return { terms, body: { terms, principal: named(principal), delegate: named(delegate) } };
}

export const ending = (id: string): Members => ({ action: "end", delegation: id, v: 1 });

/** Whether a text is an identity number (GB 11643: its last character is a check). */
export function isIdentityNumber(text: string): boolean {
  if (!/^\d{17}[\dX]$/.test(text)) return false;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, at) => total + weight * Number(text[at]), 0);
  return "10X98765432"[sum % 11] === text[17];
}
