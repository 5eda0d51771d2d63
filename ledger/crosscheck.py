"""What stands beside the tree, held against each other and against the outside (RELIABILITY D8, O3).

Records, salts, objects and keys each need their counterpart: erasure takes both and leaves a row that says so, so one
without the other, or both without such a row, was lost. Anchors need the proof they were confirmed by, a transaction
the hash it is known by, and the chain must still know them. A promise must be kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from eth_hash.auto import keccak

from ledger import anchorrows, chainproof, fsckrows, store
from ledger.errors import ChainError, ChainProofError, ObjectMissingError
from ledger.model import MERGE_DELAY_SECONDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.chain import AnchoredHead
    from ledger.chainproof import ChainIdentity
    from ledger.db import Database
    from ledger.fsckrows import AnchorLine
    from ledger.fsckstate import FsckReport
    from ledger.model import LogHead
    from ledger.note import NoteVerifier

_MOST: Final = 1000
"""Rows listed of one kind of loss; the rest shows when these are mended."""


class ObjectAudit(Protocol):
    """What the object store tells about a stored object without its key."""

    def held_size(self, key: str, version_id: str) -> int:
        """Bytes of ciphertext under this key and version.

        Raises:
            ObjectMissingError: there is no such object.
        """
        ...


class ChainAudit(Protocol):
    """What the chain tells about a log."""

    def last_anchor(self, log_id: bytes) -> AnchoredHead:
        """Its newest anchor, open or closed; size 0 where there is none.

        Raises:
            ChainError: the chain is away.
        """
        ...


@dataclass(frozen=True, slots=True)
class Beside:
    """What a node is held against.

    Attributes:
        witnesses: keys whose cosignatures published checkpoints must bear.
        identity: the chain as the trust file pins it; None: the one the rows name.
        chain: to ask what is anchored; None leaves that out.
        now: the time, for promises; None leaves them out.
    """

    witnesses: Sequence[NoteVerifier] = ()
    identity: ChainIdentity | None = None
    chain: ChainAudit | None = None
    now: datetime | None = None


def check(database: Database, head: LogHead, beside: Beside, report: FsckReport) -> None:
    """Check everything but objects.

    Args:
        database: of the node.
        head: of its current log.
        beside: what to hold it against.
        report: defects are added to it.
    """
    _counterparts(database, report)
    _anchors(database, head, beside, report)
    if beside.now is not None:
        _promises(database, beside.now, report)


def _counterparts(database: Database, report: FsckReport) -> None:
    with database.unit() as db:
        halves = fsckrows.half_records(db, _MOST)
        lost = [
            ("record-of-nothing", "entry", fsckrows.records_of_nothing(db, _MOST)),
            ("key-of-nothing", "object", fsckrows.keys_of_nothing(db, _MOST)),
            ("key-lost", "object", fsckrows.objects_without_key(db, _MOST)),
        ]
    for entry_id, has_record in halves:
        report.defect("salts-missing" if has_record else "record-missing", f"entry {entry_id}")
    for code, kind, ids in lost:
        for each in ids:
            report.defect(code, f"{kind} {each}")


def _anchors(database: Database, head: LogHead, beside: Beside, report: FsckReport) -> None:
    """Each anchor against its own proof; the newest against the chain."""
    with database.unit() as db:
        rows, named = fsckrows.anchors(db), anchorrows.identity(db)
    identity = beside.identity or named
    if beside.identity is not None and named is not None and named != beside.identity:
        report.defect("chain-identity", f"chain {named.chain_id}")
    for row in rows:
        if row.raw_tx is not None and keccak(row.raw_tx) != row.tx_hash:
            report.defect("anchor-transaction", f"size {row.size}")
        if row.state == "confirmed" and row.proof is not None:
            _proof(head, row, identity, report)
    if beside.chain is not None:
        newest = max((row.size for row in rows if row.state == "confirmed"), default=0)
        _chain(beside.chain, head, newest, report)


def _proof(head: LogHead, row: AnchorLine, identity: ChainIdentity | None, report: FsckReport) -> None:
    place = f"size {row.size}"
    if identity is None or row.proof is None:
        report.defect("anchor-proof", place)
        return
    log = chainproof.log_id(head.origin)
    try:
        proven = chainproof.verify(row.proof, identity, log=log, size=row.size, root=row.root)
    except ChainProofError:
        report.defect("anchor-proof", place)
        return
    told = (row.block_number, row.block_hash, row.block_time)
    if told != (proven.block_number, proven.block_hash, proven.anchored_at):
        report.defect("anchor-row", place)


def _chain(chain: ChainAudit, head: LogHead, newest: int, report: FsckReport) -> None:
    try:
        anchored = chain.last_anchor(chainproof.log_id(head.origin)).size
    except ChainError as error:
        report.defect("chain-unavailable", error.code)
        return
    if anchored > head.size:
        report.defect("anchor-beyond-log", f"size {anchored}")
    if anchored < newest:
        report.defect("anchor-lost", f"size {newest}")


def _promises(database: Database, now: datetime, report: FsckReport) -> None:
    """Who was promised must be under a checkpoint by the deadline."""
    with database.unit() as db:
        newest = store.newest_checkpoint(db)
        due = now.astimezone(UTC) - timedelta(seconds=MERGE_DELAY_SECONDS)
        overdue = fsckrows.promised_before(db, due, newest.head.size if newest else 0, _MOST)
    for entry_id in overdue:
        report.defect("promise-overdue", f"entry {entry_id}")


def check_objects(database: Database, objects: ObjectAudit, report: FsckReport) -> None:
    """Every object that was not erased against what S3 says of it."""
    after = ""
    while True:
        with database.unit() as db:
            rows = fsckrows.living_objects(db, after, 500)
        for object_id, key, version_id, cipher_size in rows:
            after = object_id
            try:
                size = objects.held_size(key, version_id)
            except ObjectMissingError:
                report.defect("object-missing", f"object {object_id}")
                continue
            report.objects += 1
            if size != cipher_size:
                report.defect("object-size", f"object {object_id}")
        if not rows:
            return
