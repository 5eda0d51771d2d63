/**
 * Who works here: a login at the identity provider, a session that only its cookie holds (`api/routes/console.py`), and
 * requests in it. Nothing of the session can be read by a script; what is here is whose it is and when it ends.
 */

import { computed, ref, shallowRef } from "vue";

import { canonical, digestOf, random, uuid } from "../canonical.ts";
import { type Address, type AnswerOf, at, type BodyOf, type Path, type Schemas } from "../client.ts";
import { type Asked, inSession, Problem, Unreached } from "../exchange.ts";
import { begin, finish, type Login, LoginError } from "../login.ts";

export type Staff = Schemas["StaffOut"];

const PAGE = "console";
const SESSION = at("/v1/console/session").whole;
const LOGIN = "cailian.staff-login";
/** Milliseconds between two renewals while somebody works. */
const RENEW = 300_000;

/** Who is here; null where nobody is, undefined while nobody has asked. */
export const staff = shallowRef<Staff | null | undefined>(undefined);
/** Whether somebody was here and their time ran out. */
export const isOver = ref(false);
export const operator = computed(() => staff.value?.operator ?? "");
export const may = (scope: string): boolean => staff.value?.scopes.includes(scope) ?? false;
/** May do what keeps the node running; others who oversee it look. */
export const isAdministrator = computed(() => staff.value?.roles.includes("administrator") ?? false);
export const isRegistrar = computed(() => staff.value?.roles.includes("registrar") ?? false);
/** May let organisations in, and out. */
export const isOnboarding = computed(() => may("oversee") && (staff.value?.roles.some((role) => ["security_officer", "administrator"].includes(role)) ?? false));
export const isOverseer = computed(() => staff.value?.roles.some((role) => ["auditor", "security_officer", "administrator"].includes(role)) ?? false);

let timer: ReturnType<typeof setTimeout> | undefined;
let renewed = 0;

function enter(found: Staff): void {
  staff.value = found;
  isOver.value = false;
  renewed = Date.now();
  clearTimeout(timer);
  timer = setTimeout(over, found.seconds_left * 1000);
}

function over(): void {
  clearTimeout(timer);
  isOver.value ||= staff.value != null;
  staff.value = null;
}

/** Ask who is here. Where somebody came or went before the answer, it is of the past and changes nothing. */
export async function look(): Promise<void> {
  const before = staff.value;
  const answer = await inSession(PAGE, { method: "GET", path: SESSION });
  if (staff.value !== before) return;
  if (answer.status === 204) over();
  else enter(await json<Staff>(answer));
}

/** Somebody works: the session goes on. What fails here fails at the next request, and is told there. */
export async function stay(): Promise<void> {
  if (!staff.value || Date.now() - renewed < RENEW) return;
  renewed = Date.now();
  const before = staff.value;
  try {
    const found = await json<Staff>(await inSession(PAGE, { method: "POST", path: "/v1/console/session/renewal" }));
    if (staff.value === before) enter(found);
  } catch {
    // no network now, or the working day is over
  }
}

/** Log out, here and in every tab. */
export async function leave(): Promise<void> {
  await inSession(PAGE, { method: "DELETE", path: SESSION });
  over();
  isOver.value = false;
}

interface Pending {
  readonly id: string;
  readonly login: Login;
  readonly then: string;
}

/** Go to the identity provider; it leads back to `then`. */
export async function logIn(then: string): Promise<void> {
  const id = uuid();
  const { login, address } = await begin(digestOf({ id, type: "cailian/staff-session", v: 1 }));
  sessionStorage.setItem(LOGIN, JSON.stringify({ id, login, then } satisfies Pending));
  location.assign(address);
}

/** The provider came back; where to go then. */
export async function arrive(found: URLSearchParams): Promise<string> {
  const held = JSON.parse(sessionStorage.getItem(LOGIN) ?? "null") as Pending | null;
  if (!held) throw new LoginError("none");
  const body = { id: held.id, id_token: await finish(held.login, found) };
  enter(await json<Staff>(await inSession(PAGE, { method: "POST", path: SESSION, body })));
  sessionStorage.removeItem(LOGIN);
  return held.then;
}

async function json<T>(answer: Response): Promise<T> {
  try {
    return (await answer.json()) as T;
  } catch (error) {
    throw new Unreached("cut off", { cause: error });
  }
}

/** Ask as this member of staff; a session that is over is noticed. */
export async function ask(asked: Asked): Promise<Response> {
  const before = staff.value;
  try {
    return await inSession(PAGE, asked);
  } catch (error) {
    if (error instanceof Problem && error.status === 401 && staff.value === before) over();
    throw error;
  }
}

/** The same, as JSON. */
export async function read<P extends Path>(address: Address<P>): Promise<AnswerOf<P, "get">>;
/** By an address whose answer the description does not name. */
export async function read<T>(path: string): Promise<T>;
export async function read(address: Address<Path> | string): Promise<unknown> {
  return json(await ask({ method: "GET", path: typeof address === "string" ? address : address.whole }));
}

/** A search: a POST without effect. */
export const search = async <P extends Path>(address: Address<P>, body: BodyOf<P, "post">): Promise<AnswerOf<P, "post">> =>
  json(await ask({ method: "POST", path: address.whole, body }));

/** Keys of acts that were sent and never answered, by what they were. */
const unanswered = new Map<string, string>();

/**
 * Do something once: where no answer comes, doing the very same again goes under the same key and counts once.
 */
export async function act<P extends Path, M extends "POST" | "PATCH">(
  method: M, address: Address<P>, body: BodyOf<P, Lowercase<M>>, limit?: number,
): Promise<AnswerOf<P, Lowercase<M>>> {
  const path = address.whole;
  const what = `${path} ${body instanceof FormData ? formOf(body) : canonicalOf(body)}`;
  const key = unanswered.get(what) ?? random(18);
  unanswered.set(what, key);
  try {
    const answer = await ask({ method, path, body, key, ...(limit === undefined ? {} : { limit }) });
    const told = await json<AnswerOf<P, Lowercase<M>>>(answer);
    unanswered.delete(what);
    return told;
  } catch (error) {
    if (!(error instanceof Unreached)) unanswered.delete(what);
    throw error;
  }
}

/** A form by what says whether it is the same: its words, and its file as the device names it. */
const formOf = (form: FormData): string =>
  [...form.values()].map((each) => (typeof each === "string" ? each : `${each.name} ${each.size} ${each.lastModified}`)).join(" ");

const canonicalOf = (body: unknown): string => canonical(JSON.parse(JSON.stringify(body)) as never);
