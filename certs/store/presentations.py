"""Queries over presentations: what a scan reads and writes, each statement constant text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from psycopg.errors import UniqueViolation

from certs.model import Presentation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from ledger.steps import Statement, Steps

_TYPES_OF_COMPANY: Final = """
SELECT DISTINCT h.type_code FROM certs.licence_holder h JOIN certs.licence l ON l.id = h.licence_id
WHERE h.holder_id = %(holder)s AND h.standing AND l.share_class = 'O' ORDER BY 1"""

_COLUMNS: Final = """p.id::text, p.code_id::text, c.kind, p.holder_id::text, p.licence_id::text, p.client_id, p.key,
  p.party_id::text, p.operator, p.counter, p.scenario, p.reason, p.fields, p.status, p.at, p.entry_id::text,
  p.fingerprint"""
_FROM: Final = "FROM certs.presentation p JOIN certs.code c ON c.id = p.code_id"
_INSERT: Final = """
INSERT INTO certs.presentation (id, code_id, holder_id, licence_id, client_id, key, party_id, operator, counter,
  scenario, fingerprint, reason, fields, status, at, entry_id)
VALUES (%(id)s, %(code)s, %(holder)s, %(licence)s, %(client)s, %(key)s, %(party)s, %(operator)s, %(counter)s,
  %(scenario)s, %(fingerprint)s, %(reason)s, %(fields)s, %(status)s, %(at)s, %(entry)s)"""
_BY_KEY: Final = f"SELECT {_COLUMNS} {_FROM} WHERE p.client_id = %(client)s AND p.key = %(key)s AND p.reason IS NULL"
_OF_PARTY: Final = f"SELECT {_COLUMNS} {_FROM} WHERE p.id = %(id)s AND p.party_id = %(party)s AND p.reason IS NULL"
_OF_CODE: Final = f"SELECT {_COLUMNS} {_FROM} WHERE p.code_id = %(code)s ORDER BY p.at DESC LIMIT %(limit)s"
_OF_HOLDER: Final = f"SELECT {_COLUMNS} {_FROM} WHERE p.holder_id = %(holder)s ORDER BY p.at DESC LIMIT %(limit)s"

_UNIQUE_KEY: Final = "uq_presentation_client_id_key"


def types_of_company(holder_id: str) -> Steps[list[str]]:
    """Of which types a company has standing licences that are openly shared."""
    rows = yield _TYPES_OF_COMPANY, {"holder": holder_id}
    return [row[0] for row in rows]


def insert(row: Mapping[str, Any]) -> Statement:
    """What stores a presentation, shown or refused; fails by `is_repeated` where the key was used before."""
    return _INSERT, row


def by_key(client_id: str, key: str) -> Steps[Presentation | None]:
    """What was shown for a client's key."""
    rows = yield _BY_KEY, {"client": client_id, "key": key}
    return _as_presentation(rows[0]) if rows else None


def of_party(db: Connection, presentation_id: str, party_id: str) -> Presentation | None:
    """What was shown to an organisation."""
    row = db.exec_driver_sql(_OF_PARTY, {"id": presentation_id, "party": party_id}).first()
    return None if row is None else _as_presentation(row)


def of_code(db: Connection, code_id: str, limit: int) -> list[Presentation]:
    """What became of a code, the newest first; refusals too."""
    rows = db.exec_driver_sql(_OF_CODE, {"code": code_id, "limit": limit})
    return [_as_presentation(row) for row in rows]


def of_holder(db: Connection, holder_id: str, limit: int) -> list[Presentation]:
    """Scans of a holder's codes, the newest first; refusals too."""
    rows = db.exec_driver_sql(_OF_HOLDER, {"holder": holder_id, "limit": limit})
    return [_as_presentation(row) for row in rows]


def is_repeated(error: BaseException) -> bool:
    """Whether a unit failed because the client's key was used before."""
    held = getattr(error, "orig", error)
    return isinstance(held, UniqueViolation) and held.diag.constraint_name == _UNIQUE_KEY


def _as_presentation(row: Sequence[Any]) -> Presentation:
    values = list(row)
    values[12] = tuple(values[12])
    values[16] = bytes(values[16])
    return Presentation(*values)
