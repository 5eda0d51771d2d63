"""The outbox: intents written in the caller's unit, delivered afterwards by workers (DESIGN 2).

Delivery is at least once: a worker that dies between act and `done` acts again, so receivers go by the message's key.
A claim is a lease: the row is due again after it, so that nothing waits for a dead worker, and no lock is held while
HTTP runs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from ledger import tables

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from ledger.steps import Statement

LEASE_SECONDS: Final = 60
"""How long a worker may take over one message; longer than any HTTP time-out."""
MAX_ATTEMPTS: Final = 12
_FIRST_PAUSE_SECONDS: Final = 5
_LONGEST_PAUSE_SECONDS: Final = 4 * 3600
_EMIT: Final = """
INSERT INTO ledger.outbox (kind, key, body, due_at, created_at)
VALUES (%(kind)s, %(key)s, %(body)s::jsonb, %(at)s, %(at)s) ON CONFLICT DO NOTHING"""

_DUE: Final = """done_at IS NULL AND dead_at IS NULL AND due_at <= %(now)s
  AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s::text[]))"""
_IS_DUE: Final = f"SELECT EXISTS (SELECT FROM ledger.outbox WHERE {_DUE})"
_CLAIM: Final = f"""
WITH due AS (SELECT id FROM ledger.outbox WHERE {_DUE} ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
UPDATE ledger.outbox SET attempts = attempts + 1, due_at = %(lease)s WHERE id IN (SELECT id FROM due)
RETURNING id, kind, key, body, attempts"""


@dataclass(frozen=True, slots=True)
class Message:
    """One intent: its kind, the key that names it for ever, its body, and which attempt this is (from 1)."""

    id: int
    kind: str
    key: str
    body: Mapping[str, Any]
    attempt: int


def emit(db: Connection, kind: str, key: str, body: Mapping[str, Any], now: datetime) -> bool:
    """Write an intent in the caller's unit.

    Args:
        db: the caller's unit.
        kind: what is to be done, e.g. `webhook`.
        key: names the intent within its kind; a second one with the same key is the same intent.
        body: JSON; no identity code, name or phone (ids only).
        now: earliest delivery.

    Returns:
        False when the intent was there already.
    """
    row = {"kind": kind, "key": key, "body": dict(body), "due_at": now, "created_at": now}
    made = insert(tables.outbox).values(row).on_conflict_do_nothing().returning(tables.outbox.c.id)
    return db.execute(made).one_or_none() is not None


def emitting(kind: str, key: str, body: Mapping[str, Any], now: datetime) -> Statement:
    """As `emit`, for a hot path that writes several things at once (`ledger.steps`)."""
    return _EMIT, {"kind": kind, "key": key, "body": json.dumps(dict(body)), "at": now}


def claim(db: Connection, limit: int, now: datetime, *, kinds: Collection[str] | None = None) -> list[Message]:
    """Take up to `limit` due messages for `LEASE_SECONDS`, oldest due first; two workers never get the same one.

    Args:
        db: an open unit.
        limit: how many at most.
        now: the time.
        kinds: only these; a message nobody knows how to deliver waits for a worker that does.
    """
    values = {"now": now, "kinds": None if kinds is None else sorted(kinds), "limit": limit}
    taken = db.exec_driver_sql(_CLAIM, values | {"lease": now + timedelta(seconds=LEASE_SECONDS)})
    return sorted((Message(*row) for row in taken), key=lambda message: message.id)


def is_due(db: Connection, now: datetime, kinds: Collection[str]) -> bool:
    """Whether `claim` would find something, unless somebody else takes it first: a look without a lock."""
    return bool(db.exec_driver_sql(_IS_DUE, {"now": now, "kinds": sorted(kinds)}).scalar_one())


def done(db: Connection, message: Message, now: datetime) -> None:
    """The message was delivered."""
    db.execute(update(tables.outbox).where(tables.outbox.c.id == message.id).values(done_at=now, last_error=None))


def failed(db: Connection, message: Message, code: str, now: datetime) -> bool:
    """The attempt failed: try again later, doubling the pause from 5 s to 4 h, or give up after 12 attempts.

    Args:
        db: an open unit.
        message: as claimed.
        code: why, one kebab-case word; never text from outside.
        now: the time.

    Returns:
        True when given up; a person has to look.
    """
    dead = message.attempt >= MAX_ATTEMPTS
    pause = min(_FIRST_PAUSE_SECONDS * 2 ** (message.attempt - 1), _LONGEST_PAUSE_SECONDS)
    db.execute(
        update(tables.outbox)
        .where(tables.outbox.c.id == message.id)
        .values(last_error=code, due_at=now + timedelta(seconds=pause), dead_at=now if dead else None)
    )
    return dead
