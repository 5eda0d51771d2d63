/**
 * What a citizen does: a document, a signature over it, a request. Nothing is done twice and nothing is lost.
 *
 * An act has one Idempotency-Key from its first tap on. While the identity provider has the screen, and until the exchange
 * has answered, the act waits in the tab's storage; when no answer comes it is sent again under its key, as long as its
 * signature is fresh.
 */

import { shallowReactive, type ShallowReactive } from "vue";

import { digestOf, type Json, type Members, random } from "../../shared/canonical.ts";
import { at, type BodyOf, post, type Schemas } from "../../shared/client.ts";
import type { Batch, Grant } from "./consent.ts";
import { call } from "../../shared/exchange.ts";
import { type HostSignature, signInApp } from "./host.ts";
import { begin, claims, finish, type Login, LoginError } from "../../shared/login.ts";
import { addPasskey, dropPasskey, opened, passkeys, remember } from "./memory.ts";
import { type Enrolment, PasskeyError, type PasskeySignature, sign } from "./passkeys.ts";
import { prepare } from "./requests.ts";
import { arrive, onBehalf, person, rememberLogin, search } from "./session.ts";

export type Act =
  | { readonly kind: "answer"; readonly batch: string; readonly approved: readonly string[] }
  | { readonly kind: "withdraw"; readonly grant: string; readonly batch: string; readonly then: string }
  | { readonly kind: "enrol"; readonly enrolment: Enrolment }
  | { readonly kind: "revoke"; readonly key: string }
  | { readonly kind: "session"; readonly request: Json; readonly then: string }
  /** A signed request (`requests.ts`) that is sent to a path; its answer waits in `answers` under the place where it is shown. */
  | { readonly kind: "request"; readonly request: Json; readonly path: string; readonly then: string }
  /** The digest of a commitment's terms is signed, as it stands. */
  | { readonly kind: "commit"; readonly commitment: string; readonly then: string }
  | { readonly kind: "delegate"; readonly body: Json; readonly then: string }
  | { readonly kind: "end"; readonly delegation: string; readonly then: string };

interface Pending {
  readonly act: Act;
  readonly digest: string;
  readonly key: string;
  readonly login: Login | null;
  readonly token: string | null;
  readonly signedAt: number;
}

/** Milliseconds a login counts as fresh; the exchange says 300 s, and the clocks may differ a little. */
const FRESH = 280_000;
const ACT = "cailian.act";

/** Batches and grants as the exchange last told them, while the page is open. */
export const batches: ShallowReactive<Map<string, Batch>> = shallowReactive(new Map());
export const grants: ShallowReactive<Map<string, Grant>> = shallowReactive(new Map());
/** How far the consent of several holders has come, by ask: told to its holder alone, never with the batch itself. */
export const joints: ShallowReactive<Map<string, Schemas["JointOut"]>> = shallowReactive(new Map());
/** What a signed request was answered with, by the place that shows it; good while the page is open. */
export const answers: ShallowReactive<Map<string, unknown>> = shallowReactive(new Map());

function stored<T>(place: string): T | null {
  try {
    return JSON.parse(sessionStorage.getItem(place) ?? "null") as T | null;
  } catch {
    return null;
  }
}

const store = (place: string, value: unknown): void => sessionStorage.setItem(place, JSON.stringify(value));

/** The act that waits for its signature or its answer. */
export function pending(): Act | null {
  return stored<Pending>(ACT)?.act ?? null;
}

/** Whether what waits is signed, and freshly enough to be sent again. */
export function canSendAgain(): boolean {
  const held = stored<Pending>(ACT);
  return held?.token != null && Date.now() - held.signedAt < FRESH;
}

export function drop(): void {
  sessionStorage.removeItem(ACT);
}

/** How something may be signed on this device. */
export type Way = "login" | "passkey" | "host_app";

/**
 * Sign a document and hand in the act; where to go then, or undefined while the identity provider has the screen.
 */
export async function perform(way: Way, act: Act, document: Json): Promise<string | undefined> {
  if (way === "login") return byLogin(act, document);
  const digest = digestOf(document);
  const signature = way === "passkey" ? await sign(digest) : await signInApp(hostKey(), digest);
  return deliver({ act, key: random(18) }, { signature });
}

function hostKey(): string {
  const held = passkeys.value.find(({ kind }) => kind === "host_app");
  if (!held) throw new PasskeyError("no key");
  return held.key_id;
}

/** Keep an act and go to the identity provider with the digest of what is signed. */
export async function byLogin(act: Act, document: Json): Promise<undefined> {
  const digest = digestOf(document);
  const { login, address } = await begin(digest);
  store(ACT, { act, digest, key: random(18), login, token: null, signedAt: 0 } satisfies Pending);
  location.assign(address);
}

/** The provider came back: take its token, keep it until the exchange has answered, send; where to go then. */
export async function resume(found: URLSearchParams): Promise<string> {
  const held = stored<Pending>(ACT);
  if (!held?.login) throw new LoginError("none");
  const token = held.token ?? (await finish(held.login, found));
  store(ACT, { ...held, token, signedAt: Date.now() } satisfies Pending);
  return again();
}

/** Send what is signed, under the same key. */
export async function again(): Promise<string> {
  const held = stored<Pending>(ACT);
  if (held?.token == null) throw new LoginError("none");
  const where = await deliver(held, { id_token: held.token });
  drop();
  return where;
}

type Signed = { readonly id_token: string } | { readonly signature: PasskeySignature | HostSignature };

async function deliver({ act, key }: Pick<Pending, "act" | "key">, signed: Signed): Promise<string> {
  switch (act.kind) {
    case "answer": {
      const body = { approved: act.approved, ...signed };
      const batch = await post(at("/v1/ask-batches/{batch_id}/answer", { batch_id: act.batch }), body, key);
      learn(batch);
      remember(act.batch);
      return `/asks/${act.batch}`;
    }
    case "withdraw": {
      const grant = await post(at("/v1/grants/{grant_id}/withdrawal", { grant_id: act.grant }), signed, key);
      grants.set(grant.grant_id, grant);
      return act.then;
    }
    case "enrol": {
      const { kind, terms, salt, registration, credential } = act.enrolment;
      if (!("id_token" in signed)) throw new LoginError("none"); // a key enrols no other key
      const made = await post(at("/v1/keys"), { terms: terms as Members, salt, registration: registration as Members, ...signed }, key);
      addPasskey({ key_id: made.key_id, credential, full_from: made.full_from, kind });
      return "/keys";
    }
    case "revoke":
      await post(at("/v1/keys/{key_id}/revocation", { key_id: act.key }), signed, key);
      dropPasskey(act.key);
      return "/keys";
    case "session": {
      if ("id_token" in signed) {
        const said = claims(signed.id_token);
        rememberLogin({ issuer: String(said["iss"]), subject: String(said["sub"]) });
      }
      await arrive({ request: act.request as Members, ...signed });
      return act.then;
    }
    case "request":
      answers.set(act.then, await call("POST", act.path, { request: act.request, ...signed }, key));
      return act.then;
    case "commit":
      await call("POST", `/v1/commitments/${act.commitment}/signature`, signed, key);
      return act.then;
    case "delegate":
      await post(at("/v1/delegations"), { ...(act.body as unknown as Omit<BodyOf<"/v1/delegations", "post">, keyof Signed>), ...signed }, key);
      return act.then;
    case "end":
      await post(at("/v1/delegations/{delegation_id}/end", { delegation_id: act.delegation }), signed, key);
      return act.then;
  }
}

export type Key = Schemas["KeyOut"];

export function learn(batch: Batch): void {
  for (const grant of batch.grants ?? []) grants.set(grant.grant_id, grant);
  batches.set(batch.batch_id, batch);
}

/** Log in to see what is mine. */
export async function logIn(way: Way, then: string): Promise<string | undefined> {
  const request = await prepare("session");
  return perform(way, { kind: "session", request, then }, request);
}

/** Sign a request and send it. */
export async function send(way: Way, request: Members, path: string, then: string): Promise<string | undefined> {
  return perform(way, { kind: "request", request, path, then }, request);
}

export type Listed = Schemas["ConsentsOut"];

/** What waits for, and was given by, somebody; by default whom the person looks for. Needs a session. */
export async function list(name: string | undefined = onBehalf()): Promise<Listed> {
  const found = await search(at("/v1/my/consents", { on_behalf: name || null }), { batches: opened.value });
  for (const batch of found.batches) {
    batches.set(batch.batch_id, batch);
    for (const { ask_id, joint } of batch.asks) if (joint) joints.set(ask_id, joint);
  }
  for (const grant of found.grants) grants.set(grant.grant_id, grant);
  return found;
}

/** What is known of the other holders of what is asked: only whoever is logged in was told (`list`). */
export function jointOf(ids: readonly string[]): { readonly ask_id: string; readonly joint: Schemas["JointOut"] }[] {
  return ids.flatMap((ask_id) => (joints.has(ask_id) ? [{ ask_id, joint: joints.get(ask_id)! }] : []));
}

/** Nobody else: no name stands in the address. */
const OWN = "";

/** The same, of oneself and everybody one represents: what waits for a person waits wherever they look. */
export async function listAll(): Promise<void> {
  const others = (person.value?.represents ?? []).map(({ on_behalf: name }) => name);
  await Promise.all([OWN, ...others].map(list));
}
