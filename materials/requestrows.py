"""Queries over requests to other departments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection
    from sqlalchemy.exc import IntegrityError

_COLUMNS: Final = """id::text, case_no, party_id::text, to_party_id::text, holder_id::text, type_code, operator,
  question, state, days, asked_at, due_at, entry_id::text, overdue_at, overdue_entry_id::text, ended_at,
  ended_operator, result, answer, material_id::text, ended_entry_id::text, client_id, cause, use_id::text"""
_INSERT: Final = """
INSERT INTO materials.assist_request (id, case_no, party_id, to_party_id, holder_id, type_code, client_id, operator,
  cause, question, state, days, asked_at, due_at, entry_id)
VALUES (%(id)s, %(case)s, %(party)s, %(to)s, %(holder)s, %(type)s, %(client)s, %(operator)s, %(cause)s, %(question)s,
  'asked', %(days)s, %(at)s, %(due)s, %(entry)s)"""
_GET: Final = f"SELECT {_COLUMNS} FROM materials.assist_request WHERE id = %(id)s"
_OPEN: Final = """
SELECT 1 FROM materials.assist_request
WHERE case_no = %(case)s AND type_code = %(type)s AND holder_id = %(holder)s AND state IN ('asked','overdue') LIMIT 1"""
_LIST: Final = f"""
SELECT {_COLUMNS} FROM materials.assist_request
WHERE {{which}} AND id < %(after)s::uuid ORDER BY id DESC LIMIT %(limit)s"""
_SENT: Final = _LIST.format(which="party_id = %(party)s")
_RECEIVED: Final = _LIST.format(which="to_party_id = %(party)s")
_OF_CASE: Final = f"""
SELECT {_COLUMNS} FROM materials.assist_request WHERE case_no = %(case)s ORDER BY id DESC LIMIT %(limit)s"""
_END: Final = """
UPDATE materials.assist_request SET state = %(state)s, ended_at = %(at)s, ended_operator = %(operator)s,
  result = %(result)s, answer = %(answer)s, material_id = %(material)s, use_id = %(use)s, ended_entry_id = %(entry)s
WHERE id = %(id)s"""
_DUE: Final = f"""
SELECT {_COLUMNS} FROM materials.assist_request WHERE state = 'asked' AND due_at <= %(now)s
ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""
_OVERDUE: Final = """
UPDATE materials.assist_request SET state = 'overdue', overdue_at = %(at)s, overdue_entry_id = %(entry)s
WHERE id = %(id)s"""
_LAST_ID: Final = "ffffffff-ffff-ffff-ffff-ffffffffffff"


@dataclass(frozen=True, slots=True)
class AssistRequest:
    """A row.

    Attributes:
        party_id, to_party_id: who asks whom.
        question, answer: encrypted.
        state: `asked`, `overdue`, `answered`, `refused` or `withdrawn`.
        days: working days it may take.
        result: `yes` or `no` of a statement, or `material`.
        client_id, cause: of who asked, for the use that a statement is.
        use_id: that use, in the holder's ledger.
    """

    id: str
    case_no: str
    party_id: str
    to_party_id: str
    holder_id: str
    type_code: str
    operator: str
    question: bytes
    state: str
    days: int
    asked_at: datetime
    due_at: datetime
    entry_id: str
    overdue_at: datetime | None
    overdue_entry_id: str | None
    ended_at: datetime | None
    ended_operator: str | None
    result: str | None
    answer: bytes | None
    material_id: str | None
    ended_entry_id: str | None
    client_id: str
    cause: str
    use_id: str | None


def insert(db: Connection, values: Mapping[str, Any]) -> None:
    """Write a request; fails by `is_second` where the case waits for an answer about the type of the holder already."""
    db.exec_driver_sql(_INSERT, dict(values))


def is_second(error: IntegrityError) -> bool:
    """Whether a request could not be written because the same is asked already."""
    return getattr(getattr(error.orig, "diag", None), "constraint_name", None) == "uq_assist_request_open"


def get(db: Connection, request_id: str, *, lock: bool = False) -> AssistRequest | None:
    """One."""
    row = db.exec_driver_sql(_GET + (" FOR UPDATE" if lock else ""), {"id": request_id}).first()
    return None if row is None else AssistRequest(*row)


def is_open(db: Connection, case_no: str, type_code: str, holder_id: str) -> bool:
    """Whether a case waits for an answer about a type of somebody's."""
    values = {"case": case_no, "type": type_code, "holder": holder_id}
    return db.exec_driver_sql(_OPEN, values).first() is not None


def of_party(db: Connection, party_id: str, *, received: bool, after: str | None, limit: int) -> list[AssistRequest]:
    """What an organisation sent or received, the newest first."""
    values = {"party": party_id, "after": after or _LAST_ID, "limit": limit}
    return [AssistRequest(*row) for row in db.exec_driver_sql(_RECEIVED if received else _SENT, values)]


def of_case(db: Connection, case_no: str, limit: int) -> list[AssistRequest]:
    """Requests of a case, the newest first."""
    return [AssistRequest(*row) for row in db.exec_driver_sql(_OF_CASE, {"case": case_no, "limit": limit})]


def end(db: Connection, values: Mapping[str, Any]) -> None:
    """Write that one was answered, refused or withdrawn."""
    nothing = dict.fromkeys(("result", "answer", "material", "use"))
    db.exec_driver_sql(_END, nothing | dict(values))


def due(db: Connection, now: datetime, limit: int) -> list[AssistRequest]:
    """Those whose time is over and nobody noticed yet, locked."""
    return [AssistRequest(*row) for row in db.exec_driver_sql(_DUE, {"now": now, "limit": limit})]


def set_overdue(db: Connection, request_id: str, at: datetime, entry_id: str) -> None:
    """Write that one is overdue."""
    db.exec_driver_sql(_OVERDUE, {"id": request_id, "at": at, "entry": entry_id})
