/**
 * What a citizen does: a document, a signature over it, a request. Nothing is done twice and nothing is lost.
 *
 * An act has one Idempotency-Key from its first tap on. While the identity provider has the screen, and until the exchange
 * has answered, the act waits in the tab's storage; when no answer comes it is sent again under its key, as long as its
 * signature is fresh.
 */

import { ref, shallowReactive, type ShallowReactive } from "vue";

import { digestOf, type Json, random } from "./canonical.ts";
import type { Batch, Grant } from "./consent.ts";
import { call } from "./exchange.ts";
import { begin, claims, finish, type Login, LoginError } from "./login.ts";
import { addPasskey, dropPasskey, opened, remember } from "./memory.ts";
import { type Enrolment, type PasskeySignature, sign } from "./passkeys.ts";

export type Act =
  | { readonly kind: "answer"; readonly batch: string; readonly approved: readonly string[] }
  | { readonly kind: "withdraw"; readonly grant: string; readonly batch: string }
  | { readonly kind: "enrol"; readonly enrolment: Enrolment }
  | { readonly kind: "revoke"; readonly key: string }
  | { readonly kind: "list"; readonly request: Json; readonly then: string };

interface Pending {
  readonly act: Act;
  readonly digest: string;
  readonly key: string;
  readonly login: Login | null;
  readonly token: string | null;
  readonly signedAt: number;
}

interface Session {
  readonly request: Json;
  readonly token: string;
  readonly issuer: string;
  readonly subject: string;
  readonly until: number;
}

/** Milliseconds a login counts as fresh; the exchange says 300 s, and the clocks may differ a little. */
const FRESH = 280_000;
const ACT = "cailian.act";
const SESSION = "cailian.session";

/** Batches and grants as the exchange last told them, while the page is open. */
export const batches: ShallowReactive<Map<string, Batch>> = shallowReactive(new Map());
export const grants: ShallowReactive<Map<string, Grant>> = shallowReactive(new Map());
/** Whether things were listed for a login in this page. */
export const isListed = ref(false);

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

/** Keep an act and go to the identity provider with the digest of what is signed. */
export async function byLogin(act: Act, document: Json): Promise<void> {
  const digest = digestOf(document);
  const { login, address } = await begin(digest);
  store(ACT, { act, digest, key: random(18), login, token: null, signedAt: 0 } satisfies Pending);
  location.assign(address);
}

/** Sign with a passkey and send; where to go then. */
export async function byPasskey(act: Act, document: Json): Promise<string> {
  return deliver({ act, key: random(18) }, { signature: await sign(digestOf(document)) });
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

type Signed = { readonly id_token: string } | { readonly signature: PasskeySignature };

async function deliver({ act, key }: Pick<Pending, "act" | "key">, signed: Signed): Promise<string> {
  switch (act.kind) {
    case "answer": {
      const body = { approved: act.approved, ...signed };
      const batch = await call<Batch>("POST", `/v1/ask-batches/${act.batch}/answer`, body, key);
      learn(batch);
      remember(act.batch);
      return `/asks/${act.batch}`;
    }
    case "withdraw": {
      const grant = await call<Grant>("POST", `/v1/grants/${act.grant}/withdrawal`, signed, key);
      grants.set(grant.grant_id, grant);
      return `/grants/${act.batch}/${act.grant}`;
    }
    case "enrol": {
      const { terms, salt, registration, credential } = act.enrolment;
      const made = await call<Key>("POST", "/v1/keys", { terms, salt, registration, ...signed }, key);
      addPasskey({ key_id: made.key_id, credential, full_from: made.full_from });
      return "/keys";
    }
    case "revoke":
      await call<Key>("POST", `/v1/keys/${act.key}/revocation`, signed, key);
      dropPasskey(act.key);
      return "/keys";
    case "list":
      if ("id_token" in signed) enter(act.request, signed.id_token);
      await list();
      return act.then;
  }
}

export interface Key {
  readonly key_id: string;
  readonly state: "active" | "revoked";
  readonly enrolled_at: string;
  readonly full_from: string;
}

export function learn(batch: Batch): void {
  for (const grant of batch.grants ?? []) grants.set(grant.grant_id, grant);
  batches.set(batch.batch_id, batch);
}

// A login that was made to see what is mine: good for five minutes, in this tab.

function enter(request: Json, token: string): void {
  const said = claims(token);
  const [issuer, subject] = [String(said["iss"]), String(said["sub"])];
  store(SESSION, { request, token, issuer, subject, until: Date.now() + FRESH } satisfies Session);
}

/** Who logged in to see what is theirs, while that counts. */
export function session(): Session | null {
  const held = stored<Session>(SESSION);
  return held !== null && held.until > Date.now() ? held : null;
}

export function leave(): void {
  sessionStorage.removeItem(SESSION);
  grants.clear();
  isListed.value = false;
}

/** Log in to see what is mine. */
export async function logIn(then: string): Promise<void> {
  const { request } = await call<{ request: Json }>("POST", "/v1/holder-requests", {
    action: "inbox",
    subject: "00000000-0000-4000-8000-000000000000",
    terms: {},
  });
  await byLogin({ kind: "list", request, then }, request);
}

/** Ask for what is mine once more; needs a session. */
export async function list(): Promise<void> {
  const held = session();
  if (!held) return;
  const asked = { request: held.request, id_token: held.token, batches: opened.value };
  const found = await call<{ batches: Batch[]; grants: Grant[] }>("POST", "/v1/me/consents", asked);
  for (const batch of found.batches) batches.set(batch.batch_id, batch);
  for (const grant of found.grants) grants.set(grant.grant_id, grant);
  isListed.value = true;
}
