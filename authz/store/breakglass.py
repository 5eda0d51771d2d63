"""Queries over emergencies (break-glass): opened, approved, used, reviewed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from authz.model import Emergency, Mode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.steps import Steps

_EMERGENCY: Final = """id::text, party_id::text, case_no, holder_id::text, types, mode, opened_by, opened_at,
  approved_by, approval_entry_id::text, ends_at"""
_WIDTH: Final = 11
_COLUMNS: Final = f"""{_EMERGENCY}, ground, reason, entry_id::text, approved_at, review_due_at, reviewed_by,
  reviewer_party_id::text, verdict, finding, reviewed_at, review_entry_id::text"""
_FOR_USE: Final = f"SELECT {_EMERGENCY} FROM authz.break_glass WHERE id = %(id)s::uuid FOR SHARE"
_INSERT: Final = """
INSERT INTO authz.break_glass (id, party_id, case_no, holder_id, types, mode, ground, reason, opened_by, opened_at,
  entry_id)
VALUES (%(id)s, %(party)s, %(case)s, %(holder)s, %(types)s, %(mode)s, %(ground)s, %(reason)s, %(operator)s, %(at)s,
  %(entry)s)"""
_APPROVE: Final = """
UPDATE authz.break_glass SET approved_by = %(operator)s, approved_at = %(at)s, approval_entry_id = %(entry)s,
  ends_at = %(ends)s, review_due_at = %(due)s
WHERE id = %(id)s"""
_REVIEW: Final = """
UPDATE authz.break_glass SET reviewed_by = %(operator)s, reviewer_party_id = %(party)s, verdict = %(verdict)s,
  finding = %(finding)s, reviewed_at = %(at)s, review_entry_id = %(entry)s
WHERE id = %(id)s"""
_GET: Final = f"SELECT {_COLUMNS} FROM authz.break_glass WHERE id = %(id)s"
_OF_PARTY: Final = f"""
SELECT {_COLUMNS} FROM authz.break_glass WHERE party_id = %(party)s AND (opened_at, id) < (%(at)s, %(id)s::uuid)
ORDER BY opened_at DESC, id DESC LIMIT %(limit)s"""
_UNREVIEWED: Final = f"""
SELECT {_COLUMNS} FROM authz.break_glass WHERE approved_at IS NOT NULL AND reviewed_at IS NULL
  AND (review_due_at, id) > (%(due)s, %(id)s::uuid)
ORDER BY review_due_at, id LIMIT %(limit)s"""
_COUNT: Final = """
SELECT count(*), count(*) FILTER (WHERE review_due_at <= %(now)s) FROM authz.break_glass
WHERE approved_at IS NOT NULL AND reviewed_at IS NULL"""
_USES: Final = """
SELECT id::text, object_id::text, mode, operator, opened_at, state, intent_entry_id::text FROM authz.use_
WHERE emergency_id = %(id)s ORDER BY opened_at LIMIT %(limit)s"""
_ATTEMPTS: Final = """
SELECT r.id::text, p.org_code, r.object_id::text, r.mode, r.operator, r.at, r.reason, r.entry_id::text
FROM authz.refusal r JOIN authz.party p ON p.id = r.party_id
WHERE r.emergency_id = %(id)s ORDER BY r.at LIMIT %(limit)s"""
_OVERSEERS: Final = "SELECT DISTINCT party_id::text FROM authz.client WHERE %(scope)s = ANY(scopes) ORDER BY 1"


@dataclass(frozen=True, slots=True)
class HeldGlass:
    """An emergency whole, with its review.

    Attributes:
        ground: why, one word of a list.
        reason, finding: encrypted text.
        reviewed_by, reviewer_party_id: a third person, of whichever organisation oversees.
    """

    emergency: Emergency
    ground: str
    reason: bytes
    entry_id: str
    approved_at: datetime | None
    review_due_at: datetime | None
    reviewed_by: str | None
    reviewer_party_id: str | None
    verdict: str | None
    finding: bytes | None
    reviewed_at: datetime | None
    review_entry_id: str | None


def for_use(break_glass_id: str) -> Steps[Emergency | None]:
    """The emergency a use names, so that it does not change before the use is recorded."""
    rows = yield _FOR_USE, {"id": break_glass_id}
    return _emergency(rows[0]) if rows else None


def insert(db: Connection, values: Mapping[str, Any]) -> None:
    """Store a new one."""
    db.exec_driver_sql(_INSERT, dict(values))


def approve(db: Connection, values: Mapping[str, Any]) -> None:
    """Let it stand."""
    db.exec_driver_sql(_APPROVE, dict(values))


def review(db: Connection, values: Mapping[str, Any]) -> None:
    """Keep the review."""
    db.exec_driver_sql(_REVIEW, dict(values))


def get(db: Connection, break_glass_id: str, *, lock: bool = False) -> HeldGlass | None:
    """One of them; with `lock`, until the unit ends."""
    row = db.exec_driver_sql(_GET + (" FOR UPDATE" if lock else ""), {"id": break_glass_id}).first()
    return None if row is None else _held(row)


def of_party(db: Connection, party_id: str, before: tuple[datetime, str], limit: int) -> list[HeldGlass]:
    """An organisation's before a place, the newest first."""
    values = {"party": party_id, "at": before[0], "id": before[1], "limit": limit}
    return [_held(row) for row in db.exec_driver_sql(_OF_PARTY, values)]


def unreviewed(db: Connection, after: tuple[datetime, str], limit: int) -> list[HeldGlass]:
    """Approved ones after a place that nobody reviewed, the most urgent first."""
    values = {"due": after[0], "id": after[1], "limit": limit}
    return [_held(row) for row in db.exec_driver_sql(_UNREVIEWED, values)]


def count(db: Connection, now: datetime) -> tuple[int, int]:
    """How many wait for a review, and how many of them too long."""
    row = db.exec_driver_sql(_COUNT, {"now": now}).one()
    return int(row[0]), int(row[1])


def uses(db: Connection, break_glass_id: str, limit: int) -> list[tuple[Any, ...]]:
    """(use, object, mode, operator, opened, state, entry) of what rested on one."""
    return [tuple(row) for row in db.exec_driver_sql(_USES, {"id": break_glass_id, "limit": limit})]


def attempts(db: Connection, break_glass_id: str, limit: int) -> list[tuple[Any, ...]]:
    """(refusal, organisation, object, mode, operator, at, reason, entry) of refused uses that named one."""
    return [tuple(row) for row in db.exec_driver_sql(_ATTEMPTS, {"id": break_glass_id, "limit": limit})]


def overseers(db: Connection, scope: str) -> list[str]:
    """Organisations with a client that may oversee."""
    return [row[0] for row in db.exec_driver_sql(_OVERSEERS, {"scope": scope})]


def _emergency(row: Sequence[Any]) -> Emergency:
    values = list(row[:_WIDTH])
    values[4], values[5] = frozenset(values[4]), Mode(values[5])
    return Emergency(*values)


def _held(row: Sequence[Any]) -> HeldGlass:
    rest = list(row[_WIDTH:])
    rest[1], rest[8] = bytes(rest[1]), None if rest[8] is None else bytes(rest[8])
    return HeldGlass(_emergency(row), *rest)
