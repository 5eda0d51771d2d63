"""The compiled contracts: their code, and how to speak to them (contracts/artefacts, made by contracts/build.mjs)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from eth_abi.abi import decode, encode
from eth_utils.abi import function_abi_to_4byte_selector, get_abi_input_types, get_abi_output_types

ARTEFACTS: Final = Path(__file__).parents[1] / "contracts" / "artefacts"


@cache
def artefact(name: str, folder: Path = ARTEFACTS) -> dict[str, Any]:
    """A compiled contract, as the compiler's artefact has it."""
    content: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    return content


@cache
def code(name: str, folder: Path = ARTEFACTS) -> bytes:
    """What stands on the chain once the contract is deployed."""
    return bytes.fromhex(artefact(name, folder)["deployedBytecode"][2:])


def constructor(name: str, types: list[str], arguments: list[object], folder: Path = ARTEFACTS) -> str:
    """Data of the transaction that deploys a contract, hex with 0x."""
    creation: str = artefact(name, folder)["bytecode"]
    return creation + encode(types, arguments).hex()


def call_data(contract: str, function: str, *arguments: object) -> str:
    """Data of a call, hex with 0x; addresses as 20 bytes."""
    entry = _function(contract, function)
    return "0x" + (function_abi_to_4byte_selector(entry) + encode(get_abi_input_types(entry), arguments)).hex()


def result(contract: str, function: str, answer: bytes) -> Any:  # as the ABI has it
    """What a call answered."""
    return decode(get_abi_output_types(_function(contract, function)), answer)


@cache
def error_names() -> dict[str, str]:
    """Custom errors of our contracts by selector, hex with 0x."""
    return {
        "0x" + function_abi_to_4byte_selector(entry).hex(): entry["name"]
        for name in ("Anchor", "Registry")
        for entry in artefact(name)["abi"]
        if entry["type"] == "error"
    }


@cache
def _function(contract: str, name: str) -> Any:  # JSON
    abi = artefact(contract)["abi"]
    return next(entry for entry in abi if (entry["type"], entry.get("name")) == ("function", name))
