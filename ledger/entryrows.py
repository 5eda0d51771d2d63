"""Appending to the log's tables: entries, their sealed records and salts, one or a hundred thousand at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert

from ledger import tables
from ledger.sqltext import array, copy_rows, hexed
from ledger.steps import execute, together

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.record import SealedRecord
    from ledger.steps import Statement

_INSERTS: Final = (
    "INSERT INTO ledger.entry (id, leaf, created_at) SELECT %(id)s::uuid, %(leaf)s, %(at)s",
    "INSERT INTO ledger.record (entry_id, fact, parties) SELECT %(id)s::uuid, %(fact)s, %(parties)s",
    "INSERT INTO ledger.secret (kind, id, value) SELECT 'record', %(id)s::uuid, %(salts)s",
)

_INSERT_ENTRIES: Final = """
    INSERT INTO ledger.entry (id, leaf, created_at, idx)
    SELECT e.id, e.leaf, %(at)s, %(first)s::bigint + e.n - 1
    FROM unnest(%(ids)s::uuid[], %(leaves)s::bytea[]) WITH ORDINALITY AS e (id, leaf, n) ORDER BY e.n
"""

_INSERT_RECORDS: Final = """
    INSERT INTO ledger.record (entry_id, fact, parties)
    SELECT * FROM unnest(%(ids)s::uuid[], %(facts)s::bytea[], %(parties)s::bytea[])
"""

_INSERT_SECRETS: Final = """
    INSERT INTO ledger.secret (kind, id, value)
    SELECT 'record', r.id, r.salts FROM unnest(%(ids)s::uuid[], %(salts)s::bytea[]) AS r (id, salts)
"""


def entry_statements(entry_id: str, sealed: SealedRecord, at: datetime, where: str = "") -> list[Statement]:
    """What stores one pending entry with its record and salts.

    Args:
        where: `FROM head` to store it only where the first of the statements written `together` has a row.
    """
    values: tuple[dict[str, Any], ...] = (
        {"id": entry_id, "leaf": sealed.leaf, "at": at},
        {"id": entry_id, "fact": sealed.fact, "parties": sealed.parties},
        {"id": entry_id, "salts": sealed.salts},
    )
    return [(f"{sql} {where}".rstrip(), given) for sql, given in zip(_INSERTS, values, strict=True)]


def insert_entry(db: Connection, entry_id: str, sealed: SealedRecord, at: datetime) -> None:
    """Store one pending entry with its record and salts, in one round trip."""
    execute(db, together(*entry_statements(entry_id, sealed, at)))


def copy_entries(
    db: Connection, rows: Sequence[tuple[str, bytes]], at: datetime, *, first_index: int | None = None
) -> None:
    """Store a batch of entries, by COPY: pending, or with the indices from `first_index` on.

    Args:
        rows: entry id and leaf.
        at: the time of their promise.
        first_index: only for the sequencer, in the unit that moves the head.

    Raises:
        StorageFullError: the disk is full.
    """
    moment = at.isoformat()
    if first_index is None:
        pending = (f"{entry_id}\t\\\\x{leaf.hex()}\t{moment}\n" for entry_id, leaf in rows)
        copy_rows(db, "COPY ledger.entry (id, leaf, created_at) FROM STDIN", pending)
    else:
        indexed = (
            f"{entry_id}\t\\\\x{leaf.hex()}\t{moment}\t{index}\n"
            for index, (entry_id, leaf) in enumerate(rows, first_index)
        )
        copy_rows(db, "COPY ledger.entry (id, leaf, created_at, idx) FROM STDIN", indexed)


def copy_records(db: Connection, rows: Sequence[tuple[str, SealedRecord]]) -> None:
    """Store records and salts of a batch of entries, by COPY.

    Raises:
        StorageFullError: the disk is full.
    """
    copy_rows(
        db,
        "COPY ledger.record (entry_id, fact, parties) FROM STDIN",
        (f"{entry_id}\t\\\\x{sealed.fact.hex()}\t\\\\x{sealed.parties.hex()}\n" for entry_id, sealed in rows),
    )
    copy_rows(
        db,
        "COPY ledger.secret (kind, id, value) FROM STDIN",
        (f"record\t{entry_id}\t\\\\x{sealed.salts.hex()}\n" for entry_id, sealed in rows),
    )


def indexed_entries(rows: Sequence[tuple[str, bytes]], at: datetime, first_index: int | None) -> Statement:
    """What stores some entries; `copy_entries` for few of them, where three round trips would cost more than the rows.

    Args:
        rows: entry id and leaf.
        at: the time of their promise.
        first_index: of the first one; None to leave them pending.
    """
    values = {
        "ids": array(entry_id for entry_id, _ in rows),
        "leaves": array(hexed(leaf) for _, leaf in rows),
        "at": at,
        "first": first_index,
    }
    return _INSERT_ENTRIES, values


def record_statements(rows: Sequence[tuple[str, SealedRecord]]) -> list[Statement]:
    """What stores records and salts of some entries; `copy_records` for few of them."""
    ids = array(entry_id for entry_id, _ in rows)
    facts = array(hexed(sealed.fact) for _, sealed in rows)
    parties = array(hexed(sealed.parties) for _, sealed in rows)
    salts = array(hexed(sealed.salts) for _, sealed in rows)
    return [
        (_INSERT_RECORDS, {"ids": ids, "facts": facts, "parties": parties}),
        (_INSERT_SECRETS, {"ids": ids, "salts": salts}),
    ]


def insert_leaf(db: Connection, entry_id: str, leaf: bytes, at: datetime) -> None:
    """Store one pending entry in clear: it has no record and no salts."""
    db.execute(insert(tables.entry).values(id=entry_id, leaf=leaf, created_at=at))
