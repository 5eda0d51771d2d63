"""Queries of the audit: what auditors looked at, and uses and refusals by department, case and thing.

Every page is a few short walks of an index: the lines of each source up to the page's size, then put in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_LOOK: Final = """id::text, party_id::text, operator, kind, subject, scope, since, until, cause, at, entry_id::text"""
_INSERT: Final = """
INSERT INTO authz.audit_look (id, party_id, operator, kind, subject, scope, since, until, cause, at, entry_id)
VALUES (%(id)s, %(party)s, %(operator)s, %(kind)s, %(subject)s, %(scope)s, %(since)s, %(until)s, %(cause)s, %(at)s,
  %(entry)s)"""
_GET: Final = f"SELECT {_LOOK} FROM authz.audit_look WHERE id = %(id)s"
_LISTED: Final = f"""
SELECT {_LOOK} FROM authz.audit_look WHERE {{scope}} (at, id) < (%(at)s, %(id)s::uuid)
ORDER BY at DESC, id DESC LIMIT %(limit)s"""

_USE: Final = """'used' AS kind, id::text AS line_id, opened_at AS began, intent_entry_id::text, party_id::text,
  operator, object_id::text, case_no, item_code, mode, basis, NULL AS reason, state,
  CASE WHEN state <> 'open' THEN COALESCE(delivered_at, closes_at) END, outcome_entry_id::text"""
_REFUSAL: Final = """'refused', id::text, at, entry_id::text, party_id::text, operator, object_id::text, case_no,
  item_code, mode, NULL, reason, 'refused', NULL, NULL"""
_BOTH: Final = """
SELECT * FROM (({uses}) UNION ALL ({refusals})) AS line ORDER BY began {order}, line_id {order} LIMIT %(limit)s"""


def _walk(columns: str, table: str, at: str, where: str, order: str) -> str:
    """The lines of one source after a place, in order."""
    past = "<" if order == "DESC" else ">"
    name = table.partition(".")[2]  # an `id` alone would be the text that is told, which no index orders
    return (
        f"SELECT {columns} FROM {table} WHERE {where} AND ({at}, id) {past} (%(at)s, %(id)s::uuid)"
        f" ORDER BY {name}.{at} {order}, {name}.id {order} LIMIT %(limit)s"
    )


def _sources(where: str, order: str) -> str:
    uses = _walk(_USE, "authz.use_", "opened_at", where.format(at="opened_at"), order)
    return _BOTH.format(
        uses=uses, refusals=_walk(_REFUSAL, "authz.refusal", "at", where.format(at="at"), order), order=order
    )


def _of_things(columns: str, table: str, at: str) -> str:
    """As `_walk`, for each of several things."""
    walk = _walk("*", table, at, "object_id = thing.id", "ASC")
    return f"SELECT {columns} FROM unnest(%(objects)s::uuid[]) AS thing(id) CROSS JOIN LATERAL ({walk}) AS held"


_OF_DEPARTMENT: Final = "party_id = %(party)s AND {at} >= %(since)s"
_BY_DEPARTMENT: Final = {
    "used": _walk(_USE, "authz.use_", "opened_at", _OF_DEPARTMENT.format(at="opened_at"), "DESC"),
    "refused": _walk(_REFUSAL, "authz.refusal", "at", _OF_DEPARTMENT.format(at="at"), "DESC"),
}
# In the order of an index, so that no more than `most` are read of however many.
_COUNT: Final = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM authz.use_
    WHERE party_id = %(party)s AND opened_at >= %(since)s AND opened_at < %(until)s
    ORDER BY opened_at, id LIMIT %(most)s) AS found),
  (SELECT count(*) FROM (SELECT 1 FROM authz.refusal
    WHERE party_id = %(party)s AND at >= %(since)s AND at < %(until)s ORDER BY at, id LIMIT %(most)s) AS found)"""
_BY_CASE: Final = _sources("case_no = %(case)s", "ASC")
_BY_THINGS: Final = _BOTH.format(
    uses=_of_things(_USE.replace("id::text AS", "held.id::text AS"), "authz.use_", "opened_at"),
    refusals=_of_things(_REFUSAL.replace("'refused', id::text", "'refused', held.id::text"), "authz.refusal", "at"),
    order="ASC",
)


@dataclass(frozen=True, slots=True)
class HeldLook:
    """One look of an auditor.

    Attributes:
        kind: case, licence, material or department.
        subject: its number or id; of a department its code.
        scope: node or organisation.
        since, until: of a department's lines.
        cause: encrypted.
    """

    id: str
    party_id: str
    operator: str
    kind: str
    subject: str
    scope: str
    since: datetime | None
    until: datetime | None
    cause: bytes
    at: datetime
    entry_id: str


@dataclass(frozen=True, slots=True)
class AuditedUse:
    """A use or a refusal as an auditor sees it: who of which organisation, in which case, by what; nobody's name.

    Attributes:
        kind: used or refused.
        object_id: None where a refusal named nothing that is there.
        reason: why it was refused, truly.
        state: open, delivered, aborted or refused.
        ended_at, outcome_entry_id: how a use ended.
    """

    kind: str
    id: str
    at: datetime
    entry_id: str
    party_id: str
    operator: str
    object_id: str | None
    case_no: str
    item_code: str
    mode: str
    basis: str | None
    reason: str | None
    state: str
    ended_at: datetime | None
    outcome_entry_id: str | None


def insert(db: Connection, values: Mapping[str, Any]) -> None:
    """Keep a look."""
    db.exec_driver_sql(_INSERT, dict(values))


def get(db: Connection, look_id: str) -> HeldLook | None:
    """One look."""
    row = db.exec_driver_sql(_GET, {"id": look_id}).first()
    return None if row is None else _held(row)


def listed(db: Connection, party_id: str | None, before: tuple[datetime, str], limit: int) -> list[HeldLook]:
    """Looks before a place, the newest first.

    Args:
        party_id: of this organisation's auditors; of everybody where None.
    """
    scope = "" if party_id is None else "party_id = %(party)s AND"
    values = {"party": party_id, "at": before[0], "id": before[1], "limit": limit}
    return [_held(row) for row in db.exec_driver_sql(_LISTED.format(scope=scope), values)]


def by_department(
    db: Connection, party_id: str, since: datetime, before: tuple[datetime, str], limit: int, kind: str
) -> list[AuditedUse]:
    """What an organisation used, or was refused, since a moment, before a place, the newest first.

    Args:
        kind: `used` or `refused`.
    """
    values = {"party": party_id, "since": since, "at": before[0], "id": before[1], "limit": limit}
    return [AuditedUse(*row) for row in db.exec_driver_sql(_BY_DEPARTMENT[kind], values)]


def count(db: Connection, party_id: str, since: datetime, until: datetime, most: int) -> tuple[int, int]:
    """How often an organisation used something and was refused in a time, neither above `most`."""
    values = {"party": party_id, "since": since, "until": until, "most": most}
    used, refused = db.exec_driver_sql(_COUNT, values).one()
    return int(used), int(refused)


def by_case(db: Connection, case_no: str, after: tuple[datetime, str], limit: int) -> list[AuditedUse]:
    """What was used and refused in a case after a place, in order."""
    values = {"case": case_no, "at": after[0], "id": after[1], "limit": limit}
    return [AuditedUse(*row) for row in db.exec_driver_sql(_BY_CASE, values)]


def by_things(db: Connection, object_ids: Collection[str], after: tuple[datetime, str], limit: int) -> list[AuditedUse]:
    """Uses and refusals of some things after a place, in order."""
    values = {"objects": list(object_ids), "at": after[0], "id": after[1], "limit": limit}
    return [AuditedUse(*row) for row in db.exec_driver_sql(_BY_THINGS, values)]


def _held(row: Sequence[Any]) -> HeldLook:
    values = list(row)
    values[8] = bytes(values[8])
    return HeldLook(*values)
