// Compiles the contracts of contracts/src for an EVM older than Shanghai (GoQuorum has no PUSH0) and prints the artefacts
// as one JSON object. Only the code differs from contracts/artefacts: same sources, compiler and settings otherwise.
//
//   node tests/quorum/compile.mjs berlin

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const CONTRACTS = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "contracts");
const solc = createRequire(join(CONTRACTS, "build.mjs"))("solc");
const SOURCES = join(CONTRACTS, "src");

const names = readdirSync(SOURCES, { recursive: true }).map(String).filter((name) => name.endsWith(".sol"));
const { settings } = JSON.parse(readFileSync(join(CONTRACTS, "artefacts", "Anchor.json"), "utf8")).compiler;
const output = JSON.parse(
  solc.compile(
    JSON.stringify({
      language: "Solidity",
      sources: Object.fromEntries(
        names.sort().map((name) => {
          const path = join(SOURCES, name);
          return [relative(SOURCES, path).replaceAll("\\", "/"), { content: readFileSync(path, "utf8") }];
        }),
      ),
      settings: {
        ...settings,
        evmVersion: process.argv[2],
        outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
      },
    }),
  ),
);
const errors = (output.errors ?? []).filter(({ severity }) => severity === "error"); // it warns of old EVM versions
if (errors.length) {
  throw new Error(errors.map((error) => error.formattedMessage).join("\n"));
}
const artefacts = {};
for (const name of ["Anchor", "Registry"]) {
  const { abi, evm } = output.contracts[`${name}.sol`][name];
  artefacts[name] = { abi, bytecode: `0x${evm.bytecode.object}`, deployedBytecode: `0x${evm.deployedBytecode.object}` };
}
console.log(JSON.stringify(artefacts));
