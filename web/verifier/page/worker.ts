/** Verifies beside the page, so that a large document does not freeze it. Reads what it is sent and nothing else. */

import { sha256Hex, sm3Hex } from "../src/documents.ts";
import { Failure } from "../src/failure.ts";
import { selfTest } from "../src/selftest.ts";
import { parseTrust, type Trust } from "../src/trust.ts";
import { verify } from "../src/verify.ts";
import { view } from "../src/view.ts";
import type { Digests, Outcome, Request } from "./protocol.ts";

/** Begun with the page, awaited before every answer. */
const tested = selfTest();
tested.catch(() => undefined); // reported with the first answer, not as an error nobody waits for

async function answer({ id, bundle, trust, document }: Request): Promise<Outcome> {
  await tested;
  if (bundle === null) return { id, digests: await digestsOf(document ?? new Uint8Array()) };
  const start = performance.now();
  let held: Trust | null = null;
  try {
    held = trust === null ? null : parseTrust(trust);
  } catch (error) {
    if (error instanceof Failure) return { id, trustError: error.message };
    throw error;
  }
  const report = await verify(bundle, held, document);
  return { id, view: view(report), milliseconds: performance.now() - start };
}

async function digestsOf(document: Uint8Array<ArrayBuffer>): Promise<Digests> {
  return { size: document.length, sha256: await sha256Hex(document), sm3: sm3Hex(document) };
}

self.addEventListener("message", (event: MessageEvent<Request>) => {
  answer(event.data).then(
    (outcome) => self.postMessage(outcome),
    // A fault of ours must not look like a page that is still working, and never like a verdict.
    (error: unknown) => self.postMessage({ id: event.data.id, crash: String(error) } satisfies Outcome),
  );
});
