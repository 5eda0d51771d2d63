/** Another implementation of SD-JWT VC and Token Status List looks at ours: `@sd-jwt/*`, as the lock file has it.
 *
 * Reads one JSON request from stdin, writes one JSON answer. Certificates are checked with Node's own X.509.
 */

import { X509Certificate, createHash } from "node:crypto";
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { SDJwtVcInstance } = require("@sd-jwt/sd-jwt-vc");
const { ES256, digest } = require("@sd-jwt/crypto-nodejs");
const { getListFromStatusListJWT } = require("@sd-jwt/jwt-status-list");

const asked = JSON.parse(await text(process.stdin));
const root = new X509Certificate(Buffer.from(asked.root, "base64"));

/** The key of an `x5c` chain that ends in our root. */
async function verifierOf(token) {
  const { x5c } = JSON.parse(Buffer.from(token.split(".")[0], "base64url").toString());
  const chain = x5c.map((each) => new X509Certificate(Buffer.from(each, "base64")));
  for (const [at, each] of chain.entries()) {
    const above = chain[at + 1] ?? root;
    if (!each.checkIssued(above) || !each.verify(above.publicKey)) throw new Error("chain");
  }
  return ES256.getVerifier(chain[0].publicKey.export({ format: "jwk" }));
}

async function instance(credential) {
  const signed = credential.split("~")[0];
  return new SDJwtVcInstance({
    hasher: digest,
    hashAlg: "sha-256",
    verifier: await verifierOf(signed),
    statusVerifier: asked.list && (await verifierOf(asked.list)),
    statusListFetcher: async () => asked.list,
    kbVerifier: async (data, signature, payload) => (await ES256.getVerifier(payload.cnf.jwk))(data, signature),
    kbSigner: asked.key && (await ES256.getSigner(asked.key)),
    kbSignAlg: "ES256",
    loadTypeMetadataFormat: Boolean(asked.metadata),
    vctFetcher: async (vct, integrity) => {
      const found = `sha256-${createHash("sha256").update(asked.metadata).digest("base64")}`;
      if (found !== integrity) throw new Error("integrity");
      return JSON.parse(asked.metadata);
    },
  });
}

const acts = {
  async verify() {
    const library = await instance(asked.presentation);
    const options = { currentDate: asked.at, keyBindingNonce: asked.nonce };
    const { payload, kb, typeMetadata } = await library.verify(asked.presentation, options);
    return { payload, kb: kb?.payload, metadata: typeMetadata };
  },
  async present() {
    const library = await instance(asked.credential);
    const kb = { payload: { iat: asked.at, aud: asked.audience, nonce: asked.nonce } };
    return { presentation: await library.present(asked.credential, asked.frame, { kb }) };
  },
  async list() {
    const held = getListFromStatusListJWT(asked.list);
    return { size: held.statusList.length, statuses: asked.indices.map((index) => held.getStatus(index)) };
  },
};

let answer;
try {
  answer = await acts[asked.act]();
} catch (error) {
  answer = { error: error.message };
}
process.stdout.write(JSON.stringify(answer));
