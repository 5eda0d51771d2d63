"""Rows of drafts and definitions."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_PUBLISHING: Final = int.from_bytes(b"cailedit")
"""Key of the advisory lock that one publication holds at a time, whatever its kind: what is checked is the whole."""
_LOCK: Final = "SELECT pg_advisory_xact_lock(%s)"
_DRAFT: Final = (
    "id::text, kind, code, base, document, state, party_id::text, edited_by, edited_at, decided_by, decided_at"
)
_SAVE: Final = """
INSERT INTO materials.definition_draft (id, kind, code, base, document, state, party_id, edited_by, edited_at)
VALUES (%(id)s, %(kind)s, %(code)s, %(base)s, %(document)s, 'open', %(party)s, %(by)s, %(at)s)
ON CONFLICT (kind, code) WHERE state = 'open' DO UPDATE SET document = excluded.document, base = excluded.base,
  edited_by = excluded.edited_by, edited_at = excluded.edited_at
WHERE definition_draft.party_id = excluded.party_id
RETURNING id::text"""
_GET: Final = f"SELECT {_DRAFT} FROM materials.definition_draft WHERE id = %(id)s FOR UPDATE"
_OPEN: Final = f"SELECT {_DRAFT} FROM materials.definition_draft WHERE state = 'open' ORDER BY kind, code"
_DECIDE: Final = """
UPDATE materials.definition_draft SET state = %(state)s, decided_by = %(by)s, decided_at = %(at)s WHERE id = %(id)s"""
_KEEP: Final = """
INSERT INTO materials.definition (sha256, kind, code, version, document, register_version, draft_id, published_at)
VALUES (%(sha256)s, %(kind)s, %(code)s, %(version)s, %(document)s, %(register)s, %(draft)s, %(at)s)
ON CONFLICT DO NOTHING"""
_KNOWN: Final = """
SELECT code, document FROM materials.definition WHERE kind = %(kind)s AND sha256 = ANY(%(sha256)s)"""
_ADDED: Final = """
SELECT DISTINCT ON (code) code, document FROM materials.definition
WHERE kind = %(kind)s AND NOT code = ANY(%(codes)s) ORDER BY code, register_version DESC"""
_DIGESTS: Final = "SELECT sha256 FROM materials.definition"
_ALL: Final = "SELECT document FROM materials.definition WHERE kind = %(kind)s"
_VERSIONS: Final = """
SELECT version, sha256, register_version, published_at FROM materials.definition
WHERE kind = %(kind)s AND code = %(code)s ORDER BY published_at DESC, register_version DESC"""
_VERSION: Final = """
SELECT document FROM materials.definition WHERE kind = %(kind)s AND code = %(code)s AND version = %(version)s"""


@dataclass(frozen=True, slots=True)
class DefinitionDraft:
    """A definition as somebody would have it.

    Attributes:
        kind: of `kinds.KINDS`.
        base: SHA-256 of the definition in force when it was saved; empty for one that is new.
        document: JSON as it was typed.
        edited_by, decided_by: handles of one organisation's staff.
    """

    id: str
    kind: str
    code: str
    base: str
    document: str
    state: str
    party_id: str
    edited_by: str
    edited_at: datetime
    decided_by: str | None
    decided_at: datetime | None

    @property
    def sha256(self) -> str:
        """Of the text, hexadecimal: what was looked at."""
        return sha256(self.document.encode()).hexdigest()


def lock(db: Connection) -> None:
    """Wait until no other publication is under way, and keep others waiting until the unit ends."""
    db.exec_driver_sql(_LOCK, (_PUBLISHING,))


def save(db: Connection, values: Mapping[str, Any]) -> str | None:
    """Keep a draft in place of the open one of its definition; its id. None where that is another organisation's."""
    found: str | None = db.exec_driver_sql(_SAVE, dict(values)).scalar_one_or_none()
    return found


def draft(db: Connection, draft_id: str) -> DefinitionDraft | None:
    """A draft, locked."""
    row = db.exec_driver_sql(_GET, {"id": draft_id}).one_or_none()
    return None if row is None else DefinitionDraft(*row)


def open_drafts(db: Connection) -> list[DefinitionDraft]:
    """What nobody published or dropped yet."""
    return [DefinitionDraft(*row) for row in db.exec_driver_sql(_OPEN)]


def decide(db: Connection, draft_id: str, state: str, by: str, at: datetime) -> None:
    """Say what became of a draft."""
    db.exec_driver_sql(_DECIDE, {"id": draft_id, "state": state, "by": by, "at": at})


def keep(db: Connection, values: Mapping[str, Any]) -> None:
    """Keep a definition for good."""
    db.exec_driver_sql(_KEEP, dict(values))


def known(db: Connection, kind: str, digests: Sequence[str]) -> dict[str, bytes]:
    """Canonical JSON of definitions of a kind by their SHA-256; by code."""
    rows = db.exec_driver_sql(_KNOWN, {"kind": kind, "sha256": list(digests)})
    return {row[0]: bytes(row[1]) for row in rows}


def added(db: Connection, kind: str, codes: Sequence[str]) -> dict[str, bytes]:
    """Canonical JSON of the newest definitions of a kind of other codes than these; by code."""
    rows = db.exec_driver_sql(_ADDED, {"kind": kind, "codes": list(codes)})
    return {row[0]: bytes(row[1]) for row in rows}


def digests(db: Connection) -> frozenset[str]:
    """SHA-256 of every definition that is kept."""
    return frozenset(db.exec_driver_sql(_DIGESTS).scalars())


def all_documents(db: Connection, kind: str) -> list[bytes]:
    """Canonical JSON of every definition of a kind that is kept: some for each code."""
    return [bytes(each) for each in db.exec_driver_sql(_ALL, {"kind": kind}).scalars()]


def versions(db: Connection, kind: str, code: str) -> list[tuple[str, str, int, datetime]]:
    """Version, SHA-256, register's version and time of what was published of a definition, the newest first."""
    return [tuple(row) for row in db.exec_driver_sql(_VERSIONS, {"kind": kind, "code": code})]


def version(db: Connection, kind: str, code: str, number: str) -> bytes | None:
    """Canonical JSON of one version of a definition."""
    values = {"kind": kind, "code": code, "version": number}
    found = db.exec_driver_sql(_VERSION, values).scalar_one_or_none()
    return None if found is None else bytes(found)
