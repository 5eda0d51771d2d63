"""Queries over inquiries. What is asked and what was signed stay encrypted here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_COLUMNS: Final = """id::text, kind, subject_id::text, party_id::text, holder_id::text, statement, choices, state,
  asked_at, due_at, answer, answered_at, entry_id::text, batch_id::text"""
_INSERT: Final = """
INSERT INTO materials.inquiry (id, kind, subject_id, party_id, holder_id, statement, choices, state, asked_at, due_at,
  batch_id)
VALUES (%(id)s, %(kind)s, %(subject)s, %(party)s, %(holder)s, %(statement)s, %(choices)s, 'open', %(at)s, %(due)s,
  %(batch)s)"""
_GET: Final = f"SELECT {_COLUMNS} FROM materials.inquiry WHERE id = %(id)s"
_OF: Final = f"SELECT {_COLUMNS} FROM materials.inquiry WHERE subject_id = %(subject)s AND kind = %(kind)s ORDER BY id"
_OF_HOLDER: Final = f"""
SELECT {_COLUMNS} FROM materials.inquiry WHERE holder_id = %(holder)s ORDER BY id DESC LIMIT %(limit)s"""
_ANSWER: Final = """
UPDATE materials.inquiry SET state = 'answered', answer = %(answer)s, answered_at = %(at)s, signer_id = %(signer)s,
  signature = %(signature)s, entry_id = %(entry)s
WHERE id = %(id)s AND state = 'open'"""
_WITHDRAW: Final = "UPDATE materials.inquiry SET state = 'withdrawn' WHERE subject_id = %(subject)s AND state = 'open'"


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A row.

    Attributes:
        kind: `application`, `confirmation` or `willingness`.
        subject_id: of the run.
        statement: encrypted.
        state: `open`, `answered` or `withdrawn`; that it is too late follows from `due_at`.
        batch_id: the consents it is answered with, by one signature; None where it is answered by itself.
    """

    id: str
    kind: str
    subject_id: str
    party_id: str
    holder_id: str
    statement: bytes
    choices: tuple[str, ...]
    state: str
    asked_at: datetime
    due_at: datetime
    answer: str | None
    answered_at: datetime | None
    entry_id: str | None
    batch_id: str | None

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be answered."""
        return self.state == "open" and now < self.due_at


def insert(db: Connection, values: Mapping[str, Any]) -> None:
    """Write down what is asked."""
    db.exec_driver_sql(_INSERT, dict(values))


def get(db: Connection, inquiry_id: str, *, lock: bool = False) -> Inquiry | None:
    """One inquiry."""
    row = db.exec_driver_sql(_GET + (" FOR UPDATE" if lock else ""), {"id": inquiry_id}).first()
    return None if row is None else _inquiry(row)


def of_subject(db: Connection, subject_id: str, kind: str) -> list[Inquiry]:
    """Everybody who was asked about something, the first first."""
    return [_inquiry(row) for row in db.exec_driver_sql(_OF, {"subject": subject_id, "kind": kind})]


def of_holder(db: Connection, holder_id: str, limit: int) -> list[Inquiry]:
    """What a holder was asked, the newest first."""
    return [_inquiry(row) for row in db.exec_driver_sql(_OF_HOLDER, {"holder": holder_id, "limit": limit})]


def answer(db: Connection, values: Mapping[str, Any]) -> None:
    """Write an answer."""
    db.exec_driver_sql(_ANSWER, dict(values))


def withdraw(db: Connection, subject_id: str) -> None:
    """Nobody needs to answer any more."""
    db.exec_driver_sql(_WITHDRAW, {"subject": subject_id})


def _inquiry(row: Sequence[Any]) -> Inquiry:
    held = list(row)
    held[5], held[6] = bytes(held[5]), tuple(held[6])
    return Inquiry(*held)
