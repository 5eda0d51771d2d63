/**
 * Who is logged in at these pages, to look at what is theirs; nothing is done by it (`api/routes/session.py`).
 *
 * The session is a cookie that no script reads. What is here is who it is of, whom they look for, and when it is over.
 */

import { computed, ref, shallowRef } from "vue";

import { type Address, type AnswerOf, at, type BodyOf, type Path, type Schemas } from "../../shared/client.ts";
import { inSession, Problem } from "../../shared/exchange.ts";

export type Represented = Schemas["RepresentedOut"];
export type Person = Schemas["SessionOut"];
/** Addresses of what is one's own. */
export type Mine = Extract<Path, `/v1/my/${string}`>;

const ask = (method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<Response> =>
  inSession("1", { method, path, body, accept: "application/json, image/png, text/csv" });
const SESSION = at("/v1/my/session");

const WHO = "cailian.who";
const BEHALF = "cailian.behalf";

/** Who is there; null where nobody is, undefined while nobody has asked. */
export const person = shallowRef<Person | null | undefined>(undefined);
/** Whether somebody was there and their time ran out. */
export const isOver = ref(false);
const chosen = ref<string | null>(sessionStorage.getItem(BEHALF)); // the provider takes the screen in between
/** Whom the person looks for; null for themselves. */
export const behalf = computed<Represented | null>(
  () => person.value?.represents.find(({ on_behalf: name }) => name === chosen.value) ?? null,
);

let timer: ReturnType<typeof setTimeout> | undefined;

export function choose(name: string | null): void {
  chosen.value = name;
  if (name === null) sessionStorage.removeItem(BEHALF);
  else sessionStorage.setItem(BEHALF, name);
}

/** Take in who is there, and forget them when their time is over. */
export function enter(found: Person): void {
  person.value = found;
  isOver.value = false;
  clearTimeout(timer);
  timer = setTimeout(over, found.seconds_left * 1000);
}

/** Nobody is there any more; what was on the screen goes with them. */
function over(): void {
  clearTimeout(timer);
  isOver.value ||= person.value != null;
  person.value = null;
  sessionStorage.removeItem(WHO);
}

/** Ask who is there. Where somebody came or went before the answer, it is of the past and changes nothing. */
export async function look(): Promise<Person | null> {
  const before = person.value;
  const answer = await ask("GET", SESSION.whole);
  if (person.value !== before) return person.value ?? null;
  if (answer.status === 204) over();
  else enter((await answer.json()) as AnswerOf<"/v1/my/session", "get">);
  return person.value ?? null;
}

/** Begin with a login that was signed. */
export async function arrive(signed: BodyOf<"/v1/my/session", "post">): Promise<void> {
  enter((await (await ask("POST", SESSION.whole, signed)).json()) as AnswerOf<"/v1/my/session", "post">);
}

/** Log out, here and for every tab. */
export async function leave(): Promise<void> {
  await ask("DELETE", SESSION.whole);
  over();
  choose(null);
  isOver.value = false;
}

const scoped = (path: string): string => {
  if (!behalf.value) return path;
  return `${path}${path.includes("?") ? "&" : "?"}on_behalf=${encodeURIComponent(behalf.value.on_behalf)}`;
};

async function noticed(asked: Promise<Response>): Promise<Response> {
  const before = person.value;
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Problem && error.status === 401 && person.value === before) over();
    throw error;
  }
}

/** Pictures, proofs and files of whom the person looks for, by their path below `/v1/my/`; a session that is over is noticed. */
export const mine = (path: string): Promise<Response> => noticed(ask("GET", scoped(`/v1/my/${path}`)));

/** What is told of whom the person looks for. */
export function read<P extends Mine>(address: Address<P>): Promise<AnswerOf<P, "get">>;
/** The same by a path below `/v1/my/` whose answer the description does not name. */
export function read<T>(path: string): Promise<T>;
export async function read(address: Address<Mine> | string): Promise<unknown> {
  const path = typeof address === "string" ? `/v1/my/${address}` : address.whole;
  return (await noticed(ask("GET", scoped(path)))).json();
}

/** What is told of somebody the person may look for: a search, a POST without effect. */
export const search = async <P extends Mine>(address: Address<P>, body: BodyOf<P, "post">): Promise<AnswerOf<P, "post">> =>
  (await (await noticed(ask("POST", address.whole, body))).json()) as AnswerOf<P, "post">;

/** The name of whom the person looks for; undefined for themselves. */
export const onBehalf = (): string | undefined => behalf.value?.on_behalf;

// By which login they came: what a new key is tied to. Of this tab, as long as the session.

export interface LoginName {
  readonly issuer: string;
  readonly subject: string;
}

export function cameBy(): LoginName | null {
  try {
    return JSON.parse(sessionStorage.getItem(WHO) ?? "null") as LoginName | null;
  } catch {
    return null;
  }
}

export const rememberLogin = (name: LoginName): void => sessionStorage.setItem(WHO, JSON.stringify(name));
