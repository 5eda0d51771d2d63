"""Queries over facts of representation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import IntegrityError

from certs.errors import RepresentationOverlapError
from certs.model import Representation, RepresentationKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.steps import Steps

_COLUMNS: Final = """id::text, organisation_id::text, person_id::text, kind, valid_from, valid_to,
  source_party_id::text, operator, entry_id::text, end_entry_id::text, licence_id::text"""
_INSERT: Final = """
INSERT INTO certs.representation (id, organisation_id, person_id, kind, valid_from, valid_to, source_party_id, operator,
  entry_id, created_at, licence_id)
VALUES (%(id)s, %(organisation)s, %(person)s, %(kind)s, %(from)s, %(to)s, %(source)s, %(operator)s, %(entry)s,
  %(at)s, %(licence)s)"""
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%(organisation)s, 7))"
_OVERLAP: Final = """
SELECT 1 FROM certs.representation
WHERE organisation_id = %(organisation)s AND kind = 'legal_representative'
  AND (valid_to IS NULL OR valid_to > %(from)s) AND (%(to)s::timestamptz IS NULL OR valid_from < %(to)s) LIMIT 1"""
_GET: Final = f"SELECT {_COLUMNS} FROM certs.representation WHERE id = %(id)s FOR UPDATE"
_OF_LICENCE: Final = f"""
SELECT {_COLUMNS} FROM certs.representation
WHERE licence_id = %(licence)s AND (valid_to IS NULL OR valid_to > %(at)s) ORDER BY id FOR UPDATE"""
_LEADER: Final = f"""
SELECT {_COLUMNS} FROM certs.representation
WHERE organisation_id = %(organisation)s AND kind = 'legal_representative' AND valid_to IS NULL FOR UPDATE"""
_FOLLOW: Final = "UPDATE certs.representation SET licence_id = %(licence)s WHERE id = %(id)s"
_END: Final = "UPDATE certs.representation SET valid_to = %(at)s, end_entry_id = %(entry)s WHERE id = %(id)s"
_KINDS: Final = """
SELECT kind FROM certs.representation
WHERE person_id = %(person)s AND organisation_id = %(organisation)s
  AND valid_from <= %(at)s AND (valid_to IS NULL OR valid_to > %(at)s) FOR SHARE"""
_REPRESENTED: Final = """
SELECT organisation_id::text, kind FROM certs.representation
WHERE person_id = %(person)s AND valid_from <= %(at)s AND (valid_to IS NULL OR valid_to > %(at)s)
ORDER BY organisation_id, kind"""

_PEOPLE: Final = """
SELECT DISTINCT person_id::text FROM certs.representation
WHERE organisation_id = %(organisation)s AND valid_from <= %(at)s AND (valid_to IS NULL OR valid_to > %(at)s)
ORDER BY 1"""


def lock(db: Connection, organisation_id: str) -> None:
    """Let one unit at a time state who leads an organisation."""
    db.exec_driver_sql(_LOCK, {"organisation": organisation_id})


def overlaps(db: Connection, organisation_id: str, from_: datetime, to: datetime | None) -> bool:
    """Whether the organisation has a legal representative for some of that time."""
    values = {"organisation": organisation_id, "from": from_, "to": to}
    return db.exec_driver_sql(_OVERLAP, values).first() is not None


def insert(db: Connection, fact: Representation, at: datetime) -> None:
    """Store a fact.

    Raises:
        RepresentationOverlapError: the organisation has an open one.
    """
    values: dict[str, Any] = {"id": fact.id, "organisation": fact.organisation_id, "person": fact.person_id}
    values |= {"kind": fact.kind.value, "from": fact.valid_from, "to": fact.valid_to, "source": fact.source_party_id}
    values |= {"operator": fact.operator, "entry": fact.entry_id, "at": at, "licence": fact.licence_id}
    try:
        db.exec_driver_sql(_INSERT, values)
    except IntegrityError as error:
        raise RepresentationOverlapError from error


def get(db: Connection, fact_id: str) -> Representation | None:
    """A fact, locked until the unit ends."""
    row = db.exec_driver_sql(_GET, {"id": fact_id}).first()
    return None if row is None else _as_fact(row)


def open_of_licence(db: Connection, first_id: str, at: datetime) -> list[Representation]:
    """What a licence says of people and holds or will hold after a moment, locked until the unit ends."""
    return [_as_fact(row) for row in db.exec_driver_sql(_OF_LICENCE, {"licence": first_id, "at": at})]


def open_leader(db: Connection, organisation_id: str) -> Representation | None:
    """Who leads an organisation without an end, locked until the unit ends."""
    row = db.exec_driver_sql(_LEADER, {"organisation": organisation_id}).first()
    return None if row is None else _as_fact(row)


def follow(db: Connection, fact_id: str, first_id: str) -> None:
    """Let a fact that an authority stated by itself follow a licence from now on."""
    db.exec_driver_sql(_FOLLOW, {"id": fact_id, "licence": first_id})


def end(db: Connection, fact_id: str, at: datetime, entry_id: str) -> None:
    """End a fact."""
    db.exec_driver_sql(_END, {"id": fact_id, "at": at, "entry": entry_id})


def kinds(person_id: str, organisation_id: str, at: datetime) -> Steps[set[str]]:
    """The kinds in which a person represents another holder at a moment, the facts locked against an end meanwhile."""
    rows = yield _KINDS, {"person": person_id, "organisation": organisation_id, "at": at}
    return {row[0] for row in rows}


def represented(db: Connection, person_id: str, at: datetime) -> list[tuple[str, str]]:
    """Whom a person represents at a moment, and in which capacity."""
    return [(row[0], row[1]) for row in db.exec_driver_sql(_REPRESENTED, {"person": person_id, "at": at})]


def representatives(db: Connection, organisation_id: str, at: datetime) -> list[str]:
    """The people who represent a holder at a moment."""
    return [row[0] for row in db.exec_driver_sql(_PEOPLE, {"organisation": organisation_id, "at": at})]


def _as_fact(row: Sequence[Any]) -> Representation:
    values = list(row)
    values[3] = RepresentationKind(values[3])
    return Representation(*values)
