"""Queries over what happened to a holder's things, and over what holders report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.steps import Statement

# A duty use whose notice is delayed is not shown before its holder is told (`authz.dutynotices`); whoever else holds
# the thing is told at the same time.
_TOLD: Final = """(u.basis <> 'duty' OR NOT EXISTS (
  SELECT 1 FROM authz.notice n
  WHERE n.holder_id = u.holder_id AND n.kind = 'duty-use' AND n.subject = u.id::text AND n.due_at > %(now)s))"""
# Nor is a refused attempt under such a delay: it was decided before, and by another person. Of an emergency nothing is
# held back.
_REFUSAL_TOLD: Final = """(r.emergency_id IS NOT NULL OR NOT EXISTS (
  SELECT 1 FROM authz.notice_delay d
  WHERE d.party_id = r.party_id AND d.case_no = r.case_no AND d.ended_at IS NULL AND d.until > %(now)s
    AND d.decided_at <= r.at AND d.decided_by <> r.operator))"""
# Two short walks of an index each, whatever a holder has: uses by the holder's running number, refusals by time.
_USE_LINE: Final = """'use', u.id::text, u.opened_at, u.party_id::text, u.object_id::text, u.mode, u.basis,
  u.grant_id::text, u.duty_id::text, u.case_no, u.item_code, u.cause, u.state, NULL, u.intent_entry_id::text,
  u.outcome_entry_id::text"""
_USES: Final = f"""
SELECT {_USE_LINE}, u.holder_seq FROM authz.use_ u
WHERE u.holder_id = %(holder)s AND u.holder_seq < %(seq)s AND {_TOLD} ORDER BY u.holder_seq DESC LIMIT %(limit)s"""
# Uses that stand in another holder's chain, of a thing this holder has too; their running number is the other's.
_JOINT: Final = f"""
SELECT {_USE_LINE}, NULL FROM authz.use_holder h JOIN authz.use_ u ON u.id = h.use_id
WHERE h.holder_id = %(holder)s AND (h.opened_at, h.use_id) < (%(at)s, %(id)s::uuid) AND {_TOLD}
ORDER BY h.opened_at DESC, h.use_id DESC LIMIT %(limit)s"""
_HELD_WITH: Final = """
INSERT INTO authz.use_holder (use_id, holder_id, opened_at)
SELECT %(use)s::uuid, unnest(%(holders)s::uuid[]), %(at)s::timestamptz"""
_UNTOLD: Final = f"""
SELECT 1 FROM authz.use_ u WHERE u.id = %(id)s AND NOT {_TOLD}
UNION ALL SELECT 1 FROM authz.refusal r WHERE r.id = %(id)s AND NOT {_REFUSAL_TOLD}"""
_CO_HOLDERS: Final = "SELECT holder_id::text FROM authz.use_holder WHERE use_id = %(id)s ORDER BY 1"
_REFUSALS: Final = f"""
SELECT 'refusal', r.id::text, r.at, r.party_id::text, r.object_id::text, r.mode, NULL, NULL, NULL, r.case_no,
  r.item_code, NULL, 'refused', r.reason, r.entry_id::text, NULL, NULL
FROM authz.refusal r WHERE r.holder_id = %(holder)s AND (r.at, r.id) < (%(at)s, %(id)s::uuid) AND {_REFUSAL_TOLD}
ORDER BY r.at DESC, r.id DESC LIMIT %(limit)s"""
_OF_USE: Final = "SELECT holder_id::text, party_id::text FROM authz.use_ WHERE id = %(id)s"
_OF_REFUSAL: Final = "SELECT holder_id::text, party_id::text FROM authz.refusal WHERE id = %(id)s"

_REPORT_COLUMNS: Final = """id::text, line_id::text, holder_id::text, party_id::text, text, at, entry_id::text, answer,
  answered_by, answered_at, answer_entry_id::text"""
_INSERT_REPORT: Final = """
INSERT INTO authz.report (id, line_id, holder_id, party_id, text, at, entry_id)
VALUES (%(id)s, %(line)s, %(holder)s, %(party)s, %(text)s, %(at)s, %(entry)s) ON CONFLICT DO NOTHING"""
_REPORT: Final = f"SELECT {_REPORT_COLUMNS} FROM authz.report WHERE id = %(id)s FOR UPDATE"
_OPEN_REPORTS: Final = f"""
SELECT {_REPORT_COLUMNS} FROM authz.report WHERE answered_at IS NULL ORDER BY at, id LIMIT %(limit)s"""
_REPORTS_OF: Final = f"""
SELECT {_REPORT_COLUMNS} FROM authz.report WHERE holder_id = %(holder)s ORDER BY at DESC LIMIT %(limit)s"""
_ANSWER: Final = """
UPDATE authz.report SET answer = %(answer)s, answered_by = %(by)s, answered_at = %(at)s, answer_entry_id = %(entry)s
WHERE id = %(id)s"""


@dataclass(frozen=True, slots=True)
class Line:
    """One use or refused use of a holder's thing; no values.

    Attributes:
        kind: `use` or `refusal`.
        basis, cause: None for a refusal.
        state: of the use, or `refused`.
        reason: the true reason of a refusal.
        entry_id: where the log has it; `outcome_entry_id` where the log has its end.
        seq: the holder's running number of a use; a number left out shows. None for a use of a thing held together
            that stands in another holder's chain.
    """

    kind: str
    id: str
    at: datetime
    party_id: str
    object_id: str | None
    mode: str
    basis: str | None
    grant_id: str | None
    duty_id: str | None
    case_no: str
    item_code: str
    cause: str | None
    state: str
    reason: str | None
    entry_id: str
    outcome_entry_id: str | None
    seq: int | None


@dataclass(frozen=True, slots=True)
class HeldReport:
    """A holder's report on a line, texts encrypted."""

    id: str
    line_id: str
    holder_id: str
    party_id: str
    text: bytes
    at: datetime
    entry_id: str
    answer: bytes | None
    answered_by: str | None
    answered_at: datetime | None
    answer_entry_id: str | None


def uses(db: Connection, holder_id: str, seq: int, now: datetime, limit: int) -> list[Line]:
    """Uses below a running number that the holder may know of by now, the newest first."""
    values = {"holder": holder_id, "seq": seq, "now": now, "limit": limit}
    return [Line(*row) for row in db.exec_driver_sql(_USES, values)]


def joint(db: Connection, holder_id: str, place: tuple[datetime, str], now: datetime, limit: int) -> list[Line]:
    """Uses of things held together before a place, made for another holder, the newest first."""
    values = {"holder": holder_id, "at": place[0], "id": place[1], "now": now, "limit": limit}
    return [Line(*row) for row in db.exec_driver_sql(_JOINT, values)]


def held_with(use_id: str, holders: Collection[str], at: datetime) -> Statement:
    """What keeps who holds the thing of a use beside its holder."""
    return _HELD_WITH, {"use": use_id, "holders": sorted(holders), "at": at}


def is_told(db: Connection, line_id: str, now: datetime) -> bool:
    """Whether the holder of a use or refusal may know of it by now."""
    return db.exec_driver_sql(_UNTOLD, {"id": line_id, "now": now}).first() is None


def co_holders(db: Connection, use_id: str) -> list[str]:
    """Who holds the thing of a use beside its holder."""
    return [row[0] for row in db.exec_driver_sql(_CO_HOLDERS, {"id": use_id})]


def refusals(db: Connection, holder_id: str, place: tuple[datetime, str], now: datetime, limit: int) -> list[Line]:
    """Refused uses before a place that the holder may know of by now, the newest first."""
    values = {"holder": holder_id, "at": place[0], "id": place[1], "now": now, "limit": limit}
    return [Line(*row) for row in db.exec_driver_sql(_REFUSALS, values)]


def of_line(db: Connection, line_id: str) -> tuple[str | None, str] | None:
    """Holder and party of a use or refusal; None where there is neither."""
    for query in (_OF_USE, _OF_REFUSAL):
        row = db.exec_driver_sql(query, {"id": line_id}).first()
        if row is not None:
            return row[0], row[1]
    return None


def insert_report(db: Connection, values: Mapping[str, Any]) -> bool:
    """Store a report; False where its id is known."""
    return db.exec_driver_sql(_INSERT_REPORT, dict(values)).rowcount == 1


def report(db: Connection, report_id: str) -> HeldReport | None:
    """A report, locked until the unit ends."""
    row = db.exec_driver_sql(_REPORT, {"id": report_id}).first()
    return None if row is None else HeldReport(*row)


def open_reports(db: Connection, limit: int) -> list[HeldReport]:
    """Reports that wait for an answer, the oldest first."""
    return [HeldReport(*row) for row in db.exec_driver_sql(_OPEN_REPORTS, {"limit": limit})]


def reports_of(db: Connection, holder_id: str, limit: int) -> list[HeldReport]:
    """A holder's reports, the newest first."""
    return [HeldReport(*row) for row in db.exec_driver_sql(_REPORTS_OF, {"holder": holder_id, "limit": limit})]


def answer(db: Connection, values: Mapping[str, Any]) -> None:
    """Keep the answer to a report."""
    db.exec_driver_sql(_ANSWER, dict(values))
