"""Queries over applications of organisations that want to join."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

_COLUMNS: Final = """id::text, kind, name, org_code, division, client_id, scopes, keys, certificates, operators,
  contact, basis, state, filed_for::text, filed_by, filed_at, decided_by, decided_at, reason, party_id::text"""
_INSERT: Final = """
INSERT INTO authz.application (id, kind, name, org_code, division, client_id, scopes, keys, certificates, operators,
  contact, basis, state, filed_for, filed_by, filed_at)
VALUES (%(id)s, %(kind)s, %(name)s, %(org)s, %(division)s, %(client)s, %(scopes)s, %(keys)s, %(certificates)s,
  %(operators)s, %(contact)s, %(basis)s, 'open', %(for)s, %(by)s, %(at)s)"""
_GET: Final = f"SELECT {_COLUMNS} FROM authz.application WHERE id = %(id)s"
_LISTED: Final = f"""
SELECT {_COLUMNS} FROM authz.application WHERE filed_for = %(for)s
ORDER BY state = 'open' DESC, filed_at DESC LIMIT %(limit)s"""
_DECIDE: Final = """
UPDATE authz.application SET state = %(state)s, decided_by = %(by)s, decided_at = %(at)s, reason = %(reason)s,
  party_id = %(party)s
WHERE id = %(id)s"""
# By the partial index on open uses: those that are delivered gave all they had.
_CUT: Final = """
UPDATE authz.use_ SET closes_at = %(at)s WHERE state = 'open' AND closes_at > %(at)s AND party_id = %(id)s"""
_KEEP_CONTACT: Final = "UPDATE authz.party SET contact = %(contact)s WHERE id = %(id)s"
_FORGET: Final = """
UPDATE authz.application SET contact = NULL
WHERE state <> 'open' AND contact IS NOT NULL AND decided_at < %(before)s"""
_CONTACT: Final = "SELECT contact FROM authz.party WHERE id = %(id)s"


def insert(db: Connection, values: Mapping[str, Any]) -> None:
    """Store an open application."""
    db.exec_driver_sql(_INSERT, dict(values))


def application(db: Connection, application_id: str, *, lock: bool = False) -> Mapping[str, Any] | None:
    """An application by the names of its columns; with `lock`, until the unit ends."""
    found = db.exec_driver_sql(_GET + (" FOR UPDATE" if lock else ""), {"id": application_id}).mappings().first()
    return None if found is None else dict(found)


def listed(db: Connection, party_id: str, limit: int) -> list[Mapping[str, Any]]:
    """Applications that an organisation deals with, those that are open first."""
    return [dict(row) for row in db.exec_driver_sql(_LISTED, {"for": party_id, "limit": limit}).mappings()]


def decide(db: Connection, application_id: str, said: Mapping[str, Any]) -> None:
    """Keep a decision: `state`, `by`, `at`, `reason`, `party`."""
    db.exec_driver_sql(_DECIDE, {**said, "id": application_id})


def lock_party(db: Connection, party_id: str) -> None:
    """Let nobody else change an organisation's standing until the unit ends."""
    db.exec_driver_sql("SELECT 1 FROM authz.party WHERE id = %(id)s FOR UPDATE", {"id": party_id})


def cut(db: Connection, party_id: str, at: datetime) -> None:
    """End the time of an organisation's uses: the gate that every piece of a delivery passes knows it."""
    db.exec_driver_sql(_CUT, {"id": party_id, "at": at})


def keep_contact(db: Connection, party_id: str, sealed: bytes) -> None:
    """Keep who answers for an organisation, encrypted."""
    db.exec_driver_sql(_KEEP_CONTACT, {"id": party_id, "contact": sealed})


def forget_contacts(db: Connection, before: datetime) -> int:
    """Drop who answers for applications that were decided before a moment; how many."""
    return db.exec_driver_sql(_FORGET, {"before": before}).rowcount


def contact(db: Connection, party_id: str) -> bytes | None:
    """Who answers for an organisation, encrypted; None where nobody does."""
    row = db.exec_driver_sql(_CONTACT, {"id": party_id}).first()
    return None if row is None or row[0] is None else bytes(row[0])
