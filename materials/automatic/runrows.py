"""Queries over runs: who takes one, what moves it on. What rules read and the receipt stay encrypted here.

A worker takes a run by moving its turn on and its time ahead; whatever it writes afterwards names that turn, so that a
worker whose time ran out, or whose run a person took over meanwhile, writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from materials.automatic.errors import RunMovedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_COLUMNS: Final = """id::text, case_no, round_id::text, party_id::text, holder_id::text, client_id, jkt, operator,
  registrar, cause, item_code, item_version, rules, state, step, reason, details, turn, failures, next_at, wait_until,
  asks::text[], started_at, entry_id::text, decided_at, facts, decision_entry_id::text, result_id::text, receipt,
  ended_at"""
_INSERT: Final = """
INSERT INTO materials.automatic_run (id, case_no, round_id, party_id, holder_id, client_id, jkt, operator, registrar,
  cause, item_code, item_version, rules, state, step, details, next_at, wait_until, asks, started_at, entry_id)
VALUES (%(id)s, %(case)s, %(round)s, %(party)s, %(holder)s, %(client)s, %(jkt)s, %(operator)s, %(registrar)s,
  %(cause)s, %(item)s, %(version)s, %(rules)s, %(state)s, %(step)s, '{}', %(next)s, %(wait)s, '{}', %(at)s, %(entry)s)
ON CONFLICT (case_no) DO NOTHING RETURNING 1"""
_GET: Final = f"SELECT {_COLUMNS} FROM materials.automatic_run WHERE id = %(id)s"
_OF_CASE: Final = f"SELECT {_COLUMNS} FROM materials.automatic_run WHERE case_no = %(case)s"
_OF_PARTY: Final = f"""
SELECT {_COLUMNS} FROM materials.automatic_run
WHERE party_id = %(party)s AND (%(state)s::text IS NULL OR state = %(state)s) AND id < %(after)s::uuid
ORDER BY id DESC LIMIT %(limit)s"""
_OF_HOLDER: Final = f"""
SELECT {_COLUMNS} FROM materials.automatic_run WHERE holder_id = %(holder)s ORDER BY id DESC LIMIT %(limit)s"""
_CLAIM: Final = f"""
UPDATE materials.automatic_run SET turn = turn + 1, next_at = %(lease)s WHERE id = (
  SELECT id FROM materials.automatic_run WHERE next_at <= %(now)s ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING {_COLUMNS}"""
_IS_DUE: Final = "SELECT 1 FROM materials.automatic_run WHERE next_at <= %(now)s LIMIT 1"
_HOLD: Final = """
SELECT 1 FROM materials.automatic_run
WHERE id = %(id)s AND turn = %(turn)s AND state IN ('running','waiting') FOR UPDATE"""
_MOVE: Final = """
UPDATE materials.automatic_run SET state = %(state)s, step = %(step)s, reason = %(reason)s, details = %(details)s,
  next_at = %(next)s, wait_until = %(wait)s, failures = %(failures)s, ended_at = %(ended)s
WHERE id = %(id)s AND turn = %(turn)s AND state IN ('running','waiting') RETURNING 1"""
_ASKED: Final = "UPDATE materials.automatic_run SET asks = asks || %(batches)s::uuid[] WHERE id = %(id)s"
_DECIDED: Final = """
UPDATE materials.automatic_run SET decided_at = %(at)s, facts = %(facts)s, decision_entry_id = %(entry)s
WHERE id = %(id)s"""
_FACTS: Final = "UPDATE materials.automatic_run SET facts = %(facts)s WHERE id = %(id)s"
_RESULT: Final = "UPDATE materials.automatic_run SET result_id = %(result)s WHERE id = %(id)s"
_RECEIPT: Final = "UPDATE materials.automatic_run SET receipt = %(receipt)s WHERE id = %(id)s"
_NUDGE: Final = """
UPDATE materials.automatic_run SET next_at = %(now)s WHERE id = %(id)s AND state = 'waiting' AND next_at > %(now)s"""
_BY_HAND: Final = """
UPDATE materials.automatic_run SET state = %(state)s, reason = %(reason)s, details = %(details)s, next_at = %(next)s,
  turn = turn + 1, failures = 0, wait_until = NULL, ended_at = NULL WHERE id = %(id)s"""
LAST_ID: Final = "ffffffff-ffff-ffff-ffff-ffffffffffff"


@dataclass(frozen=True, slots=True)
class Run:
    """A row.

    Attributes:
        round_id: of a programme's round; None where somebody applied.
        client_id, jkt: of the client that began it, in whose name it goes on.
        operator: who answers for it at the department; `registrar` for licences that it changes.
        rules: SHA-256 of the rules that were in force when it began, hexadecimal.
        state: `running`, `waiting`, `person`, `declined`, `granted`, `listed` or `excluded`.
        step: of `materials.automatic.steps`.
        reason: why a person has to look, where one has.
        details: codes of the rules or lines meant.
        turn: how often it was taken up.
        failures: of the step, one after the other.
        wait_until: after that a person takes over.
        asks: batches the holders were asked in.
        facts, receipt: encrypted.
    """

    id: str
    case_no: str
    round_id: str | None
    party_id: str
    holder_id: str
    client_id: str
    jkt: str
    operator: str
    registrar: str | None
    cause: str
    item_code: str
    item_version: str
    rules: str
    state: str
    step: str
    reason: str | None
    details: tuple[str, ...]
    turn: int
    failures: int
    next_at: datetime | None
    wait_until: datetime | None
    asks: tuple[str, ...]
    started_at: datetime
    entry_id: str
    decided_at: datetime | None
    facts: bytes | None
    decision_entry_id: str | None
    result_id: str | None
    receipt: bytes | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Move:
    """Where a run goes.

    Attributes:
        next_at: when it is taken up again; None where it ends or a person has it.
        wait_until: kept as it was where None.
    """

    state: str
    step: str
    next_at: datetime | None = None
    reason: str | None = None
    details: tuple[str, ...] = ()
    wait_until: datetime | None = None
    failures: int = 0
    ended_at: datetime | None = None


def insert(db: Connection, values: Mapping[str, Any]) -> bool:
    """Begin a run; False where the case has one."""
    return db.exec_driver_sql(_INSERT, dict(values)).first() is not None


def get(db: Connection, run_id: str, *, lock: bool = False) -> Run | None:
    """One run."""
    row = db.exec_driver_sql(_GET + (" FOR UPDATE" if lock else ""), {"id": run_id}).first()
    return None if row is None else _run(row)


def of_case(db: Connection, case_no: str) -> Run | None:
    """The run of a case."""
    row = db.exec_driver_sql(_OF_CASE, {"case": case_no}).first()
    return None if row is None else _run(row)


def of_party(db: Connection, party_id: str, state: str | None, after: str | None, limit: int) -> list[Run]:
    """Runs of a department, the newest first."""
    values = {"party": party_id, "state": state, "after": after or LAST_ID, "limit": limit}
    return [_run(row) for row in db.exec_driver_sql(_OF_PARTY, values)]


def of_holder(db: Connection, holder_id: str, limit: int) -> list[Run]:
    """Runs about a holder, the newest first."""
    return [_run(row) for row in db.exec_driver_sql(_OF_HOLDER, {"holder": holder_id, "limit": limit})]


def is_due(db: Connection, now: datetime) -> bool:
    """Whether a run is due: a look without a lock."""
    return db.exec_driver_sql(_IS_DUE, {"now": now}).first() is not None


def claim(db: Connection, now: datetime, lease: datetime) -> Run | None:
    """Take up what is due, for as long as the lease; nobody else gets it meanwhile."""
    row = db.exec_driver_sql(_CLAIM, {"now": now, "lease": lease}).first()
    return None if row is None else _run(row)


def hold(db: Connection, run: Run) -> None:
    """Keep a run where it is until the unit ends.

    Raises:
        RunMovedError: somebody else has it by now.
    """
    if db.exec_driver_sql(_HOLD, {"id": run.id, "turn": run.turn}).first() is None:
        raise RunMovedError


def move(db: Connection, run: Run, to: Move) -> None:
    """Move a run on, in the unit of what was done.

    Raises:
        RunMovedError: somebody else has it by now; the unit must not commit.
    """
    values = {
        "id": run.id,
        "turn": run.turn,
        "state": to.state,
        "step": to.step,
        "reason": to.reason,
        "details": list(to.details),
        "next": to.next_at,
        "wait": to.wait_until,
        "failures": to.failures,
        "ended": to.ended_at,
    }
    if db.exec_driver_sql(_MOVE, values).first() is None:
        raise RunMovedError


def asked(db: Connection, run_id: str, batches: Sequence[str]) -> None:
    """Remember what the holders were asked."""
    db.exec_driver_sql(_ASKED, {"id": run_id, "batches": list(batches)})


def decided(db: Connection, run_id: str, at: datetime, facts: bytes, entry_id: str) -> None:
    """Write a decision with what it was made of."""
    db.exec_driver_sql(_DECIDED, {"id": run_id, "at": at, "facts": facts, "entry": entry_id})


def facts(db: Connection, run_id: str, sealed: bytes) -> None:
    """Keep what rules read that did not all hold, for the person who looks at it."""
    db.exec_driver_sql(_FACTS, {"id": run_id, "facts": sealed})


def result(db: Connection, run_id: str, licence_id: str) -> None:
    """Write which licence came of it."""
    db.exec_driver_sql(_RESULT, {"id": run_id, "result": licence_id})


def receipt(db: Connection, run_id: str, sealed: bytes) -> None:
    """Keep the signed receipt."""
    db.exec_driver_sql(_RECEIPT, {"id": run_id, "receipt": sealed})


def nudge(db: Connection, run_id: str, now: datetime) -> None:
    """Somebody a run waits for has answered."""
    db.exec_driver_sql(_NUDGE, {"id": run_id, "now": now})


def by_hand(db: Connection, run_id: str, state: str, reason: str | None, next_at: datetime | None) -> None:
    """A person takes a run over, or lets it go on; a worker that has it writes nothing more."""
    values: dict[str, Any] = {"id": run_id, "state": state, "reason": reason, "details": [], "next": next_at}
    db.exec_driver_sql(_BY_HAND, values)


def _run(row: Sequence[Any]) -> Run:
    held = list(row)
    for place in (16, 21):
        held[place] = tuple(held[place])
    for place in (25, 28):
        held[place] = None if held[place] is None else bytes(held[place])
    return Run(*held)
