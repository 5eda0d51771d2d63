/** The three files of a verification, and which of them a dropped file is. */

import { hex } from "../src/bytes.ts";
import { sha256 } from "../src/hashes.ts";

export const SLOTS = ["bundle", "trust", "document"] as const;
export type Slot = (typeof SLOTS)[number];

export interface Held {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** How much of a file is looked at to tell what it is; our formats are named near the start. */
const PEEK = 4096;

/** What a dropped file is meant as. Only a guess to save a tap: the verifier reads it strictly, whatever this says. */
export async function slotOf(file: File): Promise<Slot> {
  if (file.name.endsWith(".cailian.json")) return "bundle";
  const start = await file.slice(0, PEEK).text();
  if (/"format"\s*:\s*"cailian-trust"/.test(start)) return "trust";
  return /"format"\s*:\s*"cailian-evidence"/.test(start) ? "bundle" : "document";
}

/** Read a file whole. */
export async function hold(file: File): Promise<Held> {
  return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
}

/** First half of a file's SHA-256, in fours, for comparing by eye with what its publisher says. */
export function fingerprint(held: Held): string {
  return (hex(sha256(held.bytes)).slice(0, 32).match(/.{4}/g) ?? []).join(" ");
}

const PINNED = "cailian.trust";

/** The trust file that this device was told to remember. */
export function pinned(): Held | null {
  try {
    const text = localStorage.getItem(PINNED);
    if (text === null) return null;
    const { name, content } = JSON.parse(text) as { name: string; content: string };
    return { name, bytes: new Uint8Array(new TextEncoder().encode(content)) };
  } catch {
    return null; // storage is forbidden, or holds something else: then nothing is remembered
  }
}

/** Remember a trust file, or forget it; says whether the device did. */
export function pin(held: Held | null): boolean {
  try {
    if (held === null) localStorage.removeItem(PINNED);
    else localStorage.setItem(PINNED, JSON.stringify({ name: held.name, content: new TextDecoder().decode(held.bytes) }));
    return true;
  } catch {
    return false;
  }
}
