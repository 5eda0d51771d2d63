"""The outbox as those see it who keep a node running: what waits, fails or was given up, and trying it again.

Nothing here shows a message's key or body: kinds, times and counts say where to look. What is tried again begins anew,
at once and with all its attempts; a message that is tried soon by itself is left alone, since a worker may have it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ledger.outbox import LEASE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

MOST: Final = 10_000
"""Messages that are begun anew at once; who has more does it again."""


class Standing(StrEnum):
    """Where a message that is not done stands."""

    waiting = "waiting"
    """Never failed: due, or due later."""
    failing = "failing"
    """Failed, and is tried again by itself."""
    dead = "dead"
    """Given up: somebody has to look."""


_STANDING: Final = """
CASE WHEN dead_at IS NOT NULL THEN 'dead' WHEN last_error IS NOT NULL THEN 'failing' ELSE 'waiting' END"""
_SUMMARY: Final = f"""
SELECT kind, {_STANDING} AS standing, count(*), min(created_at), max(attempts)
FROM ledger.outbox WHERE done_at IS NULL GROUP BY kind, standing ORDER BY kind, standing"""
_LISTED: Final = f"""
SELECT id, kind, {_STANDING}, attempts, created_at, due_at, dead_at, last_error FROM ledger.outbox
WHERE done_at IS NULL AND (%(kind)s::text IS NULL OR kind = %(kind)s::text)
  AND (%(standing)s::text IS NULL OR {_STANDING} = %(standing)s::text)
  AND (%(before)s::bigint IS NULL OR id < %(before)s::bigint)
ORDER BY id DESC LIMIT %(limit)s"""
_STALE: Final = """done_at IS NULL AND (dead_at IS NOT NULL OR (last_error IS NOT NULL AND due_at > %(soon)s))"""
_AGAIN: Final = f"""
UPDATE ledger.outbox SET dead_at = NULL, attempts = 0, due_at = %(now)s WHERE id IN (
  SELECT id FROM ledger.outbox WHERE {_STALE} AND kind = %(kind)s AND (%(id)s::bigint IS NULL OR id = %(id)s::bigint)
  ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED)"""


@dataclass(frozen=True, slots=True)
class Pile:
    """Messages of one kind that stand alike.

    Attributes:
        oldest: when the first of them was written.
        attempts: most that one of them had.
    """

    kind: str
    standing: Standing
    count: int
    oldest: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Undone:
    """One message that is not done.

    Attributes:
        error: why the last attempt failed, one kebab-case word.
    """

    id: int
    kind: str
    standing: Standing
    attempts: int
    created_at: datetime
    due_at: datetime
    dead_at: datetime | None
    error: str | None


def summary(db: Connection) -> list[Pile]:
    """What is not done, by kind and standing."""
    return [Pile(row[0], Standing(row[1]), *row[2:]) for row in db.exec_driver_sql(_SUMMARY)]


def listed(
    db: Connection, kind: str | None, standing: Standing | None, *, before: int | None, limit: int
) -> list[Undone]:
    """Messages that are not done, the newest first.

    Args:
        before: number of the last one of the page before.
    """
    values = {"kind": kind, "standing": standing, "before": before, "limit": limit}
    return [_undone(row) for row in db.exec_driver_sql(_LISTED, values)]


def again(db: Connection, kind: str, now: datetime, *, message_id: int | None = None) -> int:
    """Begin anew what was given up or waits long after a failure, `MOST` at once; how many that were.

    Args:
        message_id: this one only.
    """
    values = {"kind": kind, "id": message_id, "now": now, "soon": now + timedelta(seconds=LEASE_SECONDS), "most": MOST}
    return db.exec_driver_sql(_AGAIN, values).rowcount


def _undone(row: Sequence[object]) -> Undone:
    values = list(row)
    values[2] = Standing(str(values[2]))
    return Undone(*values)  # type: ignore[arg-type]  # as selected
