"""The chain as a port: the only user of web3, and the only place that speaks JSON-RPC (DESIGN 4, PROTOCOLS 5).

Three rules hold for everything here. No act runs inside a unit of work (`outside_any_unit`). A send may fail after it
took effect, so success is what the chain says of the transaction's hash, never the answer to the send. Nothing a node
says becomes evidence before `ledger.chainproof` has verified it.

web3 8 habits that are switched off: following URLs that a contract names (CCIP read, CVE-2026-40072), retries of its
own, and its formatters, which refuse the extra data of QBFT headers. What is left of it is transport, ABI and signing.

Contracts are deployed by the first transaction a key ever sends, so their addresses follow from the key alone (CREATE,
Yellow Paper 7) and a crash between sending and noting cannot deploy them twice.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from threading import Event, Lock
from typing import TYPE_CHECKING, Any, Final

import requests
import rlp  # type: ignore[import-untyped]
from eth_account import Account
from eth_hash.auto import keccak
from web3 import HTTPProvider
from web3.types import RPCEndpoint

from ledger import chainproof, contracts, qbft
from ledger.chainproof import ChainIdentity
from ledger.db import outside_any_unit
from ledger.errors import (
    ChainContradictionError,
    ChainRefusedError,
    ChainUnavailableError,
    ContractMissingError,
    LogConflictError,
    LogNotRegisteredError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ledger.qbft import ValidatorSet

sys.setrecursionlimit(1000)
"""Python's own limit again: `py_ecc`, which web3 brings, raises it to 100,000, and then a request of deeply nested JSON
runs over the C stack and kills the process instead of being refused."""

_ANCHOR_GAS: Final = 200_000
"""Twice the ceiling of an anchor at 2^24 entries (contracts/README.md); gas is free, the limit only has to suffice."""

_REGISTRY_GAS: Final = 500_000
_DEPLOY_GAS: Final = 6_000_000
_POLL_SECONDS: Final = 0.02
_WAIT_SECONDS: Final = 30.0
"""How long set-up waits for a receipt: several QBFT blocks of 5 s with room for a change of proposer."""

_PROBES: Final = 64
"""Blocks looked at for a change of validators before the search narrows down."""

_OPEN: Final = 1
_CLOSED: Final = 2
"""`LogState.Open` of contracts/src/interfaces/IAnchor.sol."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """A signed transaction: its bytes and its hash, known before it is sent."""

    raw: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a transaction: its block (height, hash, seconds since 1970), and whether it took effect."""

    block_number: int
    block_hash: bytes
    block_time: int
    succeeded: bool


@dataclass(frozen=True, slots=True)
class AnchoredHead:
    """The newest anchor of a log: leaves, root, time in seconds since 1970. Size 0 when there is none yet."""

    size: int
    root: bytes
    time: int


@dataclass(frozen=True, slots=True)
class ChainView:
    """One block as this account sees it, all parts by the state of the same block.

    Attributes:
        block_number: its height.
        sealed: whether validators sealed it, so that it is final; a development chain may still lose it.
        nonce: transactions of this account so far, so the nonce of its next.
        head: newest anchor of the log.
    """

    block_number: int
    sealed: bool
    nonce: int
    head: AnchoredHead


@dataclass(frozen=True, slots=True)
class AnchorProof:
    """A head with the block whose state proves it and the chain section for evidence bundles, verified."""

    head: AnchoredHead
    block_number: int
    block_hash: bytes
    section: dict[str, object]


def address_of(key: bytes) -> bytes:
    """The account, 20 bytes, of a secp256k1 private key, 32 bytes."""
    return bytes.fromhex(Account.from_key(key).address[2:])


def first_contract_of(account: bytes, nonce: int = 0) -> bytes:
    """The address, 20 bytes, of the contract an account creates with its transaction of that nonce."""
    return keccak(rlp.encode([account, nonce]))[12:]


class Chain:
    """One chain as one account sees it.

    Args:
        url: JSON-RPC address of a node.
        key: secp256k1 private key of the account that anchors, 32 bytes.
        registry: address of the registry contract; None: the one this key deployed.
        validators: who seals the chain's blocks; None believes the node. With it no proof without their seals is kept.
        artefacts: folder of the compiled contracts, where the chain's EVM is older than theirs.
        timeout: seconds for one answer of the node.
    """

    def __init__(
        self,
        url: str,
        key: bytes,
        *,
        registry: bytes | None = None,
        validators: tuple[ValidatorSet, ...] | None = None,
        artefacts: Path = contracts.ARTEFACTS,
        timeout: float = 5.0,
    ) -> None:
        self._provider = HTTPProvider(url, request_kwargs={"timeout": timeout}, exception_retry_configuration=None)
        self._provider.global_ccip_read_enabled = False
        self._key = key
        self._validators = validators
        self._artefacts = artefacts
        self.account = address_of(key)
        self.turn = Lock()
        """Held by whoever is about to send from this account, until it need not care for the nonce any more."""
        self.registry = registry or first_contract_of(self.account)
        self.anchor = first_contract_of(self.registry, 1)  # a contract's own nonce starts at 1 (EIP-161)

    # --- setting up ----------------------------------------------------------------------------------------------

    def deploy(self, members: Sequence[bytes], threshold: int) -> None:
        """Deploy the contracts unless this key did so before.

        Args:
            members: accounts of the registry's members, n of them.
            threshold: approvals needed for every act, k.

        Raises:
            ChainRefusedError: the key has sent something else first, or k does not fit n.
        """
        if self._code(self.registry):
            return
        if self.nonce() != 0:
            raise ChainRefusedError(act="deploy", reason="key-used-before")
        types, arguments = ["address[]", "uint256"], [list(members), threshold]
        data = contracts.constructor("Registry", types, arguments, self._artefacts)
        self._act(self._key, None, data, _DEPLOY_GAS, "deploy")

    def register_log(self, log_id: bytes, note_key_hash: bytes, member_keys: Sequence[bytes]) -> None:
        """Register the log with this account as its operator, by as many of the members as it takes.

        Args:
            log_id: see `chainproof.log_id`.
            note_key_hash: SHA-256 of the log's verifier key line.
            member_keys: private keys of members, at least k of them.

        Raises:
            LogConflictError: it is registered with another operator or key.
            ChainRefusedError: the keys are not enough, or not of members.
        """
        for key in (None, *member_keys):
            if key is not None:
                self._approve(key, "registerLog", log_id, self.account, note_key_hash, bytes(32), 0, bytes(32))
            ((operator, noted, *_),) = self._view(self.registry, "Registry", "logOf", log_id)
            if int(operator, 16):
                if (bytes.fromhex(operator[2:]), noted) != (self.account, note_key_hash):
                    raise LogConflictError(log_id=log_id.hex())
                return
        raise ChainRefusedError(act="registerLog", reason="too-few-members")

    def approve(self, function: str, *arguments: object, key: bytes | None = None) -> None:
        """One member's approval of an act of the registry; nothing when it approved already.

        Args:
            function: of contracts/src/interfaces/IRegistry.sol, one that takes k of n.
            arguments: its arguments, addresses as 20 bytes.
            key: of the member; None: this account.

        Raises:
            ChainRefusedError: the contract refused it; `reason` is its error.
        """
        self._approve(self._key if key is None else key, function, *arguments)

    def ask_registry(self, function: str, *arguments: object) -> Any:
        """What a view of the registry answers, as the ABI has it: a tuple of its outputs."""
        return self._view(self.registry, "Registry", function, *arguments)

    # --- reading -------------------------------------------------------------------------------------------------

    def identity(self) -> ChainIdentity:
        """Which chain this is, with proof that our contracts are on it.

        Raises:
            ContractMissingError: other code, or none, is at a contract's address.
        """
        for name, address in (("Registry", self.registry), ("Anchor", self.anchor)):
            if self._code(address) != contracts.code(name, self._artefacts):
                raise ContractMissingError(contract=name)
        return ChainIdentity(
            chain_id=self._chain_id(),
            genesis_hash=self.genesis_hash(),
            registry=self.registry,
            anchor=self.anchor,
            code_hash=keccak(contracts.code("Anchor", self._artefacts)),
            qbft=self._validators,
        )

    def validator_history(self) -> tuple[ValidatorSet, ...] | None:
        """Who sealed this chain's blocks since its genesis; None for a chain without seals.

        It is what was given at the start, else what the node's headers claim: then a person compares it with the bodies
        that run the validators before it goes into a trust file. A set that came and went between two probes is not
        found; proofs of that time are then refused, never wrongly accepted.
        """
        if self._validators is not None:
            return self._validators
        newest = self._block("latest")
        if not _is_sealed(newest):
            return None
        end = int(newest["number"], 16)
        history = [qbft.ValidatorSet(0, self._sealers(0))]
        same = 0  # the newest block known to have the newest set
        for probe in [*range(0, end, max(1, end // _PROBES)), end]:
            while self._sealers(probe) != history[-1].validators:
                other = probe  # the first block of another set lies after `same`, at the latest here
                while other - same > 1:
                    middle = (same + other) // 2
                    if self._sealers(middle) == history[-1].validators:
                        same = middle
                    else:
                        other = middle
                history.append(qbft.ValidatorSet(other, self._sealers(other)))
                same = other
            same = probe
        return tuple(history)

    def look(self, log_id: bytes) -> ChainView:
        """The newest block as this account sees it.

        Nonce and head come from one block, named by height: behind a balancer two nodes may answer, and "latest" of the
        one is not that of the other.

        Raises:
            LogNotRegisteredError: see `anchored`.
        """
        block = self._block("latest")
        height = block["number"]
        nonce = int(self._rpc("eth_getTransactionCount", _hex(self.account), height), 16)
        return ChainView(int(height, 16), _is_sealed(block), nonce, self.anchored(log_id, height))

    def anchored(self, log_id: bytes, block: str = "latest") -> AnchoredHead:
        """The newest anchor of a log, by the state of a block (a hex height, or "latest").

        Raises:
            LogNotRegisteredError: the registry does not know the log, or closed it, or another account anchors it.
        """
        ((operator, size, at, state, root),) = self._view(self.anchor, "Anchor", "headOf", log_id, block=block)
        if state != _OPEN or int(operator, 16) != int.from_bytes(self.account, "big"):
            raise LogNotRegisteredError(log_id=log_id.hex())
        return AnchoredHead(size, root, at)

    def last_anchor(self, log_id: bytes) -> AnchoredHead:
        """The newest anchor of a log whoever its operator is, open or closed; size 0 where there is none."""
        ((_, size, at, _, root),) = self._view(self.anchor, "Anchor", "headOf", log_id)
        return AnchoredHead(size, root, at)

    def is_closed(self, log_id: bytes) -> bool:
        """Whether the registry closed a log, so that nothing is anchored for it any more."""
        ((_, _, _, state, _),) = self._view(self.anchor, "Anchor", "headOf", log_id)
        return bool(state == _CLOSED)

    def newest_block(self) -> tuple[int, bool]:
        """Height of the newest block, and whether validators sealed it (see `ChainView`)."""
        block = self._block("latest")
        return int(block["number"], 16), _is_sealed(block)

    def genesis_hash(self) -> bytes:
        """Hash of block 0."""
        return _unhex(self._block("0x0")["hash"])

    def nonce(self) -> int:
        """Transactions of this account in blocks, so the nonce of its next."""
        return self._nonce(self.account)

    def block_hash(self, number: int) -> bytes | None:
        """Hash of the block at a height, None above the head."""
        block = self._block(hex(number))
        return _unhex(block["hash"]) if block else None

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """What became of a transaction; None while it is in no block, or unknown."""
        found = self._rpc("eth_getTransactionReceipt", _hex(tx_hash))
        if found is None:
            return None
        block = self._rpc("eth_getBlockByHash", found["blockHash"], False)
        if block is None:
            return None
        return Receipt(
            int(block["number"], 16), _unhex(block["hash"]), int(block["timestamp"], 16), found["status"] == "0x1"
        )

    def await_receipt(self, tx_hash: bytes, seconds: float = _WAIT_SECONDS) -> Receipt | None:
        """Wait until a transaction is in a block, at most so long; None when it is not."""
        deadline = time.monotonic() + seconds
        while (found := self.receipt(tx_hash)) is None and time.monotonic() < deadline:
            Event().wait(_POLL_SECONDS)
        return found

    def proof_of(self, log_id: bytes, height: str = "latest") -> AnchorProof:
        """The anchor of a log that is newest by the state of a block (a hex height, or "latest"), proven; verified.

        Headers and proofs are taken now and kept with the anchor: nodes forget old state (Besu after 512 blocks).

        Raises:
            ChainProofError: the node's answers do not prove it, or lack the validators' seals; also when the chain
                moved between two of them.
            ChainContradictionError: the node calls the block by another hash than its header has.
        """
        identity = self.identity()
        block = self._block(height)
        head = self.anchored(log_id, block["number"])
        slot = _hex(chainproof.storage_slot(log_id, head.size))
        proof = self._rpc("eth_getProof", _hex(self.anchor), [slot], block["number"])
        section: dict[str, object] = {
            "chain_id": identity.chain_id,
            "genesis_hash": _hex(identity.genesis_hash),
            "contract": _hex(identity.anchor),
            "size": head.size,
            "anchored_at": head.time,
            "header": {
                name: _header_field(block[name], size) for name, size in chainproof.HEADER_FIELDS if name in block
            },
            "account": proof["accountProof"],
            "storage": proof["storageProof"][0]["proof"],
        }
        proven = chainproof.verify(section, identity, log=log_id, size=head.size, root=head.root)
        if proven.block_hash != _unhex(block["hash"]):
            raise ChainContradictionError(act="proof", reason="block-hash")
        return AnchorProof(head, proven.block_number, proven.block_hash, section)

    # --- anchoring -----------------------------------------------------------------------------------------------

    def build_anchor_tx(  # the arguments of the contract
        self, log_id: bytes, old_size: int, size: int, root: bytes, proof: Sequence[bytes], nonce: int
    ) -> Transaction:
        """Sign the transaction that anchors a tree, after trying it on the newest state without sending it.

        Args:
            log_id: see `chainproof.log_id`.
            old_size: anchored size the proof starts from, 0 for the first anchor.
            size: leaves of the tree.
            root: its root.
            proof: consistency path (RFC 9162 2.1.4), empty for the first anchor.
            nonce: see `nonce`.

        Raises:
            ChainRefusedError: the contract would refuse it; `reason` is its error.
        """
        data = contracts.call_data("Anchor", "anchor", log_id, old_size, size, root, list(proof))
        self._rpc("eth_call", {"from": _hex(self.account), "to": _hex(self.anchor), "data": data}, "latest")
        return self._sign(self._key, self.anchor, data, nonce, _ANCHOR_GAS)

    def send(self, transaction: Transaction) -> None:
        """Hand a transaction to the node. Sending the same one again is harmless.

        Returning means the node has it, in its pool or in a block. "already known" and "nonce too low" are success when
        the chain knows the hash, and so is no answer at all when the chain, asked next, knows it.

        Raises:
            ChainUnavailableError: the node did not answer; it may have the transaction.
            ChainRefusedError: the node refused it and does not know it.
        """
        try:
            self._rpc("eth_sendRawTransaction", _hex(transaction.raw))
        except (ChainRefusedError, ChainUnavailableError):
            if self._rpc("eth_getTransactionByHash", _hex(transaction.hash)) is None:
                raise

    # --- inside --------------------------------------------------------------------------------------------------

    def _approve(self, key: bytes, function: str, *arguments: object) -> None:
        """One member's approval of an act; nothing when it approved already."""
        data = contracts.call_data("Registry", function, *arguments)
        call = {"from": _hex(address_of(key)), "to": _hex(self.registry), "data": data}
        try:
            self._rpc("eth_call", call, "latest")
        except ChainRefusedError as error:
            if error.fields["reason"] == "AlreadyApproved":
                return
            raise
        self._act(key, self.registry, data, _REGISTRY_GAS, function)

    def _act(self, key: bytes, to: bytes | None, data: str, gas: int, act: str) -> None:
        """Send a transaction of the set-up and wait until it took effect."""
        transaction = self._sign(key, to, data, self._nonce(address_of(key)), gas)
        self.send(transaction)
        receipt = self.await_receipt(transaction.hash)
        if receipt is None:
            raise ChainUnavailableError(act=act, reason="no-receipt")
        if not receipt.succeeded:
            raise ChainRefusedError(act=act, reason="reverted")

    def _sign(self, key: bytes, to: bytes | None, data: str, nonce: int, gas: int) -> Transaction:
        """A legacy transaction with replay protection (EIP-155): every chain we know takes it at price 0."""
        fields: dict[str, Any] = {"nonce": nonce, "gasPrice": 0, "gas": gas, "value": 0, "data": data}
        fields["chainId"] = self._chain_id()
        if to is not None:
            fields["to"] = to
        signed = Account.sign_transaction(fields, key)
        return Transaction(bytes(signed.raw_transaction), bytes(signed.hash))

    def _block(self, height: str) -> Any:  # JSON
        """The header of a block, by raw JSON-RPC: web3 refuses extra data longer than 32 bytes. None above the head."""
        return self._rpc("eth_getBlockByNumber", height, False)  # without transactions

    def _sealers(self, height: int) -> tuple[bytes, ...]:
        """Who must seal a block, as its header claims, ascending; whoever makes a genesis block need not sort it."""
        return tuple(sorted(qbft.ExtraData.parse(_unhex(self._block(hex(height))["extraData"])).validators))

    def _chain_id(self) -> int:
        return int(self._rpc("eth_chainId"), 16)

    def _nonce(self, account: bytes) -> int:
        return int(self._rpc("eth_getTransactionCount", _hex(account), "latest"), 16)

    def _code(self, address: bytes) -> bytes:
        return _unhex(self._rpc("eth_getCode", _hex(address), "latest"))

    def _view(
        self, address: bytes, contract: str, function: str, *arguments: object, block: str = "latest"
    ) -> Any:  # as the ABI has it
        call = {"to": _hex(address), "data": contracts.call_data(contract, function, *arguments)}
        answer = _unhex(self._rpc("eth_call", call, block))
        if not answer:
            raise ContractMissingError(contract=contract)
        return contracts.result(contract, function, answer)

    def _rpc(self, method: str, *parameters: object) -> Any:  # JSON
        """One JSON-RPC call.

        Raises:
            ChainUnavailableError: no answer, or not a JSON-RPC answer.
            ChainRefusedError: an error answer; `reason` is the contract's error, `revert` if unnamed, else `rpc`.
        """
        outside_any_unit(f"chain {method}")
        try:
            answer: Any = self._provider.make_request(RPCEndpoint(method), list(parameters))
        except (requests.RequestException, ValueError) as error:
            raise ChainUnavailableError(act=method, reason=type(error).__name__) from error
        if not isinstance(answer, dict) or not answer.keys() & {"result", "error"}:
            raise ChainUnavailableError(act=method, reason="not-json-rpc")
        if "error" in answer:
            refusal = answer["error"] if isinstance(answer["error"], dict) else {}
            data = refusal.get("data")
            if isinstance(data, str):
                raise ChainRefusedError(act=method, reason=contracts.error_names().get(data[:10], "revert"))
            raise ChainRefusedError(act=method, reason="rpc", message=ascii(refusal.get("message"))[:200])
        return answer["result"]


def _is_sealed(block: dict[str, Any]) -> bool:
    """Whether a header is marked as sealed by validators."""
    return _unhex(block["mixHash"]) == qbft.MIX_HASH


def _header_field(value: str, size: int | None) -> str:
    """A header field as bundles hold it: an integer without leading zeros, so that 0 is `0x`; all else as it comes."""
    if size is not None:
        return value
    number = int(value, 16)
    return _hex(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def _hex(content: bytes) -> str:
    return "0x" + content.hex()


def _unhex(text: str) -> bytes:
    return bytes.fromhex(text[2:])
