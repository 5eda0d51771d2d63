/** Passkeys: whether they work here, making one, signing with one; the challenge is the digest of what is signed. */

import { browserSupportsWebAuthn, startAuthentication, startRegistration } from "@simplewebauthn/browser";

import { base64url, canonical, digestOf, hash, type Json, type Members, utf8 } from "../../shared/canonical.ts";
import { at, post } from "../../shared/client.ts";
import { type Config, config } from "../../shared/login.ts";
import { passkeys } from "./memory.ts";

export interface PasskeySignature {
  readonly kind: "passkey";
  readonly key_id: string;
  readonly client_data_json: string;
  readonly authenticator_data: string;
  readonly signature: string;
}

/** The person closed the device's question, it took too long, or the device has no such passkey. */
export class PasskeyError extends Error {}

/** What the exchange made of a registration is not what was registered. */
export class EnrolmentMismatchError extends Error {}

interface Site extends Config {
  readonly passkeys: { readonly rp_id: string; readonly origins: readonly string[] };
}

/** How this node is set up, with where its passkeys belong. */
export const site = (): Promise<Site> => config<Site>();

/** Whether this browser has passkeys, and this address is where they belong; else why not. */
export async function usable(): Promise<"yes" | "browser" | "place"> {
  const { rp_id: domain, origins } = (await site()).passkeys;
  const here = location.hostname === domain || location.hostname.endsWith(`.${domain}`);
  if (!here || !origins.includes(location.origin)) return "place";
  return isSecureContext && browserSupportsWebAuthn() ? "yes" : "browser";
}

/** Sign a digest; the device verifies the person. */
export async function sign(digest: string): Promise<PasskeySignature> {
  const { rp_id: rpId } = (await site()).passkeys;
  const own = passkeys.value.filter(({ kind }) => kind !== "host_app");
  const allowCredentials = own.map(({ credential }) => ({ id: credential, type: "public-key" as const }));
  const optionsJSON = { challenge: digest, rpId, allowCredentials, userVerification: "required" as const, timeout: 60_000 };
  try {
    const { id, response } = await startAuthentication({ optionsJSON });
    const known = passkeys.value.find(({ credential }) => credential === id)?.key_id;
    const named = response.userHandle ? atob(response.userHandle.replaceAll("-", "+").replaceAll("_", "/")) : "";
    return {
      kind: "passkey",
      key_id: known ?? named,
      client_data_json: response.clientDataJSON,
      authenticator_data: response.authenticatorData,
      signature: response.signature,
    };
  } catch (error) {
    throw new PasskeyError("not signed", { cause: error });
  }
}

export interface Enrolment {
  readonly kind: "passkey" | "host_app";
  readonly terms: Json;
  readonly salt: string;
  readonly registration: Json;
  readonly credential: string;
}

/** A commitment to an identifier under a fresh salt: SHA-256 over the salt and its canonical form (docs/signers.md). */
export function commitment(code: string, type: string): { salt: Uint8Array; digest: string } {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const named = utf8(canonical({ code, country: "156", type }));
  return { salt, digest: hash(new Uint8Array([...salt, ...named])) };
}

/**
 * Make a passkey and the terms that tie it to a login; the login over the terms is still to come.
 *
 * The commitment to the login is made here, and what the exchange answers is compared with it.
 */
export async function register(issuer: string, subject: string): Promise<Enrolment> {
  const offer = await post(at("/v1/keys/offers"));
  const optionsJSON = offer.public_key as unknown as Parameters<typeof startRegistration>[0]["optionsJSON"];
  let made;
  try {
    made = await startRegistration({ optionsJSON });
  } catch (error) {
    throw new PasskeyError("not made", { cause: error });
  }
  const { salt, digest: holder } = commitment(`${issuer} ${subject}`, "oidc");
  const { clientDataJSON, attestationObject } = made.response;
  const registration = { id: made.id, rawId: made.rawId, type: made.type, response: { clientDataJSON, attestationObject } };
  const asked = { key_id: offer.key_id, kind: "passkey" as const, registration, holder };
  const { terms: told, digest } = await post(at("/v1/keys/proposals"), asked);
  const terms = told as Members;
  const said = [terms["id"], terms["kind"], terms["holder"], terms["credential"], digest];
  if (canonical(said as Json) !== canonical([offer.key_id, "passkey", holder, made.id, digestOf(terms)])) {
    throw new EnrolmentMismatchError("terms");
  }
  return { kind: "passkey", terms, salt: base64url(salt), registration, credential: made.id };
}

