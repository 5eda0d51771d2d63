/**
 * Logging in at the identity provider: authorization code with PKCE (RFC 7636), `nonce` = what is signed.
 *
 * The provider's page replaces ours, so that it works in every web view. What is needed afterwards waits in the tab's
 * storage under `state`; an answer with another state, issuer (RFC 9207) or nonce is thrown away.
 */

import { hash, random, utf8 } from "./canonical.ts";
import { call, form } from "./exchange.ts";

interface Provider {
  readonly client_id: string;
  readonly issuer: string;
  readonly authorize: string;
  readonly token: string;
}

export interface Config {
  readonly demo: boolean;
  /** The node's own address: what a city app signs for. */
  readonly node: string;
  readonly login: Provider | null;
}

/** What the provider said does not answer what was asked. */
export class LoginError extends Error {
  constructor(readonly reason: "none" | "state" | "denied" | "nonce" | "no-provider") {
    super(`login: ${reason}`);
  }
}

export interface Login {
  readonly state: string;
  readonly verifier: string;
  readonly nonce: string;
}

let held: Promise<unknown> | undefined;

/** How this node is set up; asked once, and again after a failure. */
export function config<C extends Config = Config>(): Promise<C> {
  held ??= call<Config>("GET", `${import.meta.env.BASE_URL}config.json`).catch((error: unknown) => {
    held = undefined;
    throw error;
  });
  return held as Promise<C>;
}

/** Where these pages are: what the provider leads back to. */
const home = (): string => `${location.origin}${import.meta.env.BASE_URL}`;

/** A new login over a digest; whoever calls keeps it, then goes to the address. */
export async function begin(nonce: string): Promise<{ login: Login; address: string }> {
  const { login: provider } = await config();
  if (!provider) throw new LoginError("no-provider");
  const login = { state: random(16), verifier: random(48), nonce };
  const asked = new URLSearchParams({
    response_type: "code",
    scope: "openid",
    client_id: provider.client_id,
    redirect_uri: home(),
    nonce,
    state: login.state,
    code_challenge: hash(utf8(login.verifier)),
    code_challenge_method: "S256",
    prompt: "login",
  });
  return { login, address: `${provider.authorize}?${asked.toString()}` };
}

/** The provider's answer in the page's address, if it brings one; then the address is clean again. */
export function returned(): URLSearchParams | null {
  const found = new URLSearchParams(location.search);
  if (!found.has("state") || !(found.has("code") || found.has("error"))) return null;
  history.replaceState(null, "", `${import.meta.env.BASE_URL}#/signing`);
  return found;
}

/** Exchange the code; the ID token, over the digest that was asked. */
export async function finish(login: Login, found: URLSearchParams): Promise<string> {
  const { login: provider } = await config();
  if (!provider) throw new LoginError("no-provider");
  if (found.get("state") !== login.state) throw new LoginError("state");
  if (found.has("iss") && found.get("iss") !== provider.issuer) throw new LoginError("state");
  const code = found.get("code");
  if (code === null) throw new LoginError("denied");
  const asked = { grant_type: "authorization_code", code, redirect_uri: home(), code_verifier: login.verifier };
  const { id_token: token } = await form<{ id_token: string }>(provider.token, { ...asked, client_id: provider.client_id });
  if (claims(token)["nonce"] !== login.nonce) throw new LoginError("nonce");
  return token;
}

/** The claims of a token that just came from the provider itself; the exchange checks its signature. */
export function claims(token: string): Record<string, unknown> {
  const part = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(part), (each) => each.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
}
