"""Queries over commitments and what they owe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

PROPOSED: Final = "proposed"
BINDING: Final = frozenset({"signed", "overdue", "kept"})
"""States of a commitment that was signed and not broken."""
UNSIGNED: Final = frozenset({PROPOSED, "declined", "withdrawn"})
"""States of one whose letter nobody stands by: not signed, refused, or taken back."""
_HELD: Final = "c.state NOT IN ('proposed','declined','withdrawn')"
_COLUMNS: Final = """c.id::text, c.case_no, c.party_id::text, c.holder_id::text, c.item_code, c.kind, c.operator,
  c.letter_id::text, c.terms, c.state, c.proposed_at, c.signed_at, c.signer_id::text, c.entry_id::text, c.checked_at,
  c.check_result, c.check_entry_id::text, c.barred_until, c.finding, c.ended_at, c.end_entry_id::text, c.check_due_at"""
_INSERT: Final = """
INSERT INTO materials.commitment (id, case_no, party_id, holder_id, item_code, kind, operator, letter_id, terms, state,
  proposed_at)
VALUES (%(id)s, %(case)s, %(party)s, %(holder)s, %(item)s, %(kind)s, %(operator)s, %(letter)s, %(terms)s, 'proposed',
  %(at)s)"""
_OWE: Final = """
INSERT INTO materials.owed (commitment_id, type_code, due_at) VALUES (%(id)s, %(type)s, %(due)s)"""
_GET: Final = f"SELECT {_COLUMNS} FROM materials.commitment c WHERE c.id = %(id)s"
_OF_CASE: Final = f"""
SELECT {_COLUMNS} FROM materials.commitment c WHERE c.case_no = %(case)s ORDER BY c.id DESC LIMIT %(limit)s"""
_OF_HOLDERS: Final = f"""
SELECT {_COLUMNS} FROM materials.commitment c WHERE c.holder_id = ANY(%(holders)s::uuid[])
ORDER BY c.id DESC LIMIT %(limit)s"""
_TO_CHECK: Final = f"""
SELECT {_COLUMNS} FROM materials.commitment c WHERE c.party_id = %(party)s AND c.state IN ('signed','overdue')
ORDER BY c.check_due_at LIMIT %(limit)s"""
_PROMISED: Final = f"""
SELECT o.type_code FROM materials.commitment c JOIN materials.owed o ON o.commitment_id = c.id
WHERE c.case_no = %(case)s AND {_HELD}"""
_OWED: Final = """
SELECT commitment_id::text, type_code, due_at, fulfilled_at, material_id::text, entry_id::text FROM materials.owed
WHERE commitment_id = ANY(%(ids)s::uuid[]) ORDER BY type_code"""
_SIGN: Final = """
UPDATE materials.commitment SET state = 'signed', signed_at = %(at)s, signer_id = %(signer)s, signature = %(signature)s,
  entry_id = %(entry)s, check_due_at = %(check_due)s,
  next_due_at = (SELECT min(due_at) FROM materials.owed WHERE commitment_id = %(id)s)
WHERE id = %(id)s"""
_END: Final = """
UPDATE materials.commitment SET state = %(state)s, ended_at = %(at)s, end_signature = %(signature)s,
  end_entry_id = %(entry)s, next_due_at = NULL, check_due_at = NULL
WHERE id = %(id)s"""
_CHECK_DUE: Final = f"""
SELECT {_COLUMNS} FROM materials.commitment c
WHERE c.state IN ('signed','overdue') AND c.check_told_at IS NULL AND c.check_due_at <= %(now)s
ORDER BY c.check_due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""
_CHECK_TOLD: Final = "UPDATE materials.commitment SET check_told_at = %(at)s WHERE id = %(id)s"
_FULFIL: Final = """
UPDATE materials.owed SET fulfilled_at = %(at)s, material_id = %(material)s, entry_id = %(entry)s
WHERE commitment_id = %(id)s AND type_code = %(type)s AND fulfilled_at IS NULL RETURNING 1"""
_SET: Final = """
UPDATE materials.commitment SET state = %(state)s,
  next_due_at = (SELECT min(due_at) FROM materials.owed WHERE commitment_id = %(id)s AND fulfilled_at IS NULL)
WHERE id = %(id)s"""
_CHECK: Final = """
UPDATE materials.commitment SET state = %(state)s, checked_at = %(at)s, check_result = %(state)s,
  checked_by = %(operator)s, finding = %(finding)s, check_entry_id = %(entry)s, barred_until = %(barred)s
WHERE id = %(id)s"""
BARS: Final = """holder_id = %(holder)s::uuid AND state IN ('overdue','breached')
  AND (barred_until IS NULL OR barred_until > %(now)s)"""
"""Which commitments bar their holder from another: broken, or owing something overdue, in whatever case."""
_BARRED: Final = f"SELECT 1 FROM materials.commitment WHERE {BARS} LIMIT 1"
_OVERDUE: Final = f"""
SELECT {_COLUMNS} FROM materials.commitment c WHERE c.state = 'signed' AND c.next_due_at <= %(now)s
ORDER BY c.next_due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""


@dataclass(frozen=True, slots=True)
class Commitment:
    """A row.

    Attributes:
        kind: `commitment` (告知承诺) or `tolerant` (容缺受理).
        letter_id: the letter, a material.
        terms: canonical bytes whose digest the holder signs.
        state: `proposed`, `signed`, `overdue`, `kept` or `breached`; `declined` or `withdrawn` once it was taken back.
        finding: of the check afterwards, encrypted.
        barred_until: until then the holder gets no other.
        check_due_at: when it is to be checked afterwards (批后核查); None where the days cannot be counted yet.
    """

    id: str
    case_no: str
    party_id: str
    holder_id: str
    item_code: str
    kind: str
    operator: str
    letter_id: str
    terms: bytes
    state: str
    proposed_at: datetime
    signed_at: datetime | None
    signer_id: str | None
    entry_id: str | None
    checked_at: datetime | None
    check_result: str | None
    check_entry_id: str | None
    barred_until: datetime | None
    finding: bytes | None
    ended_at: datetime | None
    end_entry_id: str | None
    check_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Owed:
    """A material that a commitment owes."""

    commitment_id: str
    type_code: str
    due_at: datetime
    fulfilled_at: datetime | None
    material_id: str | None
    entry_id: str | None


def insert(db: Connection, values: Mapping[str, Any], owed: Mapping[str, datetime]) -> None:
    """Write a proposed commitment and what it would owe, by type."""
    db.exec_driver_sql(_INSERT, dict(values))
    for code, due in sorted(owed.items()):
        db.exec_driver_sql(_OWE, {"id": values["id"], "type": code, "due": due})


def get(db: Connection, commitment_id: str, *, lock: bool = False) -> Commitment | None:
    """One."""
    row = db.exec_driver_sql(_GET + (" FOR UPDATE" if lock else ""), {"id": commitment_id}).first()
    return None if row is None else _made(row)


def of_case(db: Connection, case_no: str, limit: int) -> list[Commitment]:
    """Those of a case, the newest first."""
    return [_made(row) for row in db.exec_driver_sql(_OF_CASE, {"case": case_no, "limit": limit})]


def of_holders(db: Connection, holders: Sequence[str], limit: int) -> list[Commitment]:
    """Those of holders, the newest first."""
    return [_made(row) for row in db.exec_driver_sql(_OF_HOLDERS, {"holders": list(holders), "limit": limit})]


def to_check(db: Connection, party_id: str, limit: int) -> list[Commitment]:
    """Those that were made to an organisation and that it still has to check, the most urgent first."""
    return [_made(row) for row in db.exec_driver_sql(_TO_CHECK, {"party": party_id, "limit": limit})]


def end(db: Connection, values: Mapping[str, Any]) -> None:
    """Write that one was refused or taken back."""
    db.exec_driver_sql(_END, dict(values))


def check_due(db: Connection, now: datetime, limit: int) -> list[Commitment]:
    """Those whose check is due and nobody was reminded of, locked."""
    return [_made(row) for row in db.exec_driver_sql(_CHECK_DUE, {"now": now, "limit": limit})]


def check_told(db: Connection, commitment_id: str, at: datetime) -> None:
    """Write that the department was reminded."""
    db.exec_driver_sql(_CHECK_TOLD, {"id": commitment_id, "at": at})


def promised(db: Connection, case_no: str) -> set[str]:
    """Types that signed commitments of a case owe or owed."""
    return {row[0] for row in db.exec_driver_sql(_PROMISED, {"case": case_no})}


def owed(db: Connection, ids: Sequence[str]) -> list[Owed]:
    """What commitments owe or owed."""
    return [Owed(*row) for row in db.exec_driver_sql(_OWED, {"ids": list(ids)})]


def sign(db: Connection, values: Mapping[str, Any]) -> None:
    """Write that one was signed."""
    db.exec_driver_sql(_SIGN, dict(values))


def fulfil(db: Connection, values: Mapping[str, Any]) -> bool:
    """Write that something owed is there; False where it was there already, or is not owed."""
    return db.exec_driver_sql(_FULFIL, dict(values)).first() is not None


def set_state(db: Connection, commitment_id: str, state: str) -> None:
    """Set where one stands, and what of it is due next."""
    db.exec_driver_sql(_SET, {"id": commitment_id, "state": state})


def check(db: Connection, values: Mapping[str, Any]) -> None:
    """Write what the check afterwards found."""
    db.exec_driver_sql(_CHECK, dict(values))


def is_barred(db: Connection, holder_id: str, now: datetime) -> bool:
    """Whether a holder broke a commitment, or owes something overdue."""
    return db.exec_driver_sql(_BARRED, {"holder": holder_id, "now": now}).first() is not None


def overdue(db: Connection, now: datetime, limit: int) -> list[Commitment]:
    """Signed ones with something owed whose time is over, locked."""
    return [_made(row) for row in db.exec_driver_sql(_OVERDUE, {"now": now, "limit": limit})]


def _made(row: Any) -> Commitment:
    values = list(row)
    values[8] = bytes(values[8])
    return Commitment(*values)
