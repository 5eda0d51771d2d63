"""Queries over changes that follow another, and over the issuers who let them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from materials.automatic.errors import RunMovedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_COLUMNS: Final = """id::text, rule, rules, cause_id::text, licence_id::text, party_id::text, holder_id::text, fields,
  state, reason, turn, failures, next_at, announced_at, due_at, entry_id::text, result_id::text, ended_at"""
_INSERT: Final = """
INSERT INTO materials.linked_change (id, rule, rules, cause_id, licence_id, party_id, holder_id, fields, state, next_at,
  announced_at, due_at, entry_id)
VALUES (%(id)s, %(rule)s, %(rules)s, %(cause)s, %(licence)s, %(party)s, %(holder)s, %(fields)s, 'announced', %(due)s,
  %(at)s, %(due)s, %(entry)s)"""
_KNOWN: Final = "SELECT 1 FROM materials.linked_change WHERE cause_id = %(cause)s AND licence_id = %(licence)s"
_GET: Final = f"SELECT {_COLUMNS} FROM materials.linked_change WHERE id = %(id)s"
_OF_PARTY: Final = f"""
SELECT {_COLUMNS} FROM materials.linked_change WHERE party_id = %(party)s ORDER BY id DESC LIMIT %(limit)s"""
_OF_HOLDER: Final = f"""
SELECT {_COLUMNS} FROM materials.linked_change WHERE holder_id = %(holder)s ORDER BY id DESC LIMIT %(limit)s"""
_CLAIM: Final = f"""
UPDATE materials.linked_change SET turn = turn + 1, next_at = %(lease)s WHERE id = (
  SELECT id FROM materials.linked_change WHERE next_at <= %(now)s ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING {_COLUMNS}"""
_IS_DUE: Final = "SELECT 1 FROM materials.linked_change WHERE next_at <= %(now)s LIMIT 1"
_MOVE: Final = """
UPDATE materials.linked_change SET state = %(state)s, reason = %(reason)s, next_at = %(next)s, failures = %(failures)s,
  result_id = %(result)s, ended_at = %(ended)s
WHERE id = %(id)s AND turn = %(turn)s AND state = 'announced' RETURNING 1"""
_BY_HAND: Final = """
UPDATE materials.linked_change SET state = %(state)s, reason = %(reason)s, next_at = %(next)s, turn = turn + 1,
  failures = 0 WHERE id = %(id)s"""
_ADOPT: Final = """
INSERT INTO materials.link_adoption (rule, party_id, client_id, jkt, operator, adopted_at, entry_id)
VALUES (%(rule)s, %(party)s, %(client)s, %(jkt)s, %(operator)s, %(at)s, %(entry)s)
ON CONFLICT (rule, party_id) DO UPDATE SET client_id = excluded.client_id, jkt = excluded.jkt,
  operator = excluded.operator, adopted_at = excluded.adopted_at, entry_id = excluded.entry_id, ended_at = NULL"""
_END: Final = """
UPDATE materials.link_adoption SET ended_at = %(at)s
WHERE rule = %(rule)s AND party_id = %(party)s AND ended_at IS NULL RETURNING 1"""
_ADOPTED: Final = """
SELECT rule, party_id::text, client_id, jkt, operator FROM materials.link_adoption
WHERE rule = %(rule)s AND party_id = %(party)s AND ended_at IS NULL"""


@dataclass(frozen=True, slots=True)
class Linked:
    """A change that follows another.

    Attributes:
        cause_id: the new version of the licence that was changed.
        licence_id: the version that will be replaced.
        party_id: its issuer.
        fields: encrypted: what it will say.
        state: `announced`, `objected`, `person` or `changed`.
        due_at: until then its holder may object.
    """

    id: str
    rule: str
    rules: str
    cause_id: str
    licence_id: str
    party_id: str
    holder_id: str
    fields: bytes
    state: str
    reason: str | None
    turn: int
    failures: int
    next_at: datetime | None
    announced_at: datetime
    due_at: datetime
    entry_id: str
    result_id: str | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Adoption:
    """Who answers for what a rule does to an issuer's licences."""

    rule: str
    party_id: str
    client_id: str
    jkt: str
    operator: str


def insert(db: Connection, values: Mapping[str, Any]) -> None:
    """Announce a change."""
    db.exec_driver_sql(_INSERT, dict(values))


def is_known(db: Connection, cause_id: str, licence_id: str) -> bool:
    """Whether a change was announced before."""
    return db.exec_driver_sql(_KNOWN, {"cause": cause_id, "licence": licence_id}).first() is not None


def get(db: Connection, linked_id: str, *, lock: bool = False) -> Linked | None:
    """One change."""
    row = db.exec_driver_sql(_GET + (" FOR UPDATE" if lock else ""), {"id": linked_id}).first()
    return None if row is None else _linked(row)


def of_party(db: Connection, party_id: str, limit: int) -> list[Linked]:
    """Changes of an issuer's licences, the newest first."""
    return [_linked(row) for row in db.exec_driver_sql(_OF_PARTY, {"party": party_id, "limit": limit})]


def of_holder(db: Connection, holder_id: str, limit: int) -> list[Linked]:
    """Changes of a holder's licences, the newest first."""
    return [_linked(row) for row in db.exec_driver_sql(_OF_HOLDER, {"holder": holder_id, "limit": limit})]


def is_due(db: Connection, now: datetime) -> bool:
    """Whether a change is due: a look without a lock."""
    return db.exec_driver_sql(_IS_DUE, {"now": now}).first() is not None


def claim(db: Connection, now: datetime, lease: datetime) -> Linked | None:
    """Take up the change whose term has been over the longest, for as long as the lease."""
    row = db.exec_driver_sql(_CLAIM, {"now": now, "lease": lease}).first()
    return None if row is None else _linked(row)


def move(db: Connection, held: Linked, state: str, **more: Any) -> None:
    """Move a change on, in the unit of what was done.

    Raises:
        RunMovedError: somebody else has it by now; the unit must not commit.
    """
    values = {"id": held.id, "turn": held.turn, "state": state, "failures": 0}
    nothing = dict.fromkeys(("reason", "next", "result", "ended"))
    if db.exec_driver_sql(_MOVE, nothing | values | more).first() is None:
        raise RunMovedError


def by_hand(db: Connection, linked_id: str, state: str, reason: str | None, next_at: datetime | None) -> None:
    """An objection, or a person, stops a change or lets it go on."""
    db.exec_driver_sql(_BY_HAND, {"id": linked_id, "state": state, "reason": reason, "next": next_at})


def adopt(db: Connection, values: Mapping[str, Any]) -> None:
    """An issuer lets a rule change its licences."""
    db.exec_driver_sql(_ADOPT, dict(values))


def end(db: Connection, rule: str, party_id: str, at: datetime) -> bool:
    """An issuer lets it no more; False where it did not."""
    return db.exec_driver_sql(_END, {"rule": rule, "party": party_id, "at": at}).first() is not None


def adoption(db: Connection, rule: str, party_id: str) -> Adoption | None:
    """Whether an issuer lets a rule change its licences, and who answers for it."""
    row = db.exec_driver_sql(_ADOPTED, {"rule": rule, "party": party_id}).first()
    return None if row is None else Adoption(*row)


def _linked(row: Sequence[Any]) -> Linked:
    held = list(row)
    held[7] = bytes(held[7])
    return Linked(*held)
