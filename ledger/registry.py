"""Acts of the registry contract beside our own log: districts with their logs, and versions of registers (DESIGN 5, 9).

Every act takes k of the n members, who each send the same call (contracts/README.md). We send ours, look what the chain
says, and tell whether it is *recorded* or still waits for others. Repeating is harmless: an act that is done is not
sent again, and an approval counts once.
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256
from threading import Event
from typing import TYPE_CHECKING, Final

from ledger.chainproof import log_id
from ledger.errors import ChainRefusedError, LogConflictError, RegisterConflictError
from ledger.record import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.chain import Chain
    from ledger.model import Shard
    from ledger.nodecard import NodeCard

_WORD: Final = 32
_NOTHING: Final = bytes(_WORD)
_DONE_BY_OTHERS: Final = frozenset({"VersionNotNext", "LogAlreadyRegistered", "NodeUnchanged"})
"""Refusals that mean: between our look and our call the other members completed the act. We look again."""


_ATTEMPTS: Final = 5
_PAUSE_SECONDS: Final = 0.5


class NodeStatus(StrEnum):
    """Standing of a node in the registry; the names of contracts/src/interfaces/IRegistry.sol, in its order."""

    unknown = "unknown"
    active = "active"
    suspended = "suspended"
    retired = "retired"


class Act(StrEnum):
    """How far an act has come."""

    approved = "approved"
    """We approved; further members must."""
    recorded = "recorded"
    """The chain holds it."""


def word(text: str) -> bytes:
    """ASCII text as the contract keeps it: 32 bytes, left-aligned.

    Raises:
        ValueError: longer than that, or not ASCII.
    """
    raw = text.encode("ascii")
    if not 0 < len(raw) <= _WORD:
        msg = "1 to 32 ASCII characters"
        raise ValueError(msg)
    return raw.ljust(_WORD, b"\0")


def keys_hash(card: NodeCard) -> bytes:
    """SHA-256 of a node's published key set: canonical {"account", "log"}."""
    return sha256(canonical({"account": "0x" + card.account.hex(), "log": card.vkey})).digest()


def publish_register(
    chain: Chain, division: str, kind: str, version: int, digest: bytes, owner: str, *, members: Sequence[bytes] = ()
) -> Act:
    """Record a version of a register.

    Args:
        chain: as one member.
        division: of the node that publishes.
        kind, version, owner: see `ledger.registers`.
        digest: SHA-256 of the document.
        members: private keys of further members at hand.

    Raises:
        RegisterConflictError: the chain holds another hash or owner for this version.
        ChainRefusedError: not a member, or versions before this one are not recorded yet (`VersionNotNext`).
        ChainUnavailableError: the node does not answer.
    """
    name, body = word(f"{division}/{kind}"), word(owner)

    def is_recorded() -> bool:
        ((held, held_owner, _),) = chain.ask_registry("registerOf", name, version)
        if (held, held_owner) == (digest, body):
            return True
        if held != _NOTHING:
            raise RegisterConflictError(register=kind, version=version)
        return False

    return _together(chain, members, is_recorded, "publishRegister", name, version, digest, body)


def record_node(chain: Chain, card: NodeCard, status: NodeStatus, *, members: Sequence[bytes] = ()) -> Act:
    """Record a node with its endpoint, keys and standing.

    Raises:
        ChainRefusedError: not a member.
        ChainUnavailableError: the node does not answer.
    """
    code, number = word(card.division), list(NodeStatus).index(status)

    def is_recorded() -> bool:
        ((held_keys, held_status, endpoint),) = chain.ask_registry("nodeOf", code)
        return (held_keys, held_status, endpoint) == (keys_hash(card), number, card.endpoint)

    return _together(chain, members, is_recorded, "recordNode", code, card.endpoint, keys_hash(card), number)


def register_log(chain: Chain, card: NodeCard, *, members: Sequence[bytes] = ()) -> Act:
    """Register a node's log with the node's own account as its operator, once and for all.

    Raises:
        LogConflictError: it is registered with another operator or key.
        ChainRefusedError: not a member.
        ChainUnavailableError: the node does not answer.
    """
    log, noted = log_id(card.origin), sha256(card.vkey.encode()).digest()

    def is_recorded() -> bool:
        ((operator, held, *_),) = chain.ask_registry("logOf", log)
        account = bytes.fromhex(operator[2:])
        if (account, held) == (card.account, noted):
            return True
        if any(account):
            raise LogConflictError(log_id=log.hex())
        return False

    return _together(chain, members, is_recorded, "registerLog", log, card.account, noted, _NOTHING, 0, _NOTHING)


def close_log(chain: Chain, origin: str, *, members: Sequence[bytes] = ()) -> Act:
    """Close a log: the anchor contract keeps its last size and root for good and takes no other.

    Raises:
        ChainRefusedError: not a member, or no such log.
        ChainUnavailableError: the node does not answer.
    """
    log = log_id(origin)
    return _together(chain, members, lambda: chain.is_closed(log), "closeLog", log)


def register_successor(
    chain: Chain, origin: str, note_key_hash: bytes, before: Shard, *, members: Sequence[bytes] = ()
) -> Act:
    """Register a log that names the closed one before it, with the size and root the chain holds of that.

    Args:
        chain: as one member, and as the log's operator.
        origin: of the new log.
        note_key_hash: SHA-256 of its verifier key line.
        before: the closed log.
        members: private keys of further members at hand.

    Raises:
        LogConflictError: it is registered with another operator, key or predecessor.
        ChainRefusedError: not a member, or the log before is open, succeeded, or of another size or root.
        ChainUnavailableError: the node does not answer.
    """
    log, predecessor = log_id(origin), log_id(before.origin)
    wanted = (chain.account, note_key_hash, predecessor, before.size, before.root)

    def is_recorded() -> bool:
        ((operator, *held),) = chain.ask_registry("logOf", log)
        account = bytes.fromhex(operator[2:])
        if (account, *held) == wanted:
            return True
        if any(account):
            raise LogConflictError(log_id=log.hex())
        return False

    return _together(chain, members, is_recorded, "registerLog", log, *wanted)


def status_of(chain: Chain, card: NodeCard) -> tuple[NodeStatus, bool]:
    """What the chain says of a node: its standing, and whether its log is registered to it with its key."""
    ((held_keys, number, _),) = chain.ask_registry("nodeOf", word(card.division))
    ((operator, noted, *_),) = chain.ask_registry("logOf", log_id(card.origin))
    standing = list(NodeStatus)[number] if held_keys in {keys_hash(card), _NOTHING} else NodeStatus.unknown
    registered = (bytes.fromhex(operator[2:]), noted) == (card.account, sha256(card.vkey.encode()).digest())
    return standing, registered


def _together(
    chain: Chain, members: Sequence[bytes], is_recorded: Callable[[], bool], function: str, *arguments: object
) -> Act:
    """Approve by each key at hand until the chain holds the act."""
    for key in (None, *members):
        if is_recorded():
            return Act.recorded
        _approve(chain, key, is_recorded, function, *arguments)
    return Act.recorded if is_recorded() else Act.approved


def _approve(
    chain: Chain, key: bytes | None, is_recorded: Callable[[], bool], function: str, *arguments: object
) -> None:
    """One approval. Another process of ours (the anchor worker) may take the nonce meanwhile: try again a little later.

    Raises:
        ChainRefusedError: the contract refused it, or the node did so time and again.
    """
    for attempt in range(_ATTEMPTS):
        try:
            with chain.turn:
                chain.approve(function, *arguments, key=key)
        except ChainRefusedError as error:
            reason = error.fields["reason"]
            if reason in _DONE_BY_OTHERS and is_recorded():
                return
            if reason != "rpc" or attempt + 1 == _ATTEMPTS:
                raise
            Event().wait(_PAUSE_SECONDS)
        else:
            return
