"""Queries over rounds of programmes and who they found. Amounts, accounts and files stay encrypted here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_COLUMNS: Final = """id::text, programme, version, rules, period, party_id::text, client_id, jkt, operator, cause,
  state, cursor::text, next_at, started_at, entry_id::text, published_at, publish_entry_id::text"""
_INSERT: Final = """
INSERT INTO materials.entitlement_round (id, programme, version, rules, period, party_id, client_id, jkt, operator,
  cause, state, next_at, started_at, entry_id)
VALUES (%(id)s, %(programme)s, %(version)s, %(rules)s, %(period)s, %(party)s, %(client)s, %(jkt)s, %(operator)s,
  %(cause)s, 'matching', %(at)s, %(at)s, %(entry)s)
ON CONFLICT (programme, period, party_id) DO NOTHING RETURNING 1"""
_GET: Final = f"SELECT {_COLUMNS} FROM materials.entitlement_round WHERE id = %(id)s"
_OF_PARTY: Final = f"""
SELECT {_COLUMNS} FROM materials.entitlement_round WHERE party_id = %(party)s ORDER BY id DESC LIMIT %(limit)s"""
_DUE: Final = "SELECT id::text FROM materials.entitlement_round WHERE next_at <= %(now)s ORDER BY next_at LIMIT 1"
_MATCHED: Final = """
UPDATE materials.entitlement_round SET cursor = %(cursor)s, state = %(state)s, next_at = %(next)s WHERE id = %(id)s"""
_NEXT: Final = "UPDATE materials.entitlement_round SET next_at = %(next)s WHERE id = %(id)s"
_PUBLISH: Final = """
UPDATE materials.entitlement_round SET state = 'published', published_at = %(at)s, publish_entry_id = %(entry)s,
  next_at = %(at)s WHERE id = %(id)s"""
_KNOWN: Final = """
SELECT holder_id::text FROM materials.entitlement
WHERE programme = %(programme)s AND period = %(period)s AND holder_id = ANY(%(holders)s::uuid[])"""
_ADD: Final = """
INSERT INTO materials.entitlement (run_id, round_id, holder_id, programme, period, state)
VALUES (%(run)s, %(round)s, %(holder)s, %(programme)s, %(period)s, 'looked')"""
_E: Final = """e.run_id::text, e.round_id::text, e.holder_id::text, e.state, e.amount, e.payee, e.public_until,
  e.hand_off_id::text"""
_ENTITLEMENT: Final = f"SELECT {_E} FROM materials.entitlement e WHERE e.run_id = %(run)s"
_LIST: Final = """
UPDATE materials.entitlement SET state = 'listed', amount = %(amount)s, payee = %(payee)s
WHERE run_id = %(run)s AND state = 'looked'"""
_UNLIST: Final = """
UPDATE materials.entitlement SET state = 'looked', amount = NULL, payee = NULL, public_until = NULL
WHERE run_id = %(run)s AND state = 'listed'"""
_UNTOLD: Final = f"""
SELECT {_E} FROM materials.entitlement e
WHERE e.round_id = %(round)s AND e.state = 'listed' AND e.public_until IS NULL ORDER BY e.run_id LIMIT %(limit)s"""
_SHOW: Final = "UPDATE materials.entitlement SET public_until = %(until)s WHERE run_id = %(run)s"
_SHOWN: Final = f"""
SELECT {_E} FROM materials.entitlement e WHERE e.round_id = %(round)s AND e.state IN ('listed','handed')
  AND e.public_until > %(now)s AND e.run_id > %(after)s::uuid ORDER BY e.run_id LIMIT %(limit)s"""
_READY: Final = f"""
SELECT {_E} FROM materials.entitlement e
JOIN materials.inquiry i ON i.subject_id = e.run_id AND i.kind = 'willingness' AND i.holder_id = e.holder_id
WHERE e.round_id = %(round)s AND e.state = 'listed' AND e.public_until <= %(now)s AND i.answer = 'yes'
  AND NOT EXISTS (SELECT 1 FROM materials.objection o WHERE o.subject_id = e.run_id AND o.state = 'open')
ORDER BY e.run_id LIMIT %(limit)s"""
_HAND: Final = """
UPDATE materials.entitlement e SET state = 'handed', hand_off_id = %(file)s
WHERE e.run_id = ANY(%(runs)s::uuid[]) AND e.state = 'listed' AND e.public_until <= %(now)s
  AND NOT EXISTS (SELECT 1 FROM materials.objection o WHERE o.subject_id = e.run_id AND o.state = 'open')"""
_CLOSING: Final = """
UPDATE materials.automatic_run SET state = 'running', step = 'close', turn = turn + 1, next_at = %(now)s
WHERE id = ANY(%(runs)s::uuid[]) AND state = 'listed'"""
_FILE: Final = """
INSERT INTO materials.hand_off (id, round_id, party_id, operator, body, signature, people, at, entry_id)
VALUES (%(id)s, %(round)s, %(party)s, %(operator)s, %(body)s, %(signature)s, %(people)s, %(at)s, %(entry)s)"""
_F: Final = "id::text, round_id::text, party_id::text, operator, body, signature, people, at, entry_id::text"
_GET_FILE: Final = f"SELECT {_F} FROM materials.hand_off WHERE id = %(id)s"
_FILES: Final = f"SELECT {_F} FROM materials.hand_off WHERE round_id = %(round)s ORDER BY id"
_COUNTS: Final = """
SELECT r.state, count(*) FROM materials.automatic_run r WHERE r.round_id = %(round)s GROUP BY r.state"""
_UNSEEN: Final = """
SELECT 1 FROM materials.automatic_run r JOIN materials.case_ c ON c.case_no = r.case_no
WHERE r.round_id = %(round)s AND (r.state IN ('running','waiting') OR (r.state = 'person' AND c.state = 'open'))
LIMIT 1"""
_LEFTOVER: Final = """
SELECT r.case_no FROM materials.automatic_run r
JOIN materials.case_ c ON c.case_no = r.case_no AND c.state = 'open'
LEFT JOIN materials.entitlement e ON e.run_id = r.id
LEFT JOIN materials.inquiry i ON i.subject_id = r.id AND i.kind = 'willingness'
WHERE r.round_id = %(round)s
  AND (r.state = 'excluded' AND NOT EXISTS (SELECT 1 FROM materials.entitlement o WHERE o.round_id = r.round_id
        AND o.state = 'listed' AND (o.public_until IS NULL OR o.public_until > %(now)s))
    OR r.state = 'listed' AND e.public_until <= %(now)s
        AND (i.answer = 'no' OR i.answer IS NULL AND i.due_at <= %(now)s))
  AND NOT EXISTS (SELECT 1 FROM materials.objection o WHERE o.subject_id = r.id AND o.state = 'open')
ORDER BY r.id LIMIT %(limit)s"""
_GOING_ON: Final = """
SELECT 1 FROM materials.automatic_run r JOIN materials.case_ c ON c.case_no = r.case_no AND c.state = 'open'
WHERE r.round_id = %(round)s LIMIT 1"""
FIRST_ID: Final = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Round:
    """A row.

    Attributes:
        rules: SHA-256 of the programme's file, hexadecimal.
        state: `matching`, `matched` or `published`.
        cursor: the last licence that was looked at.
    """

    id: str
    programme: str
    version: str
    rules: str
    period: str
    party_id: str
    client_id: str
    jkt: str
    operator: str
    cause: str
    state: str
    cursor: str | None
    next_at: datetime | None
    started_at: datetime
    entry_id: str
    published_at: datetime | None
    publish_entry_id: str | None


@dataclass(frozen=True, slots=True)
class Entitlement:
    """Whom a round found.

    Attributes:
        state: `looked`, `listed` or `handed`.
        amount, payee: encrypted.
        public_until: how long they stand on the public list; None before they do.
    """

    run_id: str
    round_id: str
    holder_id: str
    state: str
    amount: bytes | None
    payee: bytes | None
    public_until: datetime | None
    hand_off_id: str | None


@dataclass(frozen=True, slots=True)
class HandOff:
    """A file handed over; `body` is encrypted."""

    id: str
    round_id: str
    party_id: str
    operator: str
    body: bytes
    signature: str
    people: int
    at: datetime
    entry_id: str


def insert(db: Connection, values: Mapping[str, Any]) -> bool:
    """Begin a round; False where there is one."""
    return db.exec_driver_sql(_INSERT, dict(values)).first() is not None


def get(db: Connection, round_id: str, *, lock: bool = False) -> Round | None:
    """One round."""
    row = db.exec_driver_sql(_GET + (" FOR UPDATE" if lock else ""), {"id": round_id}).first()
    return None if row is None else Round(*row)


def of_party(db: Connection, party_id: str, limit: int) -> list[Round]:
    """Rounds of a department, the newest first."""
    return [Round(*row) for row in db.exec_driver_sql(_OF_PARTY, {"party": party_id, "limit": limit})]


def due(db: Connection, now: datetime) -> str | None:
    """The round that has been due the longest."""
    row = db.exec_driver_sql(_DUE, {"now": now}).first()
    return None if row is None else str(row[0])


def matched(db: Connection, round_id: str, cursor: str | None, state: str, next_at: datetime | None) -> None:
    """Write how far a match has come."""
    values = {"id": round_id, "cursor": cursor, "state": state, "next": next_at}
    db.exec_driver_sql(_MATCHED, values)


def wake(db: Connection, round_id: str, next_at: datetime | None) -> None:
    """When the worker takes a round up again; never where None."""
    db.exec_driver_sql(_NEXT, {"id": round_id, "next": next_at})


def publish(db: Connection, round_id: str, at: datetime, entry_id: str) -> None:
    """Publish a round's list."""
    db.exec_driver_sql(_PUBLISH, {"id": round_id, "at": at, "entry": entry_id})


def known(db: Connection, programme: str, period: str, found: Collection[str]) -> set[str]:
    """Of holders, those that a round of this programme and period has found already."""
    values = {"programme": programme, "period": period, "holders": list(found)}
    return {row[0] for row in db.exec_driver_sql(_KNOWN, values)}


def add(db: Connection, held: Round, run_id: str, holder_id: str) -> None:
    """Whom a round looks at."""
    values = {"run": run_id, "round": held.id, "holder": holder_id}
    db.exec_driver_sql(_ADD, values | {"programme": held.programme, "period": held.period})


def entitlement(db: Connection, run_id: str, *, lock: bool = False) -> Entitlement | None:
    """Whom a run is about."""
    row = db.exec_driver_sql(_ENTITLEMENT + (" FOR UPDATE" if lock else ""), {"run": run_id}).first()
    return None if row is None else _entitlement(row)


def list_(db: Connection, run_id: str, amount: bytes, payee: bytes) -> None:
    """Put somebody on the list."""
    db.exec_driver_sql(_LIST, {"run": run_id, "amount": amount, "payee": payee})


def unlist(db: Connection, run_id: str) -> None:
    """Take somebody off the list again."""
    db.exec_driver_sql(_UNLIST, {"run": run_id})


def untold(db: Connection, round_id: str, limit: int) -> list[Entitlement]:
    """Who is on the list and not shown yet."""
    return [_entitlement(row) for row in db.exec_driver_sql(_UNTOLD, {"round": round_id, "limit": limit})]


def show(db: Connection, run_id: str, until: datetime) -> None:
    """Show somebody on the public list."""
    db.exec_driver_sql(_SHOW, {"run": run_id, "until": until})


def shown(db: Connection, round_id: str, now: datetime, after: str | None, limit: int) -> list[Entitlement]:
    """The public list as it is now."""
    values = {"round": round_id, "now": now, "after": after or FIRST_ID, "limit": limit}
    return [_entitlement(row) for row in db.exec_driver_sql(_SHOWN, values)]


def ready(db: Connection, round_id: str, now: datetime, limit: int) -> list[Entitlement]:
    """Who can be handed over: shown long enough, willing, and nobody objects."""
    values = {"round": round_id, "now": now, "limit": limit}
    return [_entitlement(row) for row in db.exec_driver_sql(_READY, values)]


def hand(db: Connection, runs: Sequence[str], file_id: str, now: datetime) -> int:
    """Hand people over, each once; how many could be."""
    done = db.exec_driver_sql(_HAND, {"runs": list(runs), "file": file_id, "now": now}).rowcount
    db.exec_driver_sql(_CLOSING, {"runs": list(runs), "now": now})
    return done


def insert_file(db: Connection, values: Mapping[str, Any]) -> None:
    """Keep a file."""
    db.exec_driver_sql(_FILE, dict(values))


def file(db: Connection, file_id: str) -> HandOff | None:
    """A file."""
    row = db.exec_driver_sql(_GET_FILE, {"id": file_id}).first()
    return None if row is None else _file(row)


def files(db: Connection, round_id: str) -> list[HandOff]:
    """The files of a round."""
    return [_file(row) for row in db.exec_driver_sql(_FILES, {"round": round_id})]


def counts(db: Connection, round_id: str) -> dict[str, int]:
    """How many runs of a round stand where."""
    return {row[0]: row[1] for row in db.exec_driver_sql(_COUNTS, {"round": round_id})}


def is_unseen(db: Connection, round_id: str) -> bool:
    """Whether somebody of a round has not been decided about yet."""
    return db.exec_driver_sql(_UNSEEN, {"round": round_id}).first() is not None


def leftover(db: Connection, round_id: str, now: datetime, limit: int) -> list[str]:
    """Cases of a published round that nothing more will come of: of who is not on the list, and who did not say yes."""
    values = {"round": round_id, "now": now, "limit": limit}
    return [row[0] for row in db.exec_driver_sql(_LEFTOVER, values)]


def is_going_on(db: Connection, round_id: str) -> bool:
    """Whether a case of a round is still open."""
    return db.exec_driver_sql(_GOING_ON, {"round": round_id}).first() is not None


def _entitlement(row: Sequence[Any]) -> Entitlement:
    held = list(row)
    for place in (4, 5):
        held[place] = None if held[place] is None else bytes(held[place])
    return Entitlement(*held)


def _file(row: Sequence[Any]) -> HandOff:
    held = list(row)
    held[4] = bytes(held[4])
    return HandOff(*held)
