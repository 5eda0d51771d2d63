"""The sequencer: gives pending entries their indices, writes tiles, signs checkpoints (DESIGN 4.3).

One routine does normal work and recovery alike: every unit begins with what the database holds, so a process that
starts after a crash does exactly what a running one does next. What a death leaves behind:

- inside `index_batch`: nothing; indices, tiles and head are one commit. The entries are pending still.
- after `index_batch`, before `publish`: entries with an index and no checkpoint over them; the next `publish` signs.
- inside `publish`: at most a signature that nobody has seen.

Two processes may run it. Each unit takes an advisory lock that ends with the unit, and swaps the head only if it is
still the one it read, so a process that was stopped for an hour and wakes up cannot write over a newer head.

Nothing is signed that was not just recomputed: the root comes from the stored right edge, must equal the head, and
must be consistent with the last checkpoint, and what is new is hashed again from the stored leaves (`ledger.recheck`).
If not, the sequencer stops with `LogDivergedError` and stays stopped.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError

from ledger import entryrows, failpoints, merkle, proofs, recheck, store
from ledger.errors import (
    LedgerError,
    LogBusyError,
    LogDivergedError,
    LogExistsError,
    LogMismatchError,
    LogMissingError,
    ProofError,
    RollbackDetectedError,
    StorageFullError,
)
from ledger.model import Checkpoint, LogHead, PublishedCheckpoint
from ledger.note import sign_checkpoint
from ledger.steps import run
from ledger.tiles import Edge, edge_addresses

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.clock import Clock
    from ledger.db import Database
    from ledger.note import NoteSigner
    from ledger.steps import Statement, Steps

BATCH: Final = 4096
"""Entries indexed in one unit; 16 full tiles. Larger batches gain nothing measurable and hold the lock longer."""
CHECKPOINT_SECONDS: Final = 1.0
"""At most one checkpoint in this time (DESIGN 4.3)."""
_IDLE_SECONDS: Final = 0.05
"""How long an idle sequencer sleeps between two looks: the latency floor of integration."""
_CROWD: Final = 256
"""Batches below this size do not follow each other at once: a batch of one costs as much as one of a tile's width,
and a checkpoint comes once a second anyway. At or above it, what queued meanwhile is the next batch, at once."""
_LEAD_MILLISECONDS: Final = 500
"""How long to queue for the lead: some units of bulk. One who froze while leading holds nobody up for longer."""
_PAUSE_SECONDS: Final = 1.0
"""Pause after an ordinary database error (restart, full disk) before the next try."""

_logger = logging.getLogger(__name__)


def create_log(db: Connection, origin: str, key_id: bytes) -> None:
    """Create the log of an empty database. Done once by hand or by the first start, never on the way.

    Raises:
        LogExistsError: there is one already.
    """
    if not store.insert_log(db, LogHead(origin, key_id, 0, merkle.EMPTY_ROOT)):
        raise LogExistsError


class Sequencer:
    """The one writer of the tree.

    Args:
        database: of this node.
        signer: the log's key, named by the log's origin.
        clock: gives the time noted beside a checkpoint.
        quorum: how many witnesses a checkpoint waits for before it is published (`ledger.witness`).
    """

    def __init__(self, database: Database, signer: NoteSigner, clock: Clock, *, quorum: int = 0) -> None:
        self._database = database
        self._signer = signer
        self._clock = clock
        self._quorum = quorum
        # The edge after our last unit. Of use only if the head is still the one it makes: the unit may have failed.
        self._held: tuple[Edge, bytes] | None = None
        self._published = -1  # size up to which this process knows everything signed
        self._next_publish = 0.0  # by time.monotonic(): a clock set back must not stop publication

    def index_batch(self, limit: int = BATCH) -> int:
        """Give up to `limit` pending entries their indices, in the order they were inserted, in one unit.

        Returns:
            how many; 0 when nothing is pending or another process leads.

        Raises:
            LogMissingError, LogMismatchError: no log, or not the one of our key.
            RollbackDetectedError: the log is shorter than what it already published.
            LogDivergedError: head and tiles contradict each other.
        """
        with self._database.unit() as db:
            if not store.try_lead(db):
                return 0
            head, pending = run(db, self._head())
            failpoints.reach("sequence.led")
            if not pending:
                return 0
            leaves = store.index_pending(db, head.size, limit)
            failpoints.reach("sequence.indexed")
            run(db, self._grow(head, [merkle.leaf_hash(leaf) for leaf in leaves]))
            return len(leaves)

    def take_in(
        self, db: Connection, entries: Sequence[tuple[str, bytes]], at: datetime, *, waiting: bool = False
    ) -> int | None:
        """Store many new entries in the caller's unit and give them their indices there and then, by COPY.

        Entries that come in bulk are so written once; to index them later is to write each a second time. What pends
        already gets its indices first, so nothing waits behind bulk. Call it as the unit's last act: the lead is kept
        until the unit ends.

        Args:
            db: the caller's unit.
            entries: entry id and leaf, in order.
            at: the time of their promise.
            waiting: store them pending, for when the lead could not be had.

        Returns:
            The first entry's index, or None when they are pending.

        Raises:
            LogBusyError: another process keeps the lead; nothing is stored, do the whole unit again with `waiting`.
            LogMissingError, LogMismatchError, RollbackDetectedError, LogDivergedError: as `index_batch`.
        """
        if waiting:
            entryrows.copy_entries(db, entries, at)
            return None
        hashes = [merkle.leaf_hash(leaf) for _, leaf in entries]
        head, pending = run(db, self._lead())
        before = store.index_pending(db, head.size, BATCH) if pending else []
        first = head.size + len(before)
        entryrows.copy_entries(db, entries, at, first_index=first)
        run(db, self._grow(head, [*map(merkle.leaf_hash, before), *hashes]))
        return first

    def take_in_few(
        self, entries: Sequence[tuple[str, bytes]], at: datetime, *, waiting: bool = False
    ) -> Steps[int | None]:
        """As `take_in`, for some dozens of entries: as steps, in three statements.

        Raises:
            LogBusyError, LogMissingError, LogMismatchError, RollbackDetectedError, LogDivergedError: as `take_in`.
        """
        if waiting:
            yield entryrows.indexed_entries(entries, at, None)
            return None
        head, pending = yield from self._lead()
        leaves = [leaf for _, leaf in entries]
        if pending:
            rows = yield store.index_statement(head.size, BATCH)
            leaves = [*store.in_order(rows), *leaves]
        first = head.size + len(leaves) - len(entries)
        insert = entryrows.indexed_entries(entries, at, first)
        yield from self._grow(head, [merkle.leaf_hash(leaf) for leaf in leaves], [insert])
        return first

    def publish(self) -> Checkpoint | None:
        """Sign a checkpoint over everything indexed.

        Returns:
            the new checkpoint, or None: nothing new, too soon after the last one, or another process leads.

        Raises:
            LogMissingError, LogMismatchError, RollbackDetectedError, LogDivergedError: see `index_batch`; nothing is
                signed.
        """
        if time.monotonic() < self._next_publish:
            return None
        try:
            return self._sign()
        except LogBusyError:
            return None

    def _sign(self) -> Checkpoint | None:
        with self._database.unit() as db:
            head, _ = run(db, self._lead())
            failpoints.reach("publish.led")
            last = store.newest_checkpoint(db)
            if head.size == (last.head.size if last else 0):
                self._published = head.size
                return None
            now = self._clock.now()
            if last and 0 <= (now - last.at).total_seconds() < CHECKPOINT_SECONDS:
                return None  # another process, or the one before a restart, published just now
            run(db, _edge(head))
            if last:
                _only_adds(db, last.head, head)
            recheck.new_leaves(db, last.head.size if last else 0, head.size)
            checkpoint = Checkpoint(head.origin, head.size, head.root)
            failpoints.reach("publish.checked")
            note = sign_checkpoint(checkpoint, self._signer)
            failpoints.reach("publish.signed")
            store.insert_checkpoint(db, PublishedCheckpoint(checkpoint, note, now, None if self._quorum else 0))
            failpoints.reach("publish.stored")
        failpoints.reach("publish.committed")
        self._published = checkpoint.size
        self._next_publish = time.monotonic() + CHECKPOINT_SECONDS
        return checkpoint

    def _lead(self) -> Steps[tuple[LogHead, bool]]:
        """Become the leader; the head, and whether entries are pending."""
        yield store.await_lead(_LEAD_MILLISECONDS)
        return (yield from self._head())

    def _grow(self, head: LogHead, hashes: Sequence[bytes], beside: Sequence[Statement] = ()) -> Steps[None]:
        """Add leaves to the tree and move the head."""
        # Taken, not shared: where a connection died, another thread may lead before this one has noticed.
        held, self._held = self._held, None
        if held is not None and (held[0].size, held[1]) == (head.size, head.root):
            edge = held[0]
        else:
            edge = yield from _edge(head)
        changed = edge.append(hashes)
        root = edge.root()
        swapped = yield from store.grow(head, edge.size, root, changed, beside)
        if not swapped:
            raise LogDivergedError(reason="head moved under the lock", size=head.size)
        self._held = edge, root
        failpoints.reach("sequence.grown")

    def run(self, stop: threading.Event) -> None:
        """Index and publish until told to stop; on the way out drain nothing, the next start does.

        Raises:
            LedgerError: as `index_batch`. These need a person; a database that is away for a while does not.
        """
        worked = 0
        while not stop.is_set():
            try:
                if worked < _CROWD and self._is_idle():
                    worked = 0
                else:
                    worked = self.index_batch()
                    self.publish()
            except StorageFullError:
                _logger.warning("sequencer: database is full, waiting")
                stop.wait(_PAUSE_SECONDS)
            except LedgerError:
                raise
            except DBAPIError as error:
                _logger.warning("sequencer: database error %s, waiting", type(error.orig).__name__)
                stop.wait(_PAUSE_SECONDS)
            else:
                if worked < _CROWD:
                    stop.wait(_IDLE_SECONDS)

    def _is_idle(self) -> bool:
        """Whether nothing waits to be indexed or signed: one look that takes no lead."""
        with self._database.glance() as db:
            head, pending = run(db, self._head())
        return not pending and head.size == self._published

    def _head(self) -> Steps[tuple[LogHead, bool]]:
        """The head, if it is our log's and not older than what was published from it; whether entries are pending."""
        found = yield from store.head_and_seen()
        if found is None:
            raise LogMissingError
        head, seen, pending = found
        if (head.origin, head.key_id) != (self._signer.name, self._signer.key_id):
            raise LogMismatchError(origin=head.origin, key_id=head.key_id.hex())
        if seen > head.size:
            raise RollbackDetectedError(size=head.size, published=seen)
        return head, pending


def _edge(head: LogHead) -> Steps[Edge]:
    """Load the right edge and check that it makes the head's root."""
    addresses = edge_addresses(head.size)
    rows = yield from store.tile_steps([(address.level or 0, address.n) for address in addresses])
    edge = Edge(head.size, {level: hashes for (level, _), hashes in rows.items()})
    if edge.root() != head.root:
        raise LogDivergedError(reason="tiles do not make the head's root", size=head.size)
    return edge


def _only_adds(db: Connection, last: Checkpoint, head: LogHead) -> None:
    """Refuse to sign a tree that does not contain the last signed one."""
    try:
        proof = proofs.consistency(db, last.size, head.size)
        merkle.verify_consistency(last.size, head.size, proof, last.root, head.root)
    except ProofError as error:
        raise LogDivergedError(reason="head is not consistent with the last checkpoint", size=last.size) from error
