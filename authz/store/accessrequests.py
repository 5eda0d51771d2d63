"""Queries over access requests and who answers for a type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

_COLUMNS: Final = """id::text, party_id::text, provider_id::text, type_code, item_code, purpose, basis, operator,
  asked_at, due_at, entry_id::text, state, answered_by, answered_at, reason, answer_entry_id::text"""
_INSERT: Final = """
INSERT INTO authz.access_request (id, party_id, provider_id, type_code, item_code, purpose, basis, operator, asked_at,
  due_at, entry_id, state)
VALUES (%(id)s, %(party)s, %(provider)s, %(type)s, %(item)s, %(purpose)s, %(basis)s, %(operator)s, %(at)s, %(due)s,
  %(entry)s, 'open')"""
_GET: Final = f"SELECT {_COLUMNS} FROM authz.access_request WHERE id = %(id)s"
_ASKED: Final = f"""
SELECT {_COLUMNS} FROM authz.access_request WHERE party_id = %(party)s ORDER BY asked_at DESC LIMIT %(limit)s"""
_TO_ANSWER: Final = f"""
SELECT {_COLUMNS} FROM authz.access_request WHERE provider_id = %(party)s
ORDER BY state = 'open' DESC, asked_at DESC LIMIT %(limit)s"""
_OVERDUE: Final = f"""
SELECT {_COLUMNS} FROM authz.access_request WHERE state = 'open' AND due_at <= %(now)s
ORDER BY due_at LIMIT %(limit)s"""
_CLOSE: Final = """
UPDATE authz.access_request SET state = %(state)s, answered_by = %(by)s, answered_at = %(at)s, reason = %(reason)s,
  answer_entry_id = %(entry)s
WHERE id = %(id)s"""
_NAME: Final = """
INSERT INTO authz.provider (type_code, party_id, named_at) VALUES (%(type)s, %(party)s, %(at)s)
ON CONFLICT (type_code) DO UPDATE SET party_id = excluded.party_id, named_at = excluded.named_at"""
_UNNAME: Final = "DELETE FROM authz.provider WHERE type_code = %(type)s"
_PROVIDER: Final = "SELECT party_id::text FROM authz.provider WHERE type_code = %(type)s"
_LOCKS: Final = {"share": " FOR SHARE", "update": " FOR UPDATE"}
_MOOT: Final = f"""
SELECT {_COLUMNS} FROM authz.access_request
WHERE type_code = %(type)s AND (state IN ('open', 'approved') AND party_id = %(party)s
  OR state = 'open' AND %(party)s::uuid IS NULL)
ORDER BY id FOR UPDATE"""
_HAND_OVER: Final = """
UPDATE authz.access_request SET provider_id = %(party)s WHERE type_code = %(type)s AND state IN ('open', 'approved')"""
_PROVIDERS: Final = """
SELECT r.type_code, p.org_code, p.name FROM authz.provider r JOIN authz.party p ON p.id = r.party_id ORDER BY 1"""

ACCESS: Final = """
  SELECT a.id FROM authz.access_request a
  WHERE a.party_id = %(party)s AND a.type_code = %(type)s AND a.item_code = %(item)s AND a.state = 'approved'
  FOR SHARE"""
MISSING: Final = """EXISTS (
  SELECT FROM authz.provider r WHERE r.type_code = %(type)s AND r.party_id <> %(party)s)
  AND NOT EXISTS (SELECT FROM access)"""
"""In the statement that loads what a use is decided on: the approved access as the part `access`, locked against its
end until the unit ends; and whether it is missing."""
MISSING_OF_WANTED: Final = """EXISTS (
  SELECT FROM authz.provider r WHERE r.type_code = w.type AND r.party_id <> %(party)s) AND NOT EXISTS (
  SELECT FROM authz.access_request a
  WHERE a.party_id = %(party)s AND a.type_code = w.type AND a.item_code = %(item)s AND a.state = 'approved')"""
"""The same of each thing that is looked at, where nothing is locked."""


def insert(db: Connection, values: Mapping[str, Any]) -> None:
    """Store an open request.

    Raises:
        IntegrityError: one for this type and item stands.
    """
    db.exec_driver_sql(_INSERT, dict(values))


def request(db: Connection, request_id: str, *, lock: bool = False) -> tuple[Any, ...] | None:
    """A request; with `lock`, until the unit ends."""
    row = db.exec_driver_sql(_GET + (" FOR UPDATE" if lock else ""), {"id": request_id}).first()
    return None if row is None else tuple(row)


def asked(db: Connection, party_id: str, limit: int) -> list[tuple[Any, ...]]:
    """What a party asked, the newest first."""
    return [tuple(row) for row in db.exec_driver_sql(_ASKED, {"party": party_id, "limit": limit})]


def to_answer(db: Connection, party_id: str, limit: int) -> list[tuple[Any, ...]]:
    """What a party answers, what is open first."""
    return [tuple(row) for row in db.exec_driver_sql(_TO_ANSWER, {"party": party_id, "limit": limit})]


def overdue(db: Connection, now: datetime, limit: int) -> list[tuple[Any, ...]]:
    """What was not answered in time, the longest overdue first."""
    return [tuple(row) for row in db.exec_driver_sql(_OVERDUE, {"now": now, "limit": limit})]


def close(db: Connection, request_id: str, said: Mapping[str, Any]) -> None:
    """Keep an answer or an end: `state`, `by`, `at`, `reason`, `entry`."""
    db.exec_driver_sql(_CLOSE, {**said, "id": request_id})


def name_provider(db: Connection, type_code: str, party_id: str | None, at: datetime) -> None:
    """Say who answers for a type; None: nobody."""
    statement = _UNNAME if party_id is None else _NAME
    db.exec_driver_sql(statement, {"type": type_code, "party": party_id, "at": at})


def moot(db: Connection, type_code: str, party_id: str | None) -> list[tuple[Any, ...]]:
    """What stands of a type and makes no sense where a party answers for it, or nobody; locked."""
    return [tuple(row) for row in db.exec_driver_sql(_MOOT, {"type": type_code, "party": party_id})]


def hand_over(db: Connection, type_code: str, party_id: str) -> None:
    """Let a party answer for what stands of a type."""
    db.exec_driver_sql(_HAND_OVER, {"type": type_code, "party": party_id})


def provider_of(db: Connection, type_code: str, *, lock: Literal["share", "update"]) -> str | None:
    """Who answers for a type, until the unit ends."""
    row = db.exec_driver_sql(_PROVIDER + _LOCKS[lock], {"type": type_code}).first()
    return None if row is None else str(row[0])


def providers(db: Connection) -> list[tuple[str, str, str]]:
    """Who answers for which type: type, organisation code, name."""
    return [(row[0], row[1], row[2]) for row in db.exec_driver_sql(_PROVIDERS)]
