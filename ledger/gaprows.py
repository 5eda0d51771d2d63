"""What the gap monitor asks of the log's tables: promises that nobody kept in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from ledger import store, tables

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def late_pending(db: Connection, before: datetime, limit: int) -> list[tuple[str, datetime]]:
    """(id, time of its promise) of entries promised before a moment and still without an index, oldest first."""
    e = tables.entry.c
    query = select(e.id, e.created_at).where(e.idx.is_(None), e.created_at < before).order_by(e.seq).limit(limit)
    return [(row.id, row.created_at) for row in db.execute(query)]


def count_late_pending(db: Connection, before: datetime) -> int:
    """How many entries were promised before a moment and have no index."""
    e = tables.entry.c
    return int(db.execute(select(func.count()).where(e.idx.is_(None), e.created_at < before)).scalar_one())


def unanchored(db: Connection, before: datetime, limit: int) -> list[tuple[str, int, datetime]]:
    """(id, index, time of its promise) of indexed entries that no anchor covers, promised before a moment."""
    e = tables.entry.c
    first = store.newest_anchor_size(db)
    query = select(e.id, e.idx, e.created_at).where(e.idx >= first, e.idx < first + limit, e.created_at < before)
    return [(row.id, row.idx, row.created_at) for row in db.execute(query.order_by(e.idx))]


def count_unanchored(db: Connection, before: datetime) -> int:
    """How many indexed entries no anchor covers, if the oldest of them was promised before a moment; else 0."""
    head = store.log_head(db)
    return head.size - store.newest_anchor_size(db) if head and unanchored(db, before, 1) else 0
