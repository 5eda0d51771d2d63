"""What the log should hold by now and does not, as the monitor asks for it. Every query reads a partial index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_OPEN: Final = """
SELECT id::text, client_id, intent_entry_id::text, opened_at, closes_at FROM authz.use_
WHERE state = 'open' AND closes_at < %(before)s ORDER BY closes_at LIMIT %(limit)s"""
_COUNT: Final = "SELECT count(*) FROM authz.use_ WHERE state = 'open' AND closes_at < %(before)s"


def open_uses(db: Connection, before: datetime, limit: int) -> list[tuple[str, str, str, datetime, datetime]]:
    """(use, client, entry of the intent, opened, closes) of open uses whose time was over before a moment."""
    rows = db.exec_driver_sql(_OPEN, {"before": before, "limit": limit})
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def count_open_uses(db: Connection, before: datetime) -> int:
    """How many open uses were over before a moment."""
    return int(db.exec_driver_sql(_COUNT, {"before": before}).scalar_one())
