"""Queries over holders and their identifiers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.steps import Steps

_OWNERS: Final = "SELECT lookup, holder_id::text FROM authz.identifier WHERE lookup = ANY(%(lookups)s)"
_INSERT_HOLDER: Final = (
    "INSERT INTO authz.holder (id, kind, name, created_at) VALUES (%(id)s, %(kind)s, %(name)s, %(at)s)"
)
_INSERT_IDENTIFIER: Final = """
INSERT INTO authz.identifier (lookup, holder_id, type, country, code, created_at)
VALUES (%(lookup)s, %(holder)s, %(type)s, %(country)s, %(code)s, %(at)s)
ON CONFLICT DO NOTHING"""
_INSERT_MANY: Final = """
WITH given AS (
  SELECT * FROM unnest(%(ids)s::uuid[], %(kinds)s::text[], %(names)s::bytea[], %(lookups)s::bytea[], %(types)s::text[],
    %(countries)s::text[], %(codes)s::bytea[]) AS e (id, kind, name, lookup, type, country, code)
), made AS (
  INSERT INTO authz.identifier (lookup, holder_id, type, country, code, created_at)
  SELECT lookup, id, type, country, code, %(at)s FROM given ORDER BY lookup
  ON CONFLICT DO NOTHING RETURNING holder_id
)
INSERT INTO authz.holder (id, kind, name, created_at)
SELECT id, kind, name, %(at)s FROM given WHERE id IN (SELECT holder_id FROM made)"""
_HOLDER: Final = "SELECT kind, name FROM authz.holder WHERE id = %(id)s"
_IDENTIFIERS: Final = """
SELECT lookup, type, country, code FROM authz.identifier WHERE holder_id = %(id)s ORDER BY created_at, lookup"""


def owners(lookups: Sequence[bytes]) -> Steps[dict[bytes, str]]:
    """Which holder each look-up value belongs to; unknown ones are left out."""
    rows = yield _OWNERS, {"lookups": list(lookups)}
    return {bytes(lookup): holder_id for lookup, holder_id in rows}


def insert_holder(db: Connection, holder_id: str, kind: str, name: bytes, at: datetime) -> None:
    """Store a new holder."""
    db.exec_driver_sql(_INSERT_HOLDER, {"id": holder_id, "kind": kind, "name": name, "at": at})


def insert_identifier(
    db: Connection, holder_id: str, lookup: bytes, type_: str, country: str, code: bytes, at: datetime
) -> bool:
    """Store an identifier; False where somebody has it already."""
    values = {"holder": holder_id, "lookup": lookup, "type": type_, "country": country, "code": code, "at": at}
    return db.exec_driver_sql(_INSERT_IDENTIFIER, values).rowcount == 1


@dataclass(frozen=True, slots=True)
class NewHolder:
    """A holder with its one identifier, sealed."""

    id: str
    kind: str
    name: bytes
    lookup: bytes
    type: str
    country: str
    code: bytes


def insert_many(db: Connection, new: Sequence[NewHolder], at: datetime) -> None:
    """Store holders; one whose identifier somebody else stored meanwhile is left out.

    In the order of their look-up values, so that two batches with the same people wait for each other and never cross.
    """
    columns = {f"{name}s": [getattr(each, name) for each in new] for name in ("id", "kind", "name", "lookup", "type")}
    columns |= {"countries": [each.country for each in new], "codes": [each.code for each in new]}
    db.exec_driver_sql(_INSERT_MANY, columns | {"at": at})


def holder(db: Connection, holder_id: str) -> tuple[str, bytes] | None:
    """Kind and sealed name of a holder."""
    row = db.exec_driver_sql(_HOLDER, {"id": holder_id}).first()
    return None if row is None else (row[0], bytes(row[1]))


def identifiers(db: Connection, holder_id: str) -> list[tuple[bytes, str, str, bytes]]:
    """Look-up value, type, country and sealed code of each identifier of a holder."""
    rows = db.exec_driver_sql(_IDENTIFIERS, {"id": holder_id})
    return [(bytes(row[0]), row[1], row[2], bytes(row[3])) for row in rows]
