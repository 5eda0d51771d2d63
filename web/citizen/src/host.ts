/** The city app around these pages, where there is one: keys in the phone's hardware (docs/signers.md, section 4). */

import { base64url, canonical, digestOf, hash, type Json, type Members, utf8 } from "../../shared/canonical.ts";
import { at, post } from "../../shared/client.ts";
import { config } from "../../shared/login.ts";
import { commitment, type Enrolment, EnrolmentMismatchError, PasskeyError } from "./passkeys.ts";

interface Bridge {
  enrol(asked: { key_id: string; node: string }): Promise<{ key: Record<string, string>; attestation: string }>;
  sign(asked: { key_id: string; node: string; digest: string }): Promise<{ jws: string }>;
}

export interface HostSignature {
  readonly kind: "host_app";
  readonly key_id: string;
  readonly jws: string;
}

/** The app's bridge; undefined in a browser. */
export const bridge = (): Bridge | undefined => (globalThis as { cailianHost?: Bridge }).cailianHost;

/** Have the app sign a digest, on a page of its own. */
export async function signInApp(keyId: string, digest: string): Promise<HostSignature> {
  const app = bridge();
  if (!app) throw new PasskeyError("no app");
  try {
    const { jws } = await app.sign({ key_id: keyId, node: (await config()).node, digest });
    return { kind: "host_app", key_id: keyId, jws };
  } catch (error) {
    throw new PasskeyError("not signed", { cause: error });
  }
}

/** Have the app make a key; the login over the terms is still to come. */
export async function registerInApp(issuer: string, subject: string): Promise<Enrolment> {
  const app = bridge();
  if (!app) throw new PasskeyError("no app");
  const { key_id: keyId } = await post(at("/v1/keys/offers"));
  let registration;
  try {
    registration = await app.enrol({ key_id: keyId, node: (await config()).node });
  } catch (error) {
    throw new PasskeyError("not made", { cause: error });
  }
  const { salt, digest: holder } = commitment(`${issuer} ${subject}`, "oidc");
  const { crv, kty, x, y } = registration.key;
  const credential = hash(utf8(canonical({ crv, kty, x, y } as Json))); // RFC 7638
  const asked = { key_id: keyId, kind: "host_app" as const, registration, holder };
  const { terms: told, digest } = await post(at("/v1/keys/proposals"), asked);
  const terms = told as Members;
  const said = [terms["id"], terms["kind"], terms["holder"], terms["credential"], digest] as Json;
  if (canonical(said) !== canonical([keyId, "host_app", holder, credential, digestOf(terms)])) {
    throw new EnrolmentMismatchError("terms");
  }
  return { kind: "host_app", terms, salt: base64url(salt), registration: registration as unknown as Json, credential };
}
