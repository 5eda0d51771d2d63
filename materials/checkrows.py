"""Queries over checks at the source. What is encrypted stays so here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

_COLUMNS: Final = """id::text, case_no, party_id::text, holder_id::text, type_code, question, source, operator, state,
  result, failure, asked_mac, given, answer, as_of, asked_at, answered_at, valid_until, use_id::text,
  asked_entry_id::text, entry_id::text"""
_INSERT: Final = """
INSERT INTO materials.data_check (id, case_no, party_id, holder_id, type_code, question, source, operator, cause, state,
  asked_mac, given, asked_at, asked_entry_id)
VALUES (%(id)s, %(case)s, %(party)s, %(holder)s, %(type)s, %(question)s, %(source)s, %(operator)s, %(cause)s, 'asked',
  %(mac)s, %(given)s, %(at)s, %(entry)s)"""
_GET: Final = f"SELECT {_COLUMNS} FROM materials.data_check WHERE id = %(id)s"
_OF_CASE: Final = f"""
SELECT {_COLUMNS} FROM materials.data_check WHERE case_no = %(case)s ORDER BY asked_at DESC, id DESC LIMIT %(limit)s"""
_END: Final = """
UPDATE materials.data_check SET state = %(state)s, result = %(result)s, failure = %(failure)s,
  answer_mac = %(mac)s, answer = %(answer)s, as_of = %(as_of)s, answered_at = %(at)s, valid_until = %(until)s,
  use_id = %(use)s, entry_id = %(entry)s
WHERE id = %(id)s AND state = 'asked' RETURNING 1"""
_OTHERWISE: Final = """
SELECT 1 FROM materials.data_check
WHERE asked_mac = %(asked)s AND answered_at >= %(since)s AND answer_mac <> %(mac)s LIMIT 1"""
_LEFT: Final = f"""
SELECT {_COLUMNS} FROM materials.data_check WHERE state = 'asked' AND asked_at < %(before)s
ORDER BY asked_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""


@dataclass(frozen=True, slots=True)
class Check:
    """A row.

    Attributes:
        state: `asked`, `answered` or `failed`.
        result: what the source said: `yes`, `no`, `value` or `unknown`; also of a check that failed by contradiction.
        failure: code of the error, where it failed.
        given, answer: encrypted.
        valid_until: how long the answer stands.
        use_id: the use it was, in the holder's ledger.
    """

    id: str
    case_no: str
    party_id: str
    holder_id: str
    type_code: str
    question: str
    source: str
    operator: str
    state: str
    result: str | None
    failure: str | None
    asked_mac: bytes
    given: bytes
    answer: bytes | None
    as_of: datetime | None
    asked_at: datetime
    answered_at: datetime | None
    valid_until: datetime | None
    use_id: str | None
    asked_entry_id: str
    entry_id: str | None

    def stands(self, now: datetime) -> bool:
        """Whether the source said yes, or gave the values, and that is not too long ago."""
        return (
            self.state == "answered"
            and self.result in {"yes", "value"}
            and self.valid_until is not None
            and now < self.valid_until
        )


def insert(db: Connection, values: Mapping[str, Any]) -> None:
    """Write down that a question is about to be put."""
    db.exec_driver_sql(_INSERT, dict(values))


def get(db: Connection, check_id: str, *, lock: bool = False) -> Check | None:
    """One check."""
    row = db.exec_driver_sql(_GET + (" FOR UPDATE" if lock else ""), {"id": check_id}).first()
    return None if row is None else Check(*row)


def of_case(db: Connection, case_no: str, limit: int) -> list[Check]:
    """Checks of a case, the newest first."""
    return [Check(*row) for row in db.exec_driver_sql(_OF_CASE, {"case": case_no, "limit": limit})]


def end(db: Connection, values: Mapping[str, Any]) -> bool:
    """Write what came of a question; False where that was written before."""
    return db.exec_driver_sql(_END, dict(values)).first() is not None


def answered_otherwise(db: Connection, asked_mac: bytes, answer_mac: bytes, since: datetime) -> bool:
    """Whether the same question was answered otherwise since a moment."""
    values = {"asked": asked_mac, "mac": answer_mac, "since": since}
    return db.exec_driver_sql(_OTHERWISE, values).first() is not None


def left(db: Connection, before: datetime, limit: int) -> list[Check]:
    """Questions put before a moment whose answer nobody kept, locked."""
    return [Check(*row) for row in db.exec_driver_sql(_LEFT, {"before": before, "limit": limit})]
