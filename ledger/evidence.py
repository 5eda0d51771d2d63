"""Appending to the log: the one way any package records an act.

The entry, its record and its salts are written in the caller's unit of work, so an act and its evidence are committed
together or not at all. The entry is *pending* until the sequencer gives it an index.

The promise is signed before the caller's commit. It may be handed out only afterwards: the edge answers after the
unit ended, and an exception on the way drops it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger import entryrows, store
from ledger.clear import clear_leaf
from ledger.ids import new_id
from ledger.promise import BatchPromise, Promise, promise_all
from ledger.record import seal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.clear import Clear
    from ledger.clock import Clock
    from ledger.note import NoteSigner
    from ledger.record import Record
    from ledger.steps import Statement

__all__ = ["Evidence", "Promise"]


class Evidence:
    """Appends records to the log of this node.

    Args:
        origin: the log's name.
        signer: the log's key, which signs promises (and, in the sequencer, checkpoints) under that name.
        clock: gives the time of a promise.
    """

    def __init__(self, origin: str, signer: NoteSigner, clock: Clock) -> None:
        if signer.name != origin:
            msg = "a log signs under its origin"
            raise ValueError(msg)
        self.origin = origin
        self._signer = signer
        self._clock = clock

    def append(self, db: Connection, record: Record) -> Promise:
        """Append one record: one statement, one signature.

        Raises:
            NotCanonicalError: the record holds a float, a large integer or the like.
        """
        sealed, entry_id, at = seal(record), new_id(), self._clock.now()
        entryrows.insert_entry(db, entry_id, sealed, at)
        return promise_all(self._signer, [(entry_id, sealed.leaf)], at)[0]

    def prepare(self, record: Record, *, where: str = "") -> tuple[Promise, list[Statement]]:
        """Seal a record and promise it, and leave the writing to the caller: for units made of few statements.

        Args:
            record: the act.
            where: `FROM head` to write only where the first of the statements written `together` has a row.

        Returns:
            The promise, to be handed out after the commit, and what must be written in the unit of the act.
        """
        sealed, entry_id, at = seal(record), new_id(), self._clock.now()
        promise = promise_all(self._signer, [(entry_id, sealed.leaf)], at)[0]
        return promise, entryrows.entry_statements(entry_id, sealed, at, where)

    def append_many(self, db: Connection, records: Sequence[Record]) -> list[Promise]:
        """Append a batch, in order: three COPY statements, one signature.

        Raises:
            NotCanonicalError: a record holds a float, a large integer or the like; nothing is written.
        """
        at = self._clock.now()
        rows = [(new_id(), seal(record)) for record in records]
        entryrows.copy_records(db, rows)
        entryrows.copy_entries(db, [(entry_id, sealed.leaf) for entry_id, sealed in rows], at)
        return promise_all(self._signer, [(entry_id, sealed.leaf) for entry_id, sealed in rows], at)

    def promise_batch(self, entries: Sequence[tuple[str, bytes]], at: datetime) -> BatchPromise:
        """One signature over many entries, for who writes them otherwise than by `append_many`.

        Args:
            entries: entry id and leaf, in order, at least one.
            at: the time stored with them.
        """
        return BatchPromise.sign(self._signer, entries, at)

    def append_clear(self, db: Connection, clear: Clear) -> Promise:
        """Append an entry in clear: a district's checkpoint or a published register, nothing else (DESIGN 5).

        Raises:
            ClearLeafError: it does not fit into a leaf.
        """
        leaf, entry_id, at = clear_leaf(clear), new_id(), self._clock.now()
        entryrows.insert_leaf(db, entry_id, leaf, at)
        return promise_all(self._signer, [(entry_id, leaf)], at)[0]

    def promise(self, db: Connection, entry_id: str) -> Promise:
        """Sign the promise of a stored entry again, with its own time; for a bundle asked for before integration.

        Raises:
            EntryNotFoundError: no such entry.
        """
        row = store.entry(db, entry_id)
        return promise_all(self._signer, [(entry_id, row.leaf)], row.created_at)[0]
