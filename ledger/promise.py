"""The signed promise of the log: "these entries will be integrated by the deadline". A promise is not a proof.

One signature covers a batch: it signs the RFC 6962 root over the batch's leaves, and each promise carries the path of
its own leaf. A single entry is a batch of one. So a bulk request costs one signature (DESIGN 11), and each department
or citizen can still be handed a promise of its own. `BatchPromise` is the signature without the paths.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from ledger.clock import parse_rfc3339, rfc3339
from ledger.errors import NoteError, PromiseInvalidError, ProofError
from ledger.merkle import LeafNodes, inclusion_proofs, leaf_hash, root, verify_inclusion
from ledger.model import HASH_SIZE, MERGE_DELAY_SECONDS
from ledger.record import canonical

if TYPE_CHECKING:
    from ledger.note import NoteSigner, NoteVerifier

_DOMAIN: Final = b"cailian/promise/v1\0"
"""Keeps a promise from passing as a checkpoint: both are signed by the log's key."""
_VERSION: Final = 1
_MEMBERS: Final = frozenset(
    {"count", "deadline", "entry", "leaf", "log", "path", "position", "promised_at", "root", "signature", "v"}
)
_BATCH_MEMBERS: Final = _MEMBERS - {"entry", "leaf", "path", "position"}
_MAX_PATH: Final = 64


@dataclass(frozen=True, slots=True)
class Promise:
    """What the log answers to an appended entry.

    Attributes:
        entry_id: handle for asking after the entry; not covered by the signature, the leaf is.
        log: origin of the log.
        leaf: the entry itself.
        promised_at: when the entry was durably stored.
        deadline: when it will be integrated at the latest.
        count: leaves in the batch.
        position: this leaf's place among them.
        path: RFC 6962 inclusion path of the leaf in the batch.
        root: root over the batch.
        signature: Ed25519 by the log's key.
    """

    entry_id: str
    log: str
    leaf: bytes
    promised_at: datetime
    deadline: datetime
    count: int
    position: int
    path: tuple[bytes, ...]
    root: bytes
    signature: bytes

    def to_json(self) -> dict[str, object]:
        """The promise as JSON, hashes and signature in base64."""
        return {
            "count": self.count,
            "deadline": rfc3339(self.deadline),
            "entry": self.entry_id,
            "leaf": self.leaf.decode(),
            "log": self.log,
            "path": [b64encode(each).decode() for each in self.path],
            "position": self.position,
            "promised_at": rfc3339(self.promised_at),
            "root": b64encode(self.root).decode(),
            "signature": b64encode(self.signature).decode(),
            "v": _VERSION,
        }

    @classmethod
    def from_json(cls, value: object) -> Promise:
        """Read what `to_json` wrote.

        Raises:
            PromiseInvalidError: another shape or version.
        """
        if not isinstance(value, Mapping) or value.get("v") != _VERSION:
            raise PromiseInvalidError(reason="unknown version")
        if set(value) != _MEMBERS:
            raise PromiseInvalidError(reason="other members")
        path = value["path"]
        texts = [value[name] for name in ("entry", "log", "leaf", "promised_at", "deadline", "root", "signature")]
        numbers = [value[name] for name in ("count", "position")]
        if not isinstance(path, list) or len(path) > _MAX_PATH or not all(isinstance(each, str) for each in path):
            raise PromiseInvalidError(reason="path")
        if not all(isinstance(text, str) for text in texts) or not all(type(number) is int for number in numbers):
            raise PromiseInvalidError(reason="member of another type")
        entry_id, log, leaf, promised_at, deadline, root_, signature = texts
        count, position = numbers
        try:
            return cls(
                entry_id,
                log,
                leaf.encode("ascii"),
                parse_rfc3339(promised_at),
                parse_rfc3339(deadline),
                count,
                position,
                tuple(b64decode(each, validate=True) for each in path),
                b64decode(root_, validate=True),
                b64decode(signature, validate=True),
            )
        except (binascii.Error, ValueError) as error:
            raise PromiseInvalidError(reason="member of another form") from error

    def verify(self, log: NoteVerifier) -> None:
        """Check that this log made the promise for this leaf.

        Raises:
            PromiseInvalidError: it did not.
        """
        if self.log != log.name:
            raise PromiseInvalidError(reason="promise of another log")
        if len(self.root) != HASH_SIZE:
            raise PromiseInvalidError(reason="root")
        try:
            log.verify(_signed(self.log, self.promised_at, self.deadline, self.count, self.root), self.signature)
            verify_inclusion(leaf_hash(self.leaf), self.position, self.count, self.path, self.root)
        except (NoteError, ProofError) as error:
            raise PromiseInvalidError(reason="not signed by the log") from error


@dataclass(frozen=True, slots=True)
class BatchPromise:
    """One promise for a whole batch: what a bulk request is answered.

    Whoever has the batch's leaves in order can check it, and make each leaf's own `Promise` from it.

    Attributes:
        log: origin of the log.
        entries: entry id and leaf, in order.
        promised_at: when the batch was durably stored.
        deadline: when it will be integrated at the latest.
        root: RFC 6962 root over the leaves.
        signature: Ed25519 by the log's key.
    """

    log: str
    entries: tuple[tuple[str, bytes], ...]
    promised_at: datetime
    deadline: datetime
    root: bytes
    signature: bytes

    @classmethod
    def sign(cls, signer: NoteSigner, entries: Sequence[tuple[str, bytes]], promised_at: datetime) -> BatchPromise:
        """Promise a batch.

        Args:
            signer: the log's key.
            entries: entry id and leaf, in order, at least one.
            promised_at: the batch's time.
        """
        deadline = promised_at + timedelta(seconds=MERGE_DELAY_SECONDS)
        top = root(LeafNodes([leaf_hash(leaf) for _, leaf in entries]), len(entries))
        signature = signer.key.sign(_signed(signer.name, promised_at, deadline, len(entries), top))
        return cls(signer.name, tuple(entries), promised_at, deadline, top, signature)

    def each(self) -> list[Promise]:
        """The promise of every entry, with its path."""
        count = len(self.entries)
        paths = inclusion_proofs([leaf_hash(leaf) for _, leaf in self.entries])
        return [
            Promise(
                entry_id,
                self.log,
                leaf,
                self.promised_at,
                self.deadline,
                count,
                position,
                tuple(path),
                self.root,
                self.signature,
            )
            for position, ((entry_id, leaf), path) in enumerate(zip(self.entries, paths, strict=True))
        ]

    def to_json(self) -> dict[str, object]:
        """The promise as JSON, without the entries: they stand beside it, row by row."""
        return {
            "count": len(self.entries),
            "deadline": rfc3339(self.deadline),
            "log": self.log,
            "promised_at": rfc3339(self.promised_at),
            "root": b64encode(self.root).decode(),
            "signature": b64encode(self.signature).decode(),
            "v": _VERSION,
        }

    @classmethod
    def from_json(cls, value: object, entries: Sequence[tuple[str, bytes]]) -> BatchPromise:
        """Read what `to_json` wrote, with the entries it stood beside.

        Raises:
            PromiseInvalidError: another shape or version, or another number of entries.
        """
        if not isinstance(value, Mapping) or value.get("v") != _VERSION or set(value) != _BATCH_MEMBERS:
            raise PromiseInvalidError(reason="other members")
        if type(value["count"]) is not int or value["count"] != len(entries):
            raise PromiseInvalidError(reason="count")
        texts = [value[name] for name in ("log", "promised_at", "deadline", "root", "signature")]
        if not all(isinstance(text, str) for text in texts):
            raise PromiseInvalidError(reason="member of another type")
        log, promised_at, deadline, top, signature = texts
        try:
            times = parse_rfc3339(promised_at), parse_rfc3339(deadline)
            hashes = b64decode(top, validate=True), b64decode(signature, validate=True)
        except (binascii.Error, ValueError) as error:
            raise PromiseInvalidError(reason="member of another form") from error
        return cls(log, tuple(entries), *times, *hashes)

    def verify(self, log: NoteVerifier) -> None:
        """Check that this log made the promise for exactly these leaves in this order.

        Raises:
            PromiseInvalidError: it did not.
        """
        if self.log != log.name:
            raise PromiseInvalidError(reason="promise of another log")
        count = len(self.entries)
        if not count or root(LeafNodes([leaf_hash(leaf) for _, leaf in self.entries]), count) != self.root:
            raise PromiseInvalidError(reason="promise for other entries")
        try:
            log.verify(_signed(self.log, self.promised_at, self.deadline, count, self.root), self.signature)
        except NoteError as error:
            raise PromiseInvalidError(reason="not signed by the log") from error


def promise_all(signer: NoteSigner, entries: Sequence[tuple[str, bytes]], promised_at: datetime) -> list[Promise]:
    """Sign one promise each for a batch of entries, with one signature.

    Args:
        signer: the log's key.
        entries: entry id and leaf, in order.
        promised_at: the batch's time.
    """
    return BatchPromise.sign(signer, entries, promised_at).each() if entries else []


def _signed(log: str, promised_at: datetime, deadline: datetime, count: int, top: bytes) -> bytes:
    return _DOMAIN + canonical(
        {
            "count": count,
            "deadline": rfc3339(deadline),
            "log": log,
            "promised_at": rfc3339(promised_at),
            "root": top.hex(),
            "v": _VERSION,
        }
    )
