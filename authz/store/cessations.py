"""Queries over what recipients do after a withdrawal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from authz.model import Cessation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

_COLUMNS: Final = """grant_id::text, party_id::text, uses, asked_at, due_at, acknowledged_at, action, reason, operator,
  entry_id::text"""
_OPEN: Final = """
INSERT INTO authz.cessation (grant_id, party_id, uses, asked_at, due_at)
SELECT id, grantee_id, max_uses - uses_left, %(at)s, %(due)s FROM authz.grant_
WHERE id = %(grant)s AND uses_left < max_uses"""
_GET: Final = f"SELECT {_COLUMNS} FROM authz.cessation WHERE grant_id = %(grant)s"
_WITHDRAWN: Final = "SELECT withdrawal_entry_id::text FROM authz.grant_ WHERE id = %(grant)s"
_ACKNOWLEDGE: Final = """
UPDATE authz.cessation SET acknowledged_at = %(at)s, action = %(action)s, reason = %(reason)s, operator = %(operator)s,
  entry_id = %(entry)s
WHERE grant_id = %(grant)s"""
_OF_PARTY: Final = f"""
SELECT {_COLUMNS} FROM authz.cessation WHERE party_id = %(party)s
ORDER BY acknowledged_at IS NOT NULL, due_at LIMIT %(limit)s"""
_OF_HOLDER: Final = f"""
SELECT {_COLUMNS} FROM authz.cessation WHERE grant_id IN (
  SELECT id FROM authz.grant_ WHERE grantor_id = %(holder)s ORDER BY given_at DESC LIMIT 1000)
ORDER BY acknowledged_at IS NOT NULL, due_at LIMIT %(limit)s"""
_OVERDUE: Final = f"""
SELECT {_COLUMNS} FROM authz.cessation WHERE acknowledged_at IS NULL AND due_at <= %(now)s
ORDER BY due_at LIMIT %(limit)s"""


def open_(db: Connection, grant_id: str, at: datetime, due: datetime) -> bool:
    """In the unit of a withdrawal: ask the recipient to stop; False where the grant was never used."""
    return db.exec_driver_sql(_OPEN, {"grant": grant_id, "at": at, "due": due}).rowcount == 1


def get(db: Connection, grant_id: str, *, lock: bool = False) -> Cessation | None:
    """What became of a grant; with `lock`, until the unit ends."""
    row = db.exec_driver_sql(_GET + (" FOR UPDATE" if lock else ""), {"grant": grant_id}).first()
    return None if row is None else Cessation(*row)


def withdrawn_entry(db: Connection, grant_id: str) -> str | None:
    """The log entry of a grant's withdrawal."""
    row = db.exec_driver_sql(_WITHDRAWN, {"grant": grant_id}).first()
    return None if row is None else row[0]


def acknowledge(db: Connection, grant_id: str, said: Mapping[str, Any], entry_id: str) -> None:
    """Keep what a recipient said."""
    db.exec_driver_sql(_ACKNOWLEDGE, {**said, "grant": grant_id, "entry": entry_id})


def of_party(db: Connection, party_id: str, limit: int) -> list[Cessation]:
    """Of one recipient, what is open first."""
    rows = db.exec_driver_sql(_OF_PARTY, {"party": party_id, "limit": limit})
    return [Cessation(*row) for row in rows]


def of_holder(db: Connection, holder_id: str, limit: int) -> list[Cessation]:
    """Of one holder's newest 1,000 grants, what is open first."""
    rows = db.exec_driver_sql(_OF_HOLDER, {"holder": holder_id, "limit": limit})
    return [Cessation(*row) for row in rows]


def overdue(db: Connection, now: datetime, limit: int) -> list[Cessation]:
    """What was not acknowledged in time, the longest overdue first."""
    return [Cessation(*row) for row in db.exec_driver_sql(_OVERDUE, {"now": now, "limit": limit})]
