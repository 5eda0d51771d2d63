"""Queries over what left of licences (加注件), and over licences by the digests of their files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from authz.model import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ledger.objectrows import StoredObject
    from ledger.steps import Statement, Steps

_COLUMNS: Final = """c.id::text, c.use_id::text, c.licence_id::text, c.rendition, c.fields, c.valid_from, c.valid_to,
  c.object_id::text, c.sha256, c.sm3, c.made_at, c.entry_id::text"""
_PLAN: Final = """
INSERT INTO certs.copy (id, use_id, licence_id, rendition, fields, valid_from, valid_to)
VALUES (%(id)s, %(use)s, %(licence)s, %(rendition)s, %(fields)s, %(from)s, %(to)s)"""
_OF_USE: Final = f"SELECT {_COLUMNS} FROM certs.copy c WHERE c.use_id = %(use)s"
_BY_DIGEST: Final = f"SELECT {_COLUMNS} FROM certs.copy c WHERE c.sha256 = %(sha256)s"
# No row where another request made it first.
_MADE: Final = """
UPDATE certs.copy SET object_id = %(object)s, sha256 = %(sha256)s, sm3 = %(sm3)s, made_at = %(at)s,
  entry_id = %(entry)s
WHERE id = %(id)s AND made_at IS NULL RETURNING 1"""
_ORIGINAL: Final = """
SELECT id::text FROM certs.licence WHERE pdf_sha256 = %(sha256)s
UNION ALL SELECT id::text FROM certs.licence WHERE ofd_sha256 = %(sha256)s LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Copy:
    """What leaves of a licence in one use.

    Attributes:
        rendition: `copy` a derived file, `data` named fields, `verify` whether it stands.
        fields: of `data`, in order; `:clear` behind those without their mask.
        valid_from, valid_to: when it may be relied on.
        object_id, sha256, sm3, made_at, entry_id: once it was made; digests in hexadecimal.
    """

    id: str
    use_id: str
    licence_id: str
    rendition: Mode
    fields: tuple[str, ...]
    valid_from: datetime
    valid_to: datetime
    object_id: str | None = None
    sha256: str | None = None
    sm3: str | None = None
    made_at: datetime | None = None
    entry_id: str | None = None


def plan(copy: Copy) -> Statement:
    """What writes down that a copy will be made."""
    values = {"id": copy.id, "use": copy.use_id, "licence": copy.licence_id, "rendition": copy.rendition.value}
    return _PLAN, values | {"fields": list(copy.fields), "from": copy.valid_from, "to": copy.valid_to}


def made(copy: Copy, stored: StoredObject, at: datetime, entry_id: str) -> Statement:
    """What writes down that a copy was made; a row where nobody did before."""
    values = {"id": copy.id, "object": stored.object_id, "at": at, "entry": entry_id}
    return _MADE, values | {"sha256": bytes.fromhex(stored.sha256), "sm3": bytes.fromhex(stored.sm3)}


def of_use(use_id: str) -> Steps[Copy | None]:
    """The copy of a use."""
    rows = yield _OF_USE, {"use": use_id}
    return _as_copy(rows[0]) if rows else None


def by_digest(sha256: str) -> Steps[Copy | None]:
    """The copy with a digest."""
    rows = yield _BY_DIGEST, {"sha256": bytes.fromhex(sha256)}
    return _as_copy(rows[0]) if rows else None


def original(sha256: str) -> Steps[str | None]:
    """The licence one of whose sealed files has a digest."""
    rows = yield _ORIGINAL, {"sha256": bytes.fromhex(sha256)}
    return rows[0][0] if rows else None


def _as_copy(row: Sequence[Any]) -> Copy:
    values = list(row)
    values[3], values[4] = Mode(values[3]), tuple(values[4])
    values[8:10] = [None if each is None else bytes(each).hex() for each in values[8:10]]
    return Copy(*values)
