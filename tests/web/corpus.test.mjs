/** Both verifiers read one corpus, and this one says what the other says: the step, its name, the verdict. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { expected, outcome, read } from "./corpus.mjs";

// Pages without TLS have no WebCrypto: what depends on signatures must end the same with the library alone.
const isBare = process.env.WITHOUT_WEBCRYPTO === "1";
if (isBare) Object.defineProperty(globalThis, "crypto", { value: undefined });
const isSigned = ({ failed }) => failed === undefined || [4, 6, 7, 8, 9].includes(failed.step);
const { Failure, parseTrust, selfTest, verify } = await import("../../web/verifier/dist/verifier.js");

test("known answers of every hash and signature", selfTest);

describe("bundles", () => {
  for (const { bundle, trust, document, pad_to, ...wanted } of expected.runs.filter((run) => !isBare || isSigned(run))) {
    const name = [bundle, trust ?? "no trust", document].filter(Boolean).join(" · ");
    test(name, async () => {
      const held = trust === null ? null : parseTrust(read(trust));
      const report = await verify(read(bundle, pad_to), held, document ? read(document) : null);
      assert.deepEqual(outcome(report), wanted);
    });
  }
});

describe("trust files", () => {
  for (const { trust, accepted } of expected.trust_files) {
    test(trust, () => {
      if (accepted) parseTrust(read(trust));
      else assert.throws(() => parseTrust(read(trust)), Failure);
    });
  }
});

test("the corpus is not smaller than it was", () => {
  assert.ok(expected.runs.length >= 700 && expected.trust_files.length >= 45);
});
