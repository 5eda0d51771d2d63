/**
 * Who stands at the kiosk. The card begins the session and prints a code; all else only looks (`api/routes/kiosk.py`).
 *
 * The exchange ends the session by itself 90 s after the last thing that was asked, and decides what it reaches. What is
 * here is for whoever forgets to log out: after `IDLE` without a touch the page does it, and nothing of them is left:
 * no storage, no memory, no history, for the page is loaded anew in its own place.
 */

import { computed, ref, shallowRef } from "vue";

import { digestOf, type Members } from "../../../shared/canonical.ts";
import { type CardReader, type ReaderPlace, readerOf } from "../../../shared/cardreader.ts";
import { type Address, type AnswerOf, at, type Path, type Schemas } from "../../../shared/client.ts";
import { call, inSession } from "../../../shared/exchange.ts";
import { prepare } from "../requests.ts";

type Mine = Extract<Path, `/v1/my/${string}`>;

const PAGE = "kiosk";
/** Seconds without a touch. */
export const IDLE = 60;
/** Seconds before the end at which the whole screen asks. */
export const WARNED = 20;
/** Milliseconds between two askings by which the exchange learns that somebody is there. */
const TOLD = 20_000;

export const person = shallowRef<Schemas["SessionOut"] | null>(null);
/** Seconds that are left without a touch. */
export const left = ref(IDLE);
export const isWarned = computed(() => person.value !== null && left.value <= WARNED);

let touched = 0;
let told = 0;
let ends = Infinity;
let clock: ReturnType<typeof setInterval> | undefined;

const ask = (method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<Response> =>
  inSession(PAGE, { method, path, body });

/** Look at something of whoever stands here. */
export const read = async <P extends Mine>(address: Address<P>): Promise<AnswerOf<P, "get">> => {
  told = Date.now();
  return (await (await ask("GET", address.whole)).json()) as AnswerOf<P, "get">;
};

export interface Setup {
  readonly demo: boolean;
  readonly reader: CardReader | null;
}

/** How this kiosk is set up. */
export async function setup(): Promise<Setup> {
  const { demo, card_reader: place } = await call<{ demo: boolean; card_reader: ReaderPlace | null }>("GET", "/kiosk/config.json");
  return { demo, reader: readerOf(place, demo) };
}

interface Read {
  readonly request: Members;
  readonly reading: string;
}

/** Have the card that lies on the reader read for one request. */
async function readFor(reader: CardReader, request: Members, signal?: AbortSignal, card?: string): Promise<Read> {
  const { evidence } = await reader.read(signal, card, digestOf(request));
  return { request, reading: evidence };
}

/** Somebody put their card on. */
export async function enter(reader: CardReader, signal?: AbortSignal, card?: string): Promise<void> {
  const signed = await readFor(reader, await prepare("session"), signal, card);
  const answer = await ask("POST", at("/v1/my/kiosk-session").whole, signed);
  const found = (await answer.json()) as AnswerOf<"/v1/my/kiosk-session", "post">;
  touch();
  told = Date.now();
  ends = Date.now() + found.seconds_left * 1000;
  person.value = found;
  clock = setInterval(tick, 250);
}

/** Make a printed code of a licence; the card is read once more. */
export async function printCode(reader: CardReader, licence: string, card?: string): Promise<Schemas["MadeCodeOut"]> {
  const signed = await readFor(reader, await prepare("print-code", licence), undefined, card);
  told = Date.now();
  return (await (await ask("POST", at("/v1/my/kiosk-codes").whole, signed)).json()) as Schemas["MadeCodeOut"];
}

/** Somebody is here. */
export function touch(): void {
  touched = Date.now();
  left.value = IDLE;
  if (person.value === null || Date.now() - told < TOLD) return;
  told = Date.now();
  ask("GET", at("/v1/my/session").whole).then(
    (answer) => answer.status === 204 && wipe(),
    () => undefined, // no network now: the next thing that is asked says so
  );
}

function tick(): void {
  const until = Math.min(touched + IDLE * 1000, ends);
  left.value = Math.max(0, Math.ceil((until - Date.now()) / 1000));
  if (left.value === 0) void leave();
}

/** Log out. Where the exchange cannot be reached the page forgets all the same, and the session ends by itself. */
export async function leave(): Promise<void> {
  clearInterval(clock);
  person.value = null;
  try {
    await ask("DELETE", at("/v1/my/session").whole);
  } catch {
    // it ends by itself
  }
  wipe();
}

function wipe(): void {
  clearInterval(clock);
  person.value = null;
  sessionStorage.clear();
  localStorage.clear();
  document.getElementById("app")?.replaceChildren();
  location.replace("/kiosk/");
}
