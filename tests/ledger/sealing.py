"""A development chain dressed as a QBFT chain: what anvil answers, with headers sealed by validators of our own.

State, proofs and times are the node's; difficulty, proposer, extra data and hash of every block are what validators of
these keys would have made of it. It lets every machine run the worker against seals, against too few validators and
against a node that seals for itself. What real validators do is tested on real ones (tests/quorum).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import rlp
from coincurve import PrivateKey
from eth_hash.auto import keccak

from ledger import chainproof, qbft
from tests.ledger.chains import Wire, rpc

if TYPE_CHECKING:
    from collections.abc import Callable


def account_of(key: PrivateKey) -> bytes:
    """The account of a key."""
    return keccak(key.public_key.format(compressed=False)[1:])[12:]


def seal(fields: dict[str, bytes], keys: list[PrivateKey], *, listed: list[bytes], round_number: int = 0) -> None:
    """Give a header extra data with the seals of keys.

    Args:
        fields: the header's fields in order; changed.
        keys: of those who seal.
        listed: validators the header lists.
        round_number: round of consensus.
    """
    parts: list[Any] = [bytes(32), listed, [], rlp.sedes.big_endian_int.serialize(round_number), []]
    signed = keccak(rlp.encode(list((fields | {"extraData": rlp.encode(parts)}).values())))
    parts[4] = [key.sign_recoverable(signed, hasher=None) for key in keys]
    fields["extraData"] = rlp.encode(parts)


def bytes_of(header: dict[str, str]) -> dict[str, bytes]:
    """Fields of a header as a node's JSON has them, in order; integers without leading zeros."""
    fields = {}
    for name, size in chainproof.HEADER_FIELDS:
        if name not in header:
            continue
        if size is None:
            number = int(header[name], 16)
            fields[name] = number.to_bytes((number.bit_length() + 7) // 8, "big")
        else:
            fields[name] = bytes.fromhex(header[name][2:])
    return fields


class SealedWire(Wire):
    """A line to a node that seals its blocks.

    Args:
        node_url: the node.
        validators: how many.
    """

    def __init__(self, node_url: str, validators: int = 4) -> None:
        self.node_url = node_url
        self.keys = sorted((PrivateKey() for _ in range(validators)), key=account_of)
        self.listed = [account_of(key) for key in self.keys]
        self.history = (qbft.ValidatorSet(0, tuple(self.listed)),)
        self.listed_at: Callable[[int], list[bytes]] = lambda _: self.listed
        self.signing = self.keys[: qbft.quorum(validators)]
        self._running = validators
        self._own_hash: dict[str, str] = {}
        super().__init__(node_url)

    def stop_one(self) -> None:
        """One validator fails; without a quorum no block is made."""
        self._set_running(self._running - 1)

    def start_one(self) -> None:
        """One validator is back."""
        self._set_running(self._running + 1)

    def _set_running(self, running: int) -> None:
        self._running = running
        is_quorum = running >= qbft.quorum(len(self.keys))
        rpc(self.node_url, "evm_setAutomine", is_quorum)
        if is_quorum:
            rpc(self.node_url, "anvil_mine", "0x1")

    def pass_on(self, body: bytes) -> bytes | None:
        """What the node answers, with its blocks sealed."""
        call = json.loads(body)
        if call["method"] == "eth_getBlockByHash":
            call["params"][0] = self._own_hash.get(call["params"][0], call["params"][0])
        answer = super().pass_on(json.dumps(call).encode())
        if answer is None or not call["method"].startswith(("eth_getBlock", "eth_getTransactionReceipt")):
            return answer
        content = json.loads(answer)
        found = content.get("result")
        if found and call["method"] == "eth_getTransactionReceipt":
            block = rpc(self.node_url, "eth_getBlockByHash", found["blockHash"], False)
            found["blockHash"] = self._sealed(block)["hash"]
        elif found:
            content["result"] = self._sealed(found)
        return json.dumps(content).encode()

    def _sealed(self, block: dict[str, Any]) -> dict[str, Any]:
        """A block's header as validators would have made it."""
        number, own = int(block["number"], 16), block["hash"]
        fields = bytes_of(block)
        listed = self.listed_at(number)
        fields |= {"mixHash": qbft.MIX_HASH, "difficulty": b"\x01", "miner": listed[number % len(listed)]}
        seal(fields, self.signing if number else [], listed=listed)
        block |= {name: "0x" + fields[name].hex() for name in ("mixHash", "miner", "extraData")}
        block |= {"difficulty": "0x1", "hash": "0x" + chainproof.header_hash(fields).hex()}
        self._own_hash[block["hash"]] = own
        return block
