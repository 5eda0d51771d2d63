#!/usr/bin/env node
/**
 * The second verifier on the command line, for who has Node and no Python.
 *
 *     node web/verifier/cli.mjs [--trust FILE] [--json] BUNDLE [DOCUMENT]
 *
 * Exit codes are those of `cailian verify`: 0 proven, 1 a step failed, 2 wrong usage or a bad trust file, 3 the rest.
 */

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";

const USAGE = "usage: node web/verifier/cli.mjs [--trust FILE] [--json] BUNDLE [DOCUMENT]";
const SIGNS = { ok: "✓", skipped: "·", unproven: "–", failed: "✗", unreached: " " };

class UsageError extends Error {}

async function load() {
  try {
    return await import("./dist/verifier.js");
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new UsageError("the verifier is not built yet: make setup");
  }
}

function parse(argv) {
  try {
    const options = { trust: { type: "string" }, json: { type: "boolean", default: false } };
    const { values, positionals } = parseArgs({ args: argv, options, allowPositionals: true });
    if (positionals.length < 1 || positionals.length > 2) throw new UsageError(USAGE);
    return { ...values, bundle: positionals[0], document: positionals[1] };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`${error.message}\n${USAGE}`);
  }
}

async function read(path) {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw new UsageError(`${path}: ${error.code ?? error.message}`);
  }
}

async function readTrust(verifier, path) {
  try {
    return verifier.parseTrust(await read(path));
  } catch (error) {
    throw error instanceof verifier.Failure ? new UsageError(`${path}: ${error.message}`) : error;
  }
}

function print(verifier, view) {
  const { advice, licenceTexts, limitLines, readable, readableTime, texts, verdictSentence } = verifier;
  for (const step of view.steps) {
    const { name } = texts.zh.steps[step.name];
    const reason = step.reason === undefined ? "" : `: ${step.reason}`;
    const title = `${String(step.number).padStart(2)} ${SIGNS[step.status]} ${step.name} ${name}`;
    console.log(`${title}: ${texts.en.statuses[step.status]}${reason}`);
  }
  console.log();
  if (view.facts.length > 0) console.log(`${texts.en.standings[view.standing]}:`);
  for (const { type, time } of view.records) {
    console.log(`  ${type ?? "erased"}${time === null ? "" : `  ${readableTime(time, "en")}`}`);
  }
  for (const { name, value } of view.facts) console.log(`  ${texts.en.facts[name]}: ${readable(name, value, "en")}`);
  if (view.documentIs !== null) {
    console.log(`  ${licenceTexts.zh.documents[view.documentIs]}\n  ${licenceTexts.en.documents[view.documentIs]}`);
  }
  for (const line of limitLines(view, "en")) console.log(`  ! ${line}`);
  for (const line of Object.values(advice(view, "en") ?? {})) console.log(`  ${line}`);
  console.log(`\n${verdictSentence(view, "zh")}\n${verdictSentence(view, "en")}`);
  console.log(`verdict: ${view.verdict}`);
}

async function main() {
  const held = parse(process.argv.slice(2));
  const verifier = await load();
  await verifier.selfTest();
  const trust = held.trust === undefined ? null : await readTrust(verifier, held.trust);
  const document = held.document === undefined ? null : await read(held.document);
  const view = verifier.view(await verifier.verify(await read(held.bundle), trust, document));
  if (held.json) console.log(JSON.stringify(view, null, 1));
  else print(verifier, view);
  return view.verdict === "proven" ? 0 : view.verdict === "failed" ? 1 : 3;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
