"""Queries over enrolled keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_COLUMNS: Final = """id::text, holder_id::text, kind, digest, body, credential, assurance, sign_count, enrolment,
  entry_id::text, enrolled_at, revoked_at"""
_INSERT: Final = """
INSERT INTO authz.signing_key (id, holder_id, kind, digest, body, credential, assurance, sign_count, enrolment,
  entry_id, enrolled_at)
VALUES (%(id)s, %(holder)s, %(kind)s, %(digest)s, %(body)s, %(credential)s, %(assurance)s, %(count)s, %(enrolment)s,
  %(entry)s, %(at)s)
ON CONFLICT DO NOTHING"""
_GET: Final = f"SELECT {_COLUMNS} FROM authz.signing_key WHERE id = %(id)s FOR NO KEY UPDATE"
_ENTRY: Final = "SELECT entry_id::text FROM authz.signing_key WHERE id = %(id)s"
_OF_HOLDER: Final = f"""
SELECT {_COLUMNS} FROM authz.signing_key WHERE holder_id = %(holder)s ORDER BY enrolled_at DESC LIMIT %(limit)s"""
_STANDING: Final = """
SELECT count(*) FROM authz.signing_key WHERE holder_id = %(holder)s AND revoked_at IS NULL"""
_COUNTED: Final = "UPDATE authz.signing_key SET sign_count = %(count)s WHERE id = %(id)s"
_REVOKE: Final = """
UPDATE authz.signing_key SET revoked_at = %(at)s, revocation = %(signature)s, enrolment = %(enrolment)s,
  revocation_entry_id = %(entry)s
WHERE id = %(id)s"""


@dataclass(frozen=True, slots=True)
class Held:
    """A row.

    Attributes:
        sign_count: the passkey's own counter when it last signed.
        enrolment: what the holder logged in with, encrypted.
    """

    id: str
    holder_id: str
    kind: str
    digest: str
    body: bytes
    credential: str
    assurance: int
    sign_count: int
    enrolment: bytes
    entry_id: str
    enrolled_at: datetime
    revoked_at: datetime | None


def insert(db: Connection, values: Mapping[str, Any]) -> bool:
    """Store a new key; False where its id, terms or credential are known."""
    return db.exec_driver_sql(_INSERT, dict(values)).rowcount == 1


def get(db: Connection, key_id: str) -> Held | None:
    """A key, locked until the unit ends: its counter and its end are ordered against signatures by it."""
    row = db.exec_driver_sql(_GET, {"id": key_id}).first()
    return None if row is None else _held(row)


def entry(db: Connection, key_id: str) -> str | None:
    """Log entry of a key's enrolment; None where there is no such key."""
    row = db.exec_driver_sql(_ENTRY, {"id": key_id}).first()
    return None if row is None else str(row[0])


def of_holder(db: Connection, holder_id: str, limit: int) -> list[Held]:
    """A holder's keys, the newest first."""
    return [_held(row) for row in db.exec_driver_sql(_OF_HOLDER, {"holder": holder_id, "limit": limit})]


def standing(db: Connection, holder_id: str) -> int:
    """How many keys of a holder are not revoked."""
    return int(db.exec_driver_sql(_STANDING, {"holder": holder_id}).scalar_one())


def counted(db: Connection, key_id: str, count: int) -> None:
    """Write down a key's own counter."""
    db.exec_driver_sql(_COUNTED, {"id": key_id, "count": count})


def revoke(db: Connection, key_id: str, at: datetime, signature: bytes, enrolment: bytes, entry_id: str) -> None:
    """End a key.

    Args:
        signature: of who ended it, encrypted.
        enrolment: of the key, encrypted so that it serves no signature any more.
    """
    values = {"id": key_id, "at": at, "signature": signature, "enrolment": enrolment, "entry": entry_id}
    db.exec_driver_sql(_REVOKE, values)


def _held(row: Sequence[Any]) -> Held:
    values = list(row)
    values[4], values[8] = bytes(values[4]), bytes(values[8])
    return Held(*values)
