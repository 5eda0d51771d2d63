"""Queries over asks and grants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from authz.model import Ask, AskState, Grant, GrantState, Mode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.askbatches import AskBatch

GRANT_COLUMNS: Final = """g.id::text, g.digest, g.body, g.grantor_id::text, g.signer_id::text, g.signer_kind,
  g.representation, g.grantee_id::text, g.item_code, g.case_no, g.mode, g.objects::text[], g.types, g.fields, g.regions,
  g.max_uses, g.uses_left, g.valid_from, g.valid_to, g.state, g.entry_id::text, g.given_at, g.withdrawn_at,
  g.withdrawal_entry_id::text, g.assurance, g.key_since, g.frequency_count, g.frequency_seconds, g.fresh_days, g.recent,
  g.answer"""
"""What `as_grant` reads."""
GRANT_WIDTH: Final = 31
_ASK_COLUMNS: Final = """id::text, party_id::text, grantor_id::text, operator, body, digest, state, created_at,
  expires_at, grant_id::text, batch_id::text, joint_id::text"""

_INSERT_ASK: Final = """
INSERT INTO authz.ask (id, party_id, grantor_id, operator, body, digest, state, created_at, expires_at, batch_id,
  joint_id)
VALUES (%(id)s, %(party)s, %(grantor)s, %(operator)s, %(body)s, %(digest)s, 'pending', %(at)s, %(expires)s,
  %(batch)s, %(joint)s)"""
_ASK: Final = f"SELECT {_ASK_COLUMNS} FROM authz.ask WHERE id = %(id)s"
_ANSWER: Final = "UPDATE authz.ask SET state = %(state)s, grant_id = %(grant)s WHERE id = %(id)s AND state = 'pending'"
_ASKS_OF: Final = f"""
SELECT {_ASK_COLUMNS} FROM authz.ask WHERE grantor_id = %(grantor)s ORDER BY created_at DESC LIMIT %(limit)s"""

_INSERT_BATCH: Final = """
INSERT INTO authz.ask_batch (id, party_id, grantor_id, operator, channel, notice, notice_digest, created_at, expires_at)
VALUES (%(id)s, %(party)s, %(grantor)s, %(operator)s, %(channel)s, %(notice)s, %(digest)s, %(at)s, %(expires)s)"""
_BATCH: Final = """
SELECT id::text, party_id::text, grantor_id::text, operator, channel, notice, notice_digest, created_at, expires_at
FROM authz.ask_batch WHERE id = %(id)s"""
_BATCHES_OF: Final = """
SELECT id::text FROM authz.ask_batch WHERE grantor_id = %(grantor)s ORDER BY created_at DESC LIMIT %(limit)s"""
_ASKS_IN: Final = f"SELECT {_ASK_COLUMNS} FROM authz.ask WHERE batch_id = %(batch)s ORDER BY id"
# Together with the asks to other holders of the same things, in one order: a refusal by one closes those of the others.
_LOCK_ASKS: Final = """
SELECT id FROM authz.ask WHERE id IN (
  SELECT id FROM authz.ask WHERE {which}
  UNION SELECT joint_id FROM authz.ask WHERE {which} AND joint_id IS NOT NULL
  UNION SELECT o.id FROM authz.ask a JOIN authz.ask o ON o.joint_id = COALESCE(a.joint_id, a.id) WHERE a.{which})
ORDER BY id FOR UPDATE"""
_LOCK_BATCH: Final = _LOCK_ASKS.format(which="batch_id = %(id)s")
_LOCK_ASK: Final = _LOCK_ASKS.format(which="id = %(id)s")
_JOINT: Final = f"""
SELECT {_ASK_COLUMNS} FROM authz.ask WHERE id = %(id)s OR joint_id = %(id)s ORDER BY id"""
_CLOSE_JOINT: Final = """
UPDATE authz.ask SET state = 'refused'
WHERE (id = %(root)s OR joint_id = %(root)s) AND id <> %(but)s AND state = 'pending'
RETURNING id::text, party_id::text, grantor_id::text, batch_id::text"""

_INSERT_GRANT: Final = """
INSERT INTO authz.grant_ (id, digest, body, grantor_id, signer_id, signer_kind, assurance, key_id, key_since,
  representation, grantee_id, item_code,
  case_no, mode, objects, types, fields, regions, max_uses, uses_left, valid_from, valid_to, state, id_token, entry_id,
  given_at, frequency_count, frequency_seconds, fresh_days, answer)
VALUES (%(id)s, %(digest)s, %(body)s, %(grantor)s, %(signer)s, %(signer_kind)s, %(assurance)s, %(key)s,
  %(key_since)s, %(representation)s, %(grantee)s,
  %(item)s, %(case)s, %(mode)s, %(objects)s::uuid[], %(types)s, %(fields)s, %(regions)s, %(max_uses)s, %(max_uses)s,
  %(valid_from)s, %(valid_to)s, 'active', %(id_token)s, %(entry)s, %(at)s, %(frequency_count)s, %(frequency_seconds)s,
  %(fresh_days)s, %(answer)s)
ON CONFLICT DO NOTHING"""
_GRANT: Final = f"SELECT {GRANT_COLUMNS} FROM authz.grant_ g WHERE g.id = %(id)s"
_SIGNED: Final = "SELECT id_token, withdrawal_token FROM authz.grant_ WHERE id = %(id)s"
_GRANTS_OF: Final = f"""
SELECT {GRANT_COLUMNS} FROM authz.grant_ g WHERE g.grantor_id = %(grantor)s ORDER BY g.given_at DESC LIMIT %(limit)s"""
_CONSENTED: Final = """
SELECT types, objects::text[] FROM authz.grant_
WHERE grantee_id = %(party)s AND grantor_id = %(grantor)s AND item_code = %(item)s
  AND (case_no IS NULL OR case_no = %(case)s) AND state = 'active' AND valid_from <= %(now)s AND valid_to > %(now)s
ORDER BY given_at DESC LIMIT 200"""
_WITHDRAWN: Final = f"""
SELECT {GRANT_COLUMNS} FROM authz.grant_ g
WHERE g.grantor_id = %(grantor)s AND g.state = 'withdrawn'
  AND (%(object)s::uuid = ANY(g.objects) OR %(type)s = ANY(g.types))
ORDER BY g.withdrawn_at LIMIT %(limit)s"""
_WITHDRAW: Final = """
UPDATE authz.grant_ SET state = 'withdrawn', withdrawn_at = %(at)s, withdrawal_token = %(token)s,
  withdrawal_entry_id = %(entry)s
WHERE id = %(id)s"""
_CUT: Final = """
UPDATE authz.use_ SET closes_at = %(at)s WHERE grant_id = %(grant)s AND state = 'open' AND closes_at > %(at)s"""

# A use that rested on this grant beside another's: its content stops, whether it was delivered once or not.
_CUT_JOINT: Final = """
UPDATE authz.use_ u SET closes_at = %(at)s FROM authz.use_grant g
WHERE g.grant_id = %(grant)s AND u.id = g.use_id AND u.closes_at > %(at)s"""


def insert_ask(db: Connection, ask: Ask) -> None:
    """Store a new ask."""
    values: dict[str, Any] = {"id": ask.id, "party": ask.party_id, "grantor": ask.grantor_id, "operator": ask.operator}
    values |= {"body": ask.body, "digest": ask.digest, "at": ask.created_at, "expires": ask.expires_at}
    values |= {"batch": ask.batch_id, "joint": ask.joint_id}
    db.exec_driver_sql(_INSERT_ASK, values)


def ask(db: Connection, ask_id: str, *, lock: bool = False) -> Ask | None:
    """An ask; with `lock`, until the unit ends."""
    row = db.exec_driver_sql(_ASK + (" FOR UPDATE" if lock else ""), {"id": ask_id}).first()
    return None if row is None else _as_ask(row)


def asks_of(db: Connection, grantor_id: str, limit: int) -> list[Ask]:
    """Asks to one holder, the newest first."""
    return [_as_ask(row) for row in db.exec_driver_sql(_ASKS_OF, {"grantor": grantor_id, "limit": limit})]


def insert_batch(db: Connection, batch: AskBatch) -> None:
    """Store a new batch, before its asks."""
    values: dict[str, Any] = {"id": batch.id, "party": batch.party_id, "grantor": batch.grantor_id}
    values |= {"operator": batch.operator, "channel": batch.channel, "notice": batch.notice}
    values |= {"digest": batch.notice_digest, "at": batch.created_at, "expires": batch.expires_at}
    db.exec_driver_sql(_INSERT_BATCH, values)


def batch(db: Connection, batch_id: str) -> tuple[Any, ...] | None:
    """A batch without its asks, in the order of its fields."""
    row = db.exec_driver_sql(_BATCH, {"id": batch_id}).first()
    return None if row is None else (*row[:5], bytes(row[5]), *row[6:])


def batches_of(db: Connection, grantor_id: str, limit: int) -> list[str]:
    """Ids of one holder's batches, the newest first."""
    return [row[0] for row in db.exec_driver_sql(_BATCHES_OF, {"grantor": grantor_id, "limit": limit})]


def asks_in(db: Connection, batch_id: str) -> list[Ask]:
    """Asks of a batch, in the order they were put."""
    return [_as_ask(row) for row in db.exec_driver_sql(_ASKS_IN, {"batch": batch_id})]


def lock_asks(db: Connection, batch_id: str) -> bool:
    """Let one unit at a time answer a batch; False where there is none."""
    return bool(db.exec_driver_sql(_LOCK_BATCH, {"id": batch_id}).all())


def lock_ask(db: Connection, ask_id: str) -> None:
    """Let one unit at a time answer an ask and those to other holders of the same thing."""
    db.exec_driver_sql(_LOCK_ASK, {"id": ask_id})


def joint_asks(db: Connection, root_id: str) -> list[Ask]:
    """An ask, and those to other holders of the same thing."""
    return [_as_ask(row) for row in db.exec_driver_sql(_JOINT, {"id": root_id})]


def close_joint(db: Connection, root_id: str, but_id: str) -> list[tuple[str, str, str, str | None]]:
    """Close what still waits because another holder refused: (ask, party, holder, batch) of each."""
    return [tuple(row) for row in db.exec_driver_sql(_CLOSE_JOINT, {"root": root_id, "but": but_id})]


def answer_ask(db: Connection, ask_id: str, state: AskState, grant_id: str | None) -> None:
    """Close a pending ask."""
    db.exec_driver_sql(_ANSWER, {"id": ask_id, "state": state.value, "grant": grant_id})


def insert_grant(db: Connection, values: Mapping[str, Any]) -> bool:
    """Store a new grant; False where its digest is known."""
    return db.exec_driver_sql(_INSERT_GRANT, dict(values)).rowcount == 1


def grant(db: Connection, grant_id: str, *, lock: bool = False) -> Grant | None:
    """A grant; with `lock`, until the unit ends, so that it cannot be spent meanwhile.

    Not `FOR UPDATE`: a delivery that writes its use twice in one unit makes PostgreSQL look at the grant's key again,
    and would wait for a withdrawal that waits for that very use.
    """
    row = db.exec_driver_sql(_GRANT + (" FOR NO KEY UPDATE" if lock else ""), {"id": grant_id}).first()
    return None if row is None else as_grant(row)


def evidence(db: Connection, grant_id: str) -> tuple[bytes, bytes | None] | None:
    """The sealed ID tokens of giving and withdrawing."""
    row = db.exec_driver_sql(_SIGNED, {"id": grant_id}).first()
    return None if row is None else (bytes(row[0]), None if row[1] is None else bytes(row[1]))


def grants_of(db: Connection, grantor_id: str, limit: int) -> list[Grant]:
    """Grants of one holder, the newest first."""
    return [as_grant(row) for row in db.exec_driver_sql(_GRANTS_OF, {"grantor": grantor_id, "limit": limit})]


def consented(
    db: Connection, party_id: str, grantor_id: str, item_code: str, case_no: str, now: datetime
) -> list[tuple[list[str], list[str]]]:
    """Types and things that a holder's grants in force for a case name."""
    values = {"party": party_id, "grantor": grantor_id, "item": item_code, "case": case_no, "now": now}
    return [(row[0], row[1]) for row in db.exec_driver_sql(_CONSENTED, values)]


def withdrawn(db: Connection, grantor_id: str, object_id: str, type_code: str, limit: int) -> list[Grant]:
    """Withdrawn grants of one holder that covered a thing, in the order of their withdrawal."""
    values = {"grantor": grantor_id, "object": object_id, "type": type_code, "limit": limit}
    return [as_grant(row) for row in db.exec_driver_sql(_WITHDRAWN, values)]


def withdraw(db: Connection, grant_id: str, at: datetime, token: bytes, entry_id: str) -> None:
    """End a grant, and the time of every open use under it."""
    db.exec_driver_sql(_WITHDRAW, {"id": grant_id, "at": at, "token": token, "entry": entry_id})
    db.exec_driver_sql(_CUT, {"grant": grant_id, "at": at})
    db.exec_driver_sql(_CUT_JOINT, {"grant": grant_id, "at": at})


def as_grant(row: Sequence[Any]) -> Grant:
    """A row of `GRANT_COLUMNS` as a value."""
    values = list(row)
    values[2] = bytes(values[2])
    values[10] = Mode(values[10])
    values[11:15] = [frozenset(each) for each in values[11:15]]
    values[19] = GrantState(values[19])
    values[29], values[30] = tuple(values[29]), None if values[30] is None else bytes(values[30])
    return Grant(*values)


def _as_ask(row: Sequence[Any]) -> Ask:
    values = list(row)
    values[4], values[6] = bytes(values[4]), AskState(values[6])
    return Ask(*values)
