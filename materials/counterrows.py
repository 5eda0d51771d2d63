"""Queries over letters signed at a counter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

_COLUMNS: Final = """s.id::text, s.commitment_id::text, s.party_id::text, s.signer_id::text, s.identified_by,
  s.pad_sha256, s.first_operator, s.first_statement, s.second_operator, s.created_at, s.expires_at, s.signed_at"""
_INSERT: Final = """
INSERT INTO materials.counter_signature (id, commitment_id, party_id, signer_id, identified_by, pad, pad_sha256,
  created_at, expires_at)
VALUES (%(id)s, %(commitment)s, %(party)s, %(signer)s, %(identified_by)s, %(pad)s, %(pad_sha256)s, %(at)s,
  %(expires)s)"""
_GET: Final = f"SELECT {_COLUMNS} FROM materials.counter_signature s WHERE s.id = %(id)s FOR UPDATE"
_FIRST: Final = """
UPDATE materials.counter_signature SET first_operator = %(operator)s, first_statement = %(statement)s
WHERE id = %(id)s"""
_SIGNED: Final = """
UPDATE materials.counter_signature SET second_operator = %(operator)s, signed_at = %(at)s WHERE id = %(id)s"""
_OF_PARTY: Final = f"""
SELECT {_COLUMNS} FROM materials.counter_signature s WHERE s.party_id = %(party)s ORDER BY s.id DESC LIMIT %(limit)s"""


@dataclass(frozen=True, slots=True)
class CounterSignature:
    """A row without what was drawn.

    Attributes:
        signer_id: who was there.
        first_statement: of the first of the staff, encrypted.
    """

    id: str
    commitment_id: str
    party_id: str
    signer_id: str
    identified_by: str
    pad_sha256: str
    first_operator: str | None
    first_statement: bytes | None
    second_operator: str | None
    created_at: datetime
    expires_at: datetime
    signed_at: datetime | None


def insert(db: Connection, values: Mapping[str, Any]) -> None:
    """Store one that has begun."""
    db.exec_driver_sql(_INSERT, dict(values))


def get(db: Connection, signature_id: str) -> CounterSignature | None:
    """One, locked until the unit ends."""
    row = db.exec_driver_sql(_GET, {"id": signature_id}).first()
    return None if row is None else CounterSignature(*row)


def first(db: Connection, signature_id: str, operator: str, statement: bytes) -> None:
    """Keep what the first of the staff stated."""
    db.exec_driver_sql(_FIRST, {"id": signature_id, "operator": operator, "statement": statement})


def signed(db: Connection, signature_id: str, operator: str, at: datetime) -> None:
    """The second stated it too, and the letter is signed."""
    db.exec_driver_sql(_SIGNED, {"id": signature_id, "operator": operator, "at": at})


def of_party(db: Connection, party_id: str, limit: int) -> list[CounterSignature]:
    """Those of an organisation's counters, the newest first."""
    return [CounterSignature(*row) for row in db.exec_driver_sql(_OF_PARTY, {"party": party_id, "limit": limit})]
