"""Queries over delegations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.steps import Steps

_COLUMNS: Final = """d.id::text, d.digest, d.body, d.principal_id::text, d.delegator_id::text, d.representation,
  d.delegate_id::text, d.path::text[], d.id_token, d.entry_id::text, d.given_at, d.ended_at"""
_INSERT: Final = """
INSERT INTO authz.delegation (id, digest, body, principal_id, delegator_id, representation, delegate_id, path, id_token,
  entry_id, given_at)
VALUES (%(id)s, %(digest)s, %(body)s, %(principal)s, %(delegator)s, %(representation)s, %(delegate)s, %(path)s::uuid[],
  %(id_token)s, %(entry)s, %(at)s)
ON CONFLICT DO NOTHING"""
_GET: Final = f"SELECT {_COLUMNS} FROM authz.delegation d WHERE d.id = %(id)s FOR UPDATE"
_CHAIN: Final = f"""
SELECT {_COLUMNS} FROM authz.delegation d
WHERE d.id = ANY(ARRAY(SELECT unnest(path) FROM authz.delegation WHERE id = %(id)s))
ORDER BY cardinality(d.path) FOR SHARE OF d"""
_OF_DELEGATE: Final = """
SELECT id::text FROM authz.delegation
WHERE delegate_id = %(delegate)s AND principal_id = %(principal)s AND ended_at IS NULL
ORDER BY given_at DESC LIMIT 50"""
_RELIED_ON: Final = """
SELECT EXISTS (
  SELECT FROM authz.delegation d
  JOIN authz.grant_ g ON g.grantee_id = %(party)s AND g.grantor_id = d.principal_id
  JOIN authz.delegation signed ON signed.id =
    CASE WHEN g.representation LIKE 'delegate:%%' THEN substr(g.representation, 10)::uuid END
  WHERE d.id = %(id)s AND d.id = ANY(signed.path))"""
"""Few rows: an organisation has few grants of one holder, and `ix_grant_grantee_id_grantor_id` finds them."""
_END: Final = """
UPDATE authz.delegation SET ended_at = %(at)s, end_token = %(token)s, end_entry_id = %(entry)s WHERE id = %(id)s"""


@dataclass(frozen=True, slots=True)
class Held:
    """A row.

    Attributes:
        representation: in which capacity the delegator stands for the principal; None for the principal and for
            delegates who delegate further.
        path: ids from the first delegation of the chain to this one.
        sealed_token: the delegator's ID token, encrypted.
    """

    id: str
    digest: str
    body: bytes
    principal_id: str
    delegator_id: str
    representation: str | None
    delegate_id: str
    path: tuple[str, ...]
    sealed_token: bytes
    entry_id: str
    given_at: datetime
    ended_at: datetime | None


def insert(db: Connection, values: Mapping[str, Any]) -> bool:
    """Store a delegation; False where its id or digest is known."""
    return db.exec_driver_sql(_INSERT, dict(values)).rowcount == 1


def get(db: Connection, delegation_id: str) -> Held | None:
    """A delegation, locked until the unit ends."""
    row = db.exec_driver_sql(_GET, {"id": delegation_id}).first()
    return None if row is None else _held(row)


def chain(delegation_id: str) -> Steps[list[Held]]:
    """A delegation and those above it, the first one first, each locked against its end; empty where there is none."""
    rows = yield _CHAIN, {"id": delegation_id}
    return [_held(row) for row in rows]


def of_delegate(db: Connection, delegate_id: str, principal_id: str) -> list[str]:
    """Delegations by which somebody may act for a principal, the newest first."""
    values = {"delegate": delegate_id, "principal": principal_id}
    return [row[0] for row in db.exec_driver_sql(_OF_DELEGATE, values)]


def is_relied_on(db: Connection, delegation_id: str, party_id: str) -> bool:
    """Whether an organisation holds a grant that was signed by a delegation, or by one below it."""
    return bool(db.exec_driver_sql(_RELIED_ON, {"id": delegation_id, "party": party_id}).scalar_one())


def end(db: Connection, delegation_id: str, at: datetime, token: bytes, entry_id: str) -> None:
    """End a delegation."""
    db.exec_driver_sql(_END, {"id": delegation_id, "at": at, "token": token, "entry": entry_id})


def _held(row: Sequence[Any]) -> Held:
    values = list(row)
    values[2], values[7], values[8] = bytes(values[2]), tuple(values[7]), bytes(values[8])
    return Held(*values)
