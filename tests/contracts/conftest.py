"""What the contract tests need of a chain: artefacts, calls by plain JSON-RPC, accounts nobody else uses.

Plain JSON-RPC and not `ledger.chain`: the contracts are tested against the node itself, thousands of calls in one
request. Every module deploys its own contracts, so the node can be shared.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from eth_abi import decode, encode
from eth_hash.auto import keccak

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ARTEFACTS = Path(__file__).parents[2] / "contracts" / "artefacts"


class Refused(Exception):  # a verdict, not a fault
    """A contract reverted: `error` is its custom error's name, `arguments` what it carries."""

    def __init__(self, error: str, arguments: tuple[Any, ...]) -> None:
        super().__init__(f"{error}{arguments}")
        self.error = error
        self.arguments = arguments


def artefact(name: str) -> dict[str, Any]:
    """The committed artefact of a contract."""
    return json.loads((ARTEFACTS / f"{name}.json").read_text())


def canonical(parameter: dict[str, Any]) -> str:
    """The ABI type of a parameter, structs as tuples."""
    if parameter["type"].startswith("tuple"):
        inside = ",".join(canonical(part) for part in parameter["components"])
        return f"({inside}){parameter['type'][5:]}"
    return parameter["type"]


def signature(entry: dict[str, Any]) -> bytes:
    """keccak of an ABI entry's signature: its first 4 bytes select a function or error, all 32 are an event's topic."""
    return keccak(f"{entry['name']}({','.join(canonical(part) for part in entry['inputs'])})".encode())


@dataclass(frozen=True)
class Interface:
    """Encoding and decoding by one ABI."""

    abi: list[dict[str, Any]]

    def entry(self, kind: str, name: str) -> dict[str, Any]:
        """The ABI entry of a function, error or event."""
        return next(entry for entry in self.abi if entry["type"] == kind and entry["name"] == name)

    def call(self, function: str, *arguments: Any) -> str:
        """Call data."""
        entry = self.entry("function", function)
        return "0x" + (signature(entry)[:4] + encode([canonical(part) for part in entry["inputs"]], arguments)).hex()

    def output(self, function: str, data: str) -> Any:
        """The result of a call: one value, or a tuple of several."""
        values = decode([canonical(part) for part in self.entry("function", function)["outputs"]], _raw(data))
        return values[0] if len(values) == 1 else values

    def refusal(self, data: str) -> Refused:
        """The custom error in revert data."""
        raw = _raw(data)
        for entry in self.abi:
            if entry["type"] == "error" and signature(entry)[:4] == raw[:4]:
                return Refused(entry["name"], decode([canonical(part) for part in entry["inputs"]], raw[4:]))
        return Refused("", (raw,))

    def events(self, receipt: dict[str, Any]) -> list[tuple[str, tuple[Any, ...]]]:
        """Names and arguments (indexed first, as they lie in a log) of a receipt's events that this ABI knows."""
        known = {"0x" + signature(entry).hex(): entry for entry in self.abi if entry["type"] == "event"}
        found = []
        for log in receipt["logs"]:
            if (entry := known.get(log["topics"][0])) is None:
                continue
            indexed = [canonical(part) for part in entry["inputs"] if part["indexed"]]
            plain = [canonical(part) for part in entry["inputs"] if not part["indexed"]]
            topics = tuple(
                decode([kind], _raw(topic))[0] for kind, topic in zip(indexed, log["topics"][1:], strict=True)
            )
            found.append((entry["name"], topics + decode(plain, _raw(log["data"]))))
        return found


def _raw(data: str) -> bytes:
    return bytes.fromhex(data.removeprefix("0x"))


class Node:
    """A chain node by JSON-RPC."""

    def __init__(self, url: str) -> None:
        self._client = httpx2.Client(base_url=url, timeout=30)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def batch(self, method: str, calls: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        """Many calls of one method; answers in order, errors included."""
        answers: list[dict[str, Any]] = []
        for start in range(0, len(calls), 1000):
            body = [
                {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}
                for number, params in enumerate(calls[start : start + 1000])
            ]
            answers += sorted(self._client.post("", json=body).json(), key=lambda answer: answer["id"])
        return answers

    def rpc(self, method: str, *params: Any) -> Any:
        """One call; raises on an error answer that is not a revert."""
        (answer,) = self.batch(method, [params])
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer["result"]

    def account(self) -> str:
        """A fresh account that the node signs for; gas is free, so it needs no money."""
        address = "0x" + secrets.token_hex(20)
        self.rpc("anvil_impersonateAccount", address)
        return address

    def send(self, sender: str, to: str | None, data: str) -> dict[str, Any]:
        """Send a transaction and return its receipt, whatever became of it."""
        transaction = {"from": sender, "data": data, "gas": "0x989680", "gasPrice": "0x0"} | ({"to": to} if to else {})
        sent = self.rpc("eth_sendTransaction", transaction)
        for _ in range(6000):
            if (receipt := self.rpc("eth_getTransactionReceipt", sent)) is not None:
                return receipt
            Event().wait(0.01)
        raise AssertionError(sent)


@dataclass(frozen=True)
class Contract:
    """A contract at an address."""

    node: Node
    address: str
    interface: Interface

    def view(self, function: str, *arguments: Any, sender: str | None = None) -> Any:
        """Call without a transaction; raises `Refused`."""
        transaction = {"to": self.address, "data": self.interface.call(function, *arguments)}
        (answer,) = self.node.batch("eth_call", [[transaction | ({"from": sender} if sender else {}), "latest"]])
        if "error" in answer:
            raise self.interface.refusal(answer["error"]["data"])
        return self.interface.output(function, answer["result"])

    def act(self, sender: str, function: str, *arguments: Any) -> dict[str, Any]:
        """Send a transaction that must succeed; raises `Refused` where it would not. Returns the receipt."""
        data = self.interface.call(function, *arguments)
        (answer,) = self.node.batch("eth_call", [[{"to": self.address, "data": data, "from": sender}, "latest"]])
        if "error" in answer:
            raise self.interface.refusal(answer["error"]["data"])
        receipt = self.node.send(sender, self.address, data)
        assert receipt["status"] == "0x1"
        return receipt


@pytest.fixture(scope="module")
def node(chain_url: str) -> Iterator[Node]:
    """The chain node."""
    node = Node(chain_url)
    yield node
    node.close()


@dataclass(frozen=True)
class Deployment:
    """A registry and its anchors, with the accounts of its members."""

    registry: Contract
    anchor: Contract
    members: tuple[str, ...]

    def open_log(self, operator: str) -> bytes:
        """Register a fresh log by as many members as it takes."""
        log = secrets.token_bytes(32)
        for member in self.members[: self.registry.view("threshold")]:
            self.registry.act(member, "registerLog", log, operator, bytes(32), bytes(32), 0, bytes(32))
        return log


def deploy(node: Node, members: int, threshold: int) -> Deployment:
    """Deploy a registry with fresh members; raises `Refused`."""
    registry, anchor = artefact("Registry"), artefact("Anchor")
    # errors of the anchor contract come through the registry too
    interface = Interface(registry["abi"] + [entry for entry in anchor["abi"] if entry["type"] == "error"])
    accounts = tuple(node.account() for _ in range(members))
    data = registry["bytecode"] + encode(["address[]", "uint256"], [accounts, threshold]).hex()
    (answer,) = node.batch("eth_call", [[{"from": accounts[0], "data": data}, "latest"]])
    if "error" in answer:
        raise interface.refusal(answer["error"]["data"])
    address = node.send(accounts[0], None, data)["contractAddress"]
    contract = Contract(node, address, interface)
    return Deployment(contract, Contract(node, contract.view("anchors"), Interface(anchor["abi"])), accounts)


@pytest.fixture(scope="module")
def deployment(node: Node) -> Deployment:
    """A registry of 3 members, 2 of whom must agree, and its anchors."""
    return deploy(node, 3, 2)
