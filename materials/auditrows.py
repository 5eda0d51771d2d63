"""Queries of the audit on cases and materials: what they are and what became of them, nobody's name and no content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

MOST: Final = 200
"""Versions of one material, before and after the one that is asked for, that are told."""
_CASE: Final = """
SELECT case_no, item_code, party_id::text, operator, state, opened_at, entry_id::text, accepted_at,
  acceptance_entry_id::text, closed_at, closing_entry_id::text, decision
FROM materials.case_ WHERE case_no = %(case)s"""
_MATERIAL: Final = """id::text, type_code, version, status, party_id::text, operator, channel, origin_case_no,
  encode(sha256, 'hex'), superseded_by::text, deposited_at, entry_id::text, ended_at, ended_entry_id::text,
  COALESCE((SELECT next.party_id FROM materials.material next WHERE next.id = material.superseded_by), party_id)::text,
  object_id::text"""
_OF_CASE: Final = f"""
SELECT {_MATERIAL} FROM materials.material
WHERE origin_case_no = %(case)s AND ({{at}}, id) > (%(at)s, %(id)s::uuid)
ORDER BY material.{{at}}, material.id LIMIT %(limit)s"""
_CAME_IN: Final = _OF_CASE.format(at="deposited_at")
_ENDED: Final = _OF_CASE.format(at="ended_at")
_VERSIONS: Final = f"""
WITH RECURSIVE before AS (
  SELECT id, supersedes, 0 AS step FROM materials.material WHERE id = %(id)s::uuid
  UNION ALL
  SELECT m.id, m.supersedes, step + 1 FROM materials.material m JOIN before b ON m.id = b.supersedes
  WHERE step < %(most)s
), after AS (
  SELECT id, superseded_by, 0 AS step FROM materials.material WHERE id = %(id)s::uuid
  UNION ALL
  SELECT m.id, m.superseded_by, step + 1 FROM materials.material m JOIN after a ON m.id = a.superseded_by
  WHERE step < %(most)s
)
SELECT {_MATERIAL} FROM materials.material
WHERE id IN (SELECT id FROM before UNION SELECT id FROM after) ORDER BY version"""

_DEPOSITS: Final = f"""
SELECT {_MATERIAL} FROM materials.material
WHERE party_id = %(party)s AND deposited_at >= %(since)s AND (deposited_at, id) < (%(at)s, %(id)s::uuid)
ORDER BY material.deposited_at DESC, material.id DESC LIMIT %(limit)s"""
_CASES: Final = """
SELECT case_no, item_code, party_id::text, operator, state, opened_at, entry_id::text, accepted_at,
  acceptance_entry_id::text, closed_at, closing_entry_id::text, decision
FROM materials.case_
WHERE party_id = %(party)s AND opened_at >= %(since)s AND (opened_at, entry_id) < (%(at)s, %(id)s::uuid)
ORDER BY case_.opened_at DESC, case_.entry_id DESC LIMIT %(limit)s"""
# In the order of an index, so that no more than `most` are read of however many.
_COUNT: Final = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM materials.material
    WHERE party_id = %(party)s AND deposited_at >= %(since)s AND deposited_at < %(until)s
    ORDER BY deposited_at, id LIMIT %(most)s) AS found),
  (SELECT count(*) FROM (SELECT 1 FROM materials.case_
    WHERE party_id = %(party)s AND opened_at >= %(since)s AND opened_at < %(until)s
    ORDER BY opened_at, entry_id LIMIT %(most)s) AS found)"""


@dataclass(frozen=True, slots=True)
class AuditedCase:
    """A case without the people in it."""

    case_no: str
    item_code: str
    party_id: str
    operator: str
    state: str
    opened_at: datetime
    entry_id: str
    accepted_at: datetime | None
    acceptance_entry_id: str | None
    closed_at: datetime | None
    closing_entry_id: str | None
    decision: str | None


@dataclass(frozen=True, slots=True)
class AuditedMaterial:
    """A version of a material without its name and its holder.

    Attributes:
        ended_by: organisation that brought what came instead; of what was withdrawn its depositor.
    """

    id: str
    type_code: str
    version: int
    status: str
    party_id: str
    operator: str
    channel: str
    origin_case_no: str | None
    sha256: str
    superseded_by: str | None
    deposited_at: datetime
    entry_id: str
    ended_at: datetime | None
    ended_entry_id: str | None
    ended_by: str
    object_id: str


def case(db: Connection, case_no: str) -> AuditedCase | None:
    """A case by its number, whosever it is."""
    row = db.exec_driver_sql(_CASE, {"case": case_no}).first()
    return None if row is None else AuditedCase(*row)


def deposited_for(db: Connection, case_no: str, after: tuple[datetime, str], limit: int) -> list[AuditedMaterial]:
    """What was deposited for a case after a place, in the order of deposits."""
    values = {"case": case_no, "at": after[0], "id": after[1], "limit": limit}
    return [AuditedMaterial(*row) for row in db.exec_driver_sql(_CAME_IN, values)]


def ended_for(db: Connection, case_no: str, after: tuple[datetime, str], limit: int) -> list[AuditedMaterial]:
    """What was deposited for a case and ended after a place, in the order of ends."""
    values = {"case": case_no, "at": after[0], "id": after[1], "limit": limit}
    return [AuditedMaterial(*row) for row in db.exec_driver_sql(_ENDED, values)]


def versions(db: Connection, material_id: str) -> list[AuditedMaterial]:
    """A material with the versions before and after it, the oldest first; empty where there is none."""
    return [AuditedMaterial(*row) for row in db.exec_driver_sql(_VERSIONS, {"id": material_id, "most": MOST})]


def deposits_of(
    db: Connection, party_id: str, since: datetime, before: tuple[datetime, str], limit: int
) -> list[AuditedMaterial]:
    """What an organisation deposited since a moment, before a place, the newest first."""
    values = {"party": party_id, "since": since, "at": before[0], "id": before[1], "limit": limit}
    return [AuditedMaterial(*row) for row in db.exec_driver_sql(_DEPOSITS, values)]


def cases_of(
    db: Connection, party_id: str, since: datetime, before: tuple[datetime, str], limit: int
) -> list[AuditedCase]:
    """Which cases an organisation opened since a moment, before a place, the newest first.

    Args:
        before: time and entry of the opening.
    """
    values = {"party": party_id, "since": since, "at": before[0], "id": before[1], "limit": limit}
    return [AuditedCase(*row) for row in db.exec_driver_sql(_CASES, values)]


def count(db: Connection, party_id: str, since: datetime, until: datetime, most: int) -> tuple[int, int]:
    """How much an organisation deposited and how many cases it opened in a time, neither above `most`."""
    values = {"party": party_id, "since": since, "until": until, "most": most}
    deposits, cases = db.exec_driver_sql(_COUNT, values).one()
    return int(deposits), int(cases)
