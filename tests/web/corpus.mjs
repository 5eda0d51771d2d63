/** The corpus of tests/vectors/bundles and how a run of it is compared. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "./sources.mjs";

const folder = join(root, "tests/vectors/bundles");

/** A file of the corpus; some are kept short and padded with spaces to their size. */
export function read(name, size = undefined) {
  const bytes = readFileSync(join(folder, name));
  return new Uint8Array(Buffer.concat([bytes, Buffer.alloc(Math.max(0, (size ?? 0) - bytes.length), " ")]));
}

export const expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));

/** What a report says, in the form of `expected.json`. */
export function outcome(report) {
  // What a right document is, is told only if everything held; what a wrong one is, with the step that says it is wrong.
  const isTold = report.documentIs !== null && [undefined, "document"].includes(report.failed?.name);
  const told = isTold ? { document_is: report.documentIs } : {};
  if (report.failed !== null) return { failed: { step: report.failed.number, name: report.failed.name }, ...told };
  const steps = Object.fromEntries(report.steps.map((step) => [step.name, step.status]));
  return { verdict: report.verdict, steps, ignored: [...report.bundle.ignored], ...told };
}
