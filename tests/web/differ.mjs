/**
 * Compares the verifier with what the Python one said: `node differ.mjs CASES`, one case a line, prints each difference.
 *
 * A crash is a difference too: nothing but `Failure` may come out of a parser, whatever it is fed.
 */

import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

import { Failure, parseTrust, verify } from "../../web/verifier/dist/verifier.js";
import { outcome } from "./corpus.mjs";

const decode = (text) => new Uint8Array(Buffer.from(text, "base64"));

async function run({ bundle, trust, document = null }) {
  let held;
  try {
    held = trust === null ? null : parseTrust(decode(trust));
  } catch (error) {
    if (error instanceof Failure) return { trust: false };
    throw error;
  }
  return outcome(await verify(decode(bundle), held, document === null ? null : decode(document)));
}

let differences = 0;
const lines = readFileSync(process.argv[2], "utf8").trimEnd().split("\n");
for (const line of lines) {
  const { wanted, ...given } = JSON.parse(line);
  const got = await run(given).catch((error) => ({ crash: error.stack }));
  if (isDeepStrictEqual(got, wanted)) continue;
  differences++;
  console.log(JSON.stringify({ wanted, got, ...given }));
}
console.log(`${lines.length} cases, ${differences} differences`);
process.exitCode = differences === 0 ? 0 : 1;
