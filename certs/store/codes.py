"""Queries over the codes that holders show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from certs.model import Code, CodeKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.steps import Statement, Steps

_COLUMNS: Final = """id::text, kind, holder_id::text, licence_id::text, channel, signer_id::text, party_id::text,
  audience_org, audience_counter, fields, made_at, expires_at, used_at, voided_at, void_reason, entry_id::text"""
_LOCK_HOLDER: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%(holder)s, 11))"
_INSERT: Final = """
INSERT INTO certs.code (id, kind, lookup, holder_id, licence_id, channel, signer_id, representation, request, id_token,
  party_id, operator, audience_org, audience_counter, fields, made_at, expires_at, entry_id)
VALUES (%(id)s, %(kind)s, %(lookup)s, %(holder)s, %(licence)s, %(channel)s, %(signer)s, %(representation)s, %(request)s,
  %(id_token)s, %(party)s, %(operator)s, %(org)s, %(counter)s, %(fields)s, %(at)s, %(expires)s, %(entry)s)"""
_BY_ID: Final = f"SELECT {_COLUMNS} FROM certs.code WHERE id = %(id)s"
_LOCKED: Final = f"{_BY_ID} FOR NO KEY UPDATE"
_BY_LOOKUP: Final = f"SELECT {_COLUMNS} FROM certs.code WHERE lookup = %(lookup)s FOR NO KEY UPDATE"
_STANDING: Final = f"""
SELECT {_COLUMNS} FROM certs.code
WHERE kind = %(kind)s AND holder_id = %(holder)s AND voided_at IS NULL
  AND (kind = 'company' OR licence_id = %(licence)s) FOR NO KEY UPDATE"""
_LASTING: Final = f"""
SELECT {_COLUMNS} FROM certs.code WHERE holder_id = %(holder)s AND kind <> 'live'
ORDER BY made_at DESC LIMIT %(limit)s"""
_USE: Final = "UPDATE certs.code SET used_at = %(at)s WHERE id = %(id)s"
_REFUSE: Final = "UPDATE certs.code SET refused = true WHERE id = %(id)s"
_VOID: Final = """
UPDATE certs.code SET voided_at = %(at)s, void_reason = %(reason)s, void_entry_id = %(entry)s WHERE id = %(id)s"""
_FORGET: Final = """
DELETE FROM certs.code WHERE id = ANY(ARRAY(
  SELECT id FROM certs.code WHERE kind = 'live' AND used_at IS NULL AND NOT refused AND expires_at < %(before)s
  ORDER BY expires_at LIMIT 500 FOR UPDATE SKIP LOCKED))"""


def lock_holder(db: Connection, holder_id: str) -> None:
    """Let one unit at a time make lasting codes of a holder."""
    db.exec_driver_sql(_LOCK_HOLDER, {"holder": holder_id})


def insert(db: Connection, row: Mapping[str, Any]) -> None:
    """Store a code."""
    db.exec_driver_sql(_INSERT, dict(row))


def get(db: Connection, code_id: str, *, lock: bool = False) -> Code | None:
    """A code by its id."""
    row = db.exec_driver_sql(_LOCKED if lock else _BY_ID, {"id": code_id}).first()
    return None if row is None else _as_code(row)


def by_lookup(lookup: bytes) -> Steps[Code | None]:
    """A code by what was scanned, locked: two verifiers come one after the other."""
    rows = yield _BY_LOOKUP, {"lookup": lookup}
    return _as_code(rows[0]) if rows else None


def standing(db: Connection, kind: CodeKind, holder_id: str, licence_id: str | None) -> Code | None:
    """The lasting code of a holder that was not voided, expired or not."""
    row = db.exec_driver_sql(_STANDING, {"kind": kind.value, "holder": holder_id, "licence": licence_id}).first()
    return None if row is None else _as_code(row)


def lasting(db: Connection, holder_id: str, limit: int) -> list[Code]:
    """A holder's printed codes and a company's own, the newest first, void ones too."""
    return [_as_code(row) for row in db.exec_driver_sql(_LASTING, {"holder": holder_id, "limit": limit})]


def use(code_id: str, at: datetime) -> Statement:
    """What spends a live code."""
    return _USE, {"id": code_id, "at": at}


def refuse(code_id: str) -> Statement:
    """What notes that a scan of a code was refused."""
    return _REFUSE, {"id": code_id}


def void(db: Connection, code_id: str, reason: str, at: datetime, entry_id: str) -> None:
    """Void a code."""
    db.exec_driver_sql(_VOID, {"id": code_id, "reason": reason, "at": at, "entry": entry_id})


def forget_unused(db: Connection, before: datetime) -> int:
    """Remove live codes that ran out before a moment without anybody having scanned them; how many."""
    return db.exec_driver_sql(_FORGET, {"before": before}).rowcount


def _as_code(row: Sequence[Any]) -> Code:
    values = list(row)
    values[1] = CodeKind(values[1])
    values[9] = None if values[9] is None else tuple(values[9])
    return Code(*values)
