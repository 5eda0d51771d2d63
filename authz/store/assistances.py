"""Queries over consents at the counter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

_COLUMNS: Final = """a.id::text, a.ask_id::text, a.party_id::text, a.signer_id::text, a.identified_by, a.case_no,
  a.pad_sha256, a.first_operator, a.first_statement, a.second_operator, a.grant_id::text, a.created_at, a.expires_at,
  a.given_at, k.digest"""
_FROM: Final = "FROM authz.assistance a JOIN authz.ask k ON k.id = a.ask_id"
_INSERT: Final = """
INSERT INTO authz.assistance (id, ask_id, party_id, signer_id, identified_by, case_no, pad, pad_sha256, created_at,
  expires_at)
VALUES (%(id)s, %(ask)s, %(party)s, %(signer)s, %(identified_by)s, %(case)s, %(pad)s, %(pad_sha256)s, %(at)s,
  %(expires)s)"""
_GET: Final = f"SELECT {_COLUMNS} {_FROM} WHERE a.id = %(id)s FOR NO KEY UPDATE OF a"
_FIRST: Final = """
UPDATE authz.assistance SET first_operator = %(operator)s, first_statement = %(statement)s WHERE id = %(id)s"""
_GIVEN: Final = """
UPDATE authz.assistance SET second_operator = %(operator)s, grant_id = %(grant)s, slip = %(slip)s, given_at = %(at)s
WHERE id = %(id)s"""
_BY_SLIP: Final = f"SELECT {_COLUMNS} {_FROM} WHERE a.slip = %(slip)s"
_LIST: Final = f"""
SELECT {_COLUMNS}, g.withdrawn_at {_FROM} LEFT JOIN authz.grant_ g ON g.id = a.grant_id
{{which}} ORDER BY a.created_at DESC LIMIT %(limit)s"""
_OF_PARTY: Final = _LIST.format(which="WHERE a.party_id = %(party)s")
_EVERYWHERE: Final = _LIST.format(which="")
# Keys of the past too: a statement is looked at again for years. Social parties have no counter (`counter-assists`).
_CLIENT_KEYS: Final = """
SELECT k.client_id, p.org_code, k.kid, k.jwk FROM authz.client_key k JOIN authz.client c ON c.id = k.client_id
JOIN authz.party p ON p.id = c.party_id WHERE p.kind <> 'social' ORDER BY k.client_id, k.kid LIMIT %(limit)s"""


@dataclass(frozen=True, slots=True)
class Held:
    """A row without what was drawn.

    Attributes:
        first_statement: of the first of the staff, encrypted.
        terms: digest of the ask's terms.
    """

    id: str
    ask_id: str
    party_id: str
    signer_id: str
    identified_by: str
    case_no: str
    pad_sha256: str
    first_operator: str | None
    first_statement: bytes | None
    second_operator: str | None
    grant_id: str | None
    created_at: datetime
    expires_at: datetime
    given_at: datetime | None
    terms: str


def insert(db: Connection, values: Mapping[str, Any]) -> None:
    """Store a consent at the counter that has begun."""
    db.exec_driver_sql(_INSERT, dict(values))


def get(db: Connection, assistance_id: str) -> Held | None:
    """One, locked until the unit ends."""
    row = db.exec_driver_sql(_GET, {"id": assistance_id}).first()
    return None if row is None else Held(*row)


def first(db: Connection, assistance_id: str, operator: str, statement: bytes) -> None:
    """Keep what the first of the staff stated."""
    db.exec_driver_sql(_FIRST, {"id": assistance_id, "operator": operator, "statement": statement})


def given(db: Connection, assistance_id: str, operator: str, grant_id: str, slip: bytes, at: datetime) -> None:
    """The second stated it too, and the grant was given."""
    values = {"id": assistance_id, "operator": operator, "grant": grant_id, "slip": slip, "at": at}
    db.exec_driver_sql(_GIVEN, values)


def by_slip(db: Connection, slip: bytes) -> Held | None:
    """The one whose withdrawal code this is."""
    row = db.exec_driver_sql(_BY_SLIP, {"slip": slip}).first()
    return None if row is None else Held(*row)


def newest(db: Connection, party_id: str | None, limit: int) -> list[tuple[Held, datetime | None]]:
    """The newest of an organisation, or of all where None; each with when its grant was withdrawn."""
    statement = _EVERYWHERE if party_id is None else _OF_PARTY
    rows = db.exec_driver_sql(statement, {"party": party_id, "limit": limit})
    return [(Held(*row[:-1]), row[-1]) for row in rows]


def client_keys(db: Connection, limit: int) -> list[tuple[str, str, str, dict[str, Any]]]:
    """Keys by which statements can be signed: client, its organisation's code, key id, JWK."""
    rows = db.exec_driver_sql(_CLIENT_KEYS, {"limit": limit})
    return [(client, org, key_id, jwk) for client, org, key_id, jwk in rows]
