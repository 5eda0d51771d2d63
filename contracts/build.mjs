// Builds the contracts with the compiler pinned in package-lock.json and writes artefacts/*.json.
//
//   node contracts/build.mjs           rebuild the artefacts
//   node contracts/build.mjs --check   rebuild in memory; exit 1 when a committed artefact differs by a byte
//
// No metadata hash and no source paths end up in the code (`bytecodeHash: none`, `appendCBOR: false`), so the same sources
// give the same bytes on every machine, and the hash of the code on a chain can be compared with the artefact.

import { readdirSync, readFileSync, mkdirSync, writeFileSync, existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import solc from "solc";

const HERE = dirname(fileURLToPath(import.meta.url));
const SOURCES = join(HERE, "src");
const ARTEFACTS = join(HERE, "artefacts");
const CONTRACTS = ["Anchor", "Registry"];

const SETTINGS = {
  evmVersion: "shanghai", // the newest fork Besu's own QBFT fixtures reach (LIBRARIES 4)
  optimizer: { enabled: true, runs: 1_000_000 }, // anchors are made every few seconds, contracts deployed once
  metadata: { bytecodeHash: "none", appendCBOR: false },
};

/** Every source below src/, by its path from there. */
function readSources() {
  const files = readdirSync(SOURCES, { recursive: true }).map(String).filter((name) => name.endsWith(".sol"));
  return Object.fromEntries(
    files.sort().map((name) => {
      const path = join(SOURCES, name);
      return [relative(SOURCES, path).replaceAll("\\", "/"), { content: readFileSync(path, "utf8") }];
    }),
  );
}

/** Compiles; a warning is an error. */
function compile() {
  const input = {
    language: "Solidity",
    sources: readSources(),
    settings: {
      ...SETTINGS,
      outputSelection: {
        "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "storageLayout"] },
      },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  if (output.errors?.length) {
    throw new Error(output.errors.map((error) => error.formattedMessage).join("\n"));
  }
  return output.contracts;
}

/** The artefact of one contract, as text. */
function artefact(contracts, name) {
  const { abi, evm, storageLayout } = contracts[`${name}.sol`][name];
  const slots = Object.fromEntries(storageLayout.storage.map(({ label, slot }) => [label, Number(slot)]));
  const content = {
    contract: name,
    compiler: { version: solc.version(), settings: SETTINGS },
    abi,
    slots,
    bytecode: `0x${evm.bytecode.object}`,
    deployedBytecode: `0x${evm.deployedBytecode.object}`,
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

function main() {
  const check = process.argv.includes("--check");
  const contracts = compile();
  mkdirSync(ARTEFACTS, { recursive: true });
  for (const name of CONTRACTS) {
    const path = join(ARTEFACTS, `${name}.json`);
    const text = artefact(contracts, name);
    if (!check) {
      writeFileSync(path, text);
    } else if (!existsSync(path) || readFileSync(path, "utf8") !== text) {
      console.error(`${relative(process.cwd(), path)} is not what its sources give: run \`node contracts/build.mjs\``);
      process.exitCode = 1;
    }
  }
}

main();
