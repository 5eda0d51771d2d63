/**
 * Who is logged in at these pages, to look at what is theirs; nothing is done by it (`api/routes/session.py`).
 *
 * The session is a cookie that no script reads. What is here is who it is of, whom they look for, and when it is over.
 */

import { computed, ref, shallowRef } from "vue";

import { inSession, Problem } from "../../shared/exchange.ts";

export interface Represented {
  readonly on_behalf: string;
  readonly name: string;
  readonly kind: "person" | "organisation";
  readonly capacity: "legal_representative" | "guardian";
  readonly code: string | null;
}

export interface Person {
  readonly name: string;
  readonly seconds_left: number;
  readonly signer_kind: string;
  readonly assurance: string;
  readonly represents: readonly Represented[];
}

/** Ask for what is one's own. */
export const my = (method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<Response> =>
  inSession("1", { method, path: `/v1/my/${path}`, body, accept: "application/json, image/png, text/csv" });

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

/** Ask who is there. */
export async function look(): Promise<Person | null> {
  const answer = await my("GET", "session");
  if (answer.status === 204) over();
  else enter((await answer.json()) as Person);
  return person.value ?? null;
}

/** Log out, here and for every tab. */
export async function leave(): Promise<void> {
  await my("DELETE", "session");
  over();
  choose(null);
  isOver.value = false;
}

const scoped = (path: string): string => {
  if (!behalf.value) return path;
  return `${path}${path.includes("?") ? "&" : "?"}on_behalf=${encodeURIComponent(behalf.value.on_behalf)}`;
};

/** Ask for something of whom the person looks for; a session that is over is noticed. */
export async function mine(path: string, body?: unknown): Promise<Response> {
  try {
    return await my(body === undefined ? "GET" : "POST", scoped(path), body);
  } catch (error) {
    if (error instanceof Problem && error.status === 401) over();
    throw error;
  }
}

/** The same, as JSON. */
export const read = async <T>(path: string, body?: unknown): Promise<T> => (await (await mine(path, body)).json()) as T;

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
