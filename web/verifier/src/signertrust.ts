/** What a trust file says of holders' signatures: member `signers` (docs/evidence.md 3.1). */

import { demand } from "./failure.ts";
import { arrayOf, integerOf, type Json, members, textOf } from "./json.ts";
import { type Jws, type Key, checkJws, parseKey } from "./jws.ts";

const MAX_LISTED = 1024;
const HIGHEST = 3;

export interface TrustedProvider {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: readonly Key[];
  readonly assurance: number;
  readonly acr: ReadonlyMap<string, number>;
}

export interface TrustedClient {
  readonly id: string;
  readonly org: string;
  readonly keys: readonly Key[];
}

export interface SignerTrust {
  readonly audience: string;
  /** null: no passkeys count. */
  readonly site: { readonly rpId: string; readonly origins: readonly string[] } | null;
  readonly providers: readonly TrustedProvider[];
  readonly hostApps: readonly string[];
  /** null: consent at counters is not checked. */
  readonly clients: readonly TrustedClient[] | null;
}

/** Read the member. */
export function parseSigners(value: Json | undefined): SignerTrust {
  const held = members(value, "signers", "audience passkeys providers host_apps clients");
  const site = held.get("passkeys") ?? null;
  const clients = held.get("clients") ?? null;
  return {
    audience: nameOf(held.get("audience"), "audience"),
    site: site === null ? null : parseSite(site),
    providers: once(listOf(held.get("providers"), "providers").map(parseProvider), ({ issuer }) => issuer, "provider"),
    hostApps: namesOf(held.get("host_apps"), "host_apps"),
    clients: clients === null ? null : once(listOf(clients, "clients").map(parseClient), ({ id }) => id, "client"),
  };
}

function parseSite(value: Json): NonNullable<SignerTrust["site"]> {
  const site = members(value, "passkeys", "rp_id origins");
  return { rpId: nameOf(site.get("rp_id"), "rp_id"), origins: namesOf(site.get("origins"), "origins") };
}

function parseProvider(value: Json): TrustedProvider {
  const held = members(value, "provider", "issuer audience keys assurance acr");
  const acr = held.get("acr");
  demand(acr instanceof Map, "acr: not an object");
  return {
    issuer: nameOf(held.get("issuer"), "issuer"),
    audience: nameOf(held.get("audience"), "audience"),
    keys: keysOf(held.get("keys")),
    assurance: assuranceOf(held.get("assurance")),
    acr: new Map([...acr].map(([name, level]) => [name, assuranceOf(level)])),
  };
}

function parseClient(value: Json): TrustedClient {
  const held = members(value, "client", "id org keys");
  return {
    id: nameOf(held.get("id"), "id"),
    org: nameOf(held.get("org"), "org"),
    keys: keysOf(held.get("keys")),
  };
}

function keysOf(value: Json | undefined): readonly Key[] {
  return once(listOf(value, "keys").map((key) => parseKey(key, true)), ({ kid }) => kid, "key");
}

function assuranceOf(value: Json | undefined): number {
  const level = integerOf(value, "assurance", 1);
  demand(level <= HIGHEST, "assurance");
  return level;
}

function listOf(value: Json | undefined, what: string): Json[] {
  return arrayOf(value, what, 0, MAX_LISTED);
}

function nameOf(value: Json | undefined, what: string): string {
  const name = textOf(value, what);
  demand(name !== "", `${what}: empty`);
  return name;
}

function namesOf(value: Json | undefined, what: string): readonly string[] {
  return once(listOf(value, what).map((name) => nameOf(name, what)), (name) => name, what);
}

function once<T>(held: readonly T[], named: (each: T) => string, what: string): readonly T[] {
  demand(new Set(held.map(named)).size === held.length, `one ${what} twice`);
  return held;
}

/** Check that a token is a trusted provider's, for the right client; how sure the provider is of the person. */
export async function checkProvider(trust: SignerTrust, issuer: string, jws: Jws): Promise<number> {
  const provider = trust.providers.find((each) => each.issuer === issuer);
  demand(provider !== undefined, "a login provider that is not in the trust file");
  const key = provider.keys.find(({ kid }) => kid === jws.header.get("kid"));
  demand(key !== undefined, "a key that is not in the trust file");
  await checkJws(key, jws);
  const audience = jws.claims.get("aud");
  const named = Array.isArray(audience) && audience.length === 1 ? audience[0] : audience;
  demand(named === provider.audience, "aud of a login");
  const acr = jws.claims.get("acr");
  return (typeof acr === "string" ? provider.acr.get(acr) : undefined) ?? provider.assurance;
}
