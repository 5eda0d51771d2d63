/** What was typed and not saved, as the tab keeps it: it outlives a reload, a login that ran out, a look elsewhere. */

import type { KindName } from "./kinds.ts";

export interface Kept {
  readonly text: string;
  /** What it was typed over: the digest of a draft, or the version in force. */
  readonly over: string;
}

const nameOf = (kind: KindName, code: string): string => `cailian.definition.${kind}.${code}`;

export function kept(kind: KindName, code: string): Kept | null {
  return JSON.parse(sessionStorage.getItem(nameOf(kind, code)) ?? "null") as Kept | null;
}

export function keep(kind: KindName, code: string, held: Kept | null): void {
  if (held) sessionStorage.setItem(nameOf(kind, code), JSON.stringify(held));
  else sessionStorage.removeItem(nameOf(kind, code));
}
