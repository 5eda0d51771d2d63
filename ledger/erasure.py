"""Erasing on purpose: keys and salts destroyed by two people, with a reason, in evidence, and for good (DESIGN 4.7, 5).

An object's erasure destroys its wrapped data key: the ciphertext under WORM stays and is noise. A record's erasure
destroys its salts and its canonical parts: the leaf stays in the log, every proof over it stays valid, and nobody can
tell any more what it commits to. One person proposes, another approves; the approval erases, and records that it was
done (`object.erased`, `record.erased`: which id, which kind of reason; nothing of what was erased).

A restored backup of the database brings the erased rows back. The *erasure list* therefore travels by another way
(`cailian backup` writes it beside every backup; keep the newest one apart), and a restore erases again what it names
before the node serves anything (`again`). Backups of `ledger.secret` are kept short for the same reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from ledger import archive, objectrows, store, tables
from ledger.clock import rfc3339
from ledger.errors import EntryNotFoundError, ErasureRefusedError, ObjectNotFoundError, RecordErasedError
from ledger.record import Record

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.clock import Clock
    from ledger.evidence import Evidence

MAX_REASON: Final = 200
_e = tables.erasure.c


class Kind(StrEnum):
    """What can be erased."""

    object = "object"
    record = "record"


@dataclass(frozen=True, slots=True)
class Erasure:
    """A proposal, or what became of it; `entry_id` is the evidence of an erasure that was done."""

    kind: Kind
    id: str
    reason: str
    proposer: str
    approver: str | None
    entry_id: str | None


def propose(db: Connection, kind: Kind, id_: str, reason: str, proposer: str, clock: Clock) -> None:
    """Propose to erase; changes nothing yet.

    Args:
        db: an open unit.
        kind: object or record.
        id_: object id, or entry id of the record.
        reason: why, for people; without personal data.
        proposer: handle of who proposes.
        clock: tells the time.

    Raises:
        ErasureRefusedError: no reason, or proposed before.
        ObjectNotFoundError, EntryNotFoundError: there is no such thing.
    """
    if not reason.strip() or len(reason) > MAX_REASON or not proposer.strip():
        raise ErasureRefusedError(reason="a reason of at most 200 characters and a proposer are needed")
    _exists(db, kind, id_)
    values = {"kind": kind, "id": id_, "reason": reason, "proposer": proposer, "proposed_at": clock.now()}
    try:
        with db.begin_nested():
            db.execute(insert(tables.erasure).values(values))
    except IntegrityError as error:
        raise ErasureRefusedError(reason="proposed before") from error


def approve(db: Connection, evidence: Evidence, kind: Kind, id_: str, approver: str, clock: Clock) -> Erasure:
    """Approve a proposal: erase, and record it in the same unit.

    Raises:
        ErasureRefusedError: nothing was proposed, the proposer approves, or it was done before.
    """
    row = db.execute(
        select(_e.reason, _e.proposer, _e.erased_at).where(_e.kind == kind, _e.id == id_).with_for_update()
    ).one_or_none()
    if row is None:
        raise ErasureRefusedError(reason="not proposed")
    if row.erased_at is not None:
        raise ErasureRefusedError(reason="done before")
    if not approver.strip() or approver == row.proposer:
        raise ErasureRefusedError(reason="another person must approve")
    now = clock.now()
    fact = {"type": f"{kind}.erased", "time": rfc3339(now), kind.value: id_}
    parties = {"reason": row.reason, "proposer": row.proposer, "approver": approver}
    entry_id = evidence.append(db, Record(fact, parties)).entry_id
    _destroy(db, kind, id_)
    done = {"approver": approver, "erased_at": now, "entry_id": entry_id}
    db.execute(update(tables.erasure).where(_e.kind == kind, _e.id == id_).values(done))
    return Erasure(kind, id_, row.reason, row.proposer, approver, entry_id)


def withdraw(db: Connection, kind: Kind, id_: str) -> None:
    """Take a proposal back.

    Raises:
        ErasureRefusedError: there is none, or it was carried out.
    """
    gone = db.execute(tables.erasure.delete().where(_e.kind == kind, _e.id == id_, _e.erased_at.is_(None)))
    if not gone.rowcount:
        raise ErasureRefusedError(reason="not proposed, or done before")


def proposed(db: Connection) -> list[Erasure]:
    """What waits for a second person, oldest first."""
    query = select(_e.kind, _e.id, _e.reason, _e.proposer).where(_e.erased_at.is_(None)).order_by(_e.proposed_at)
    return [Erasure(Kind(row.kind), row.id, row.reason, row.proposer, None, None) for row in db.execute(query)]


def erased(db: Connection) -> list[dict[str, str]]:
    """The erasure list: everything that was erased, as JSON values. Reasons and people stay in the database."""
    columns = (_e.kind, _e.id, _e.proposed_at, _e.erased_at, _e.entry_id)
    query = select(*columns).where(_e.erased_at.is_not(None)).order_by(_e.erased_at, _e.kind, _e.id)
    return [
        {
            "kind": row.kind,
            "id": row.id,
            "proposed_at": rfc3339(row.proposed_at),
            "erased_at": rfc3339(row.erased_at),
            "entry_id": row.entry_id,
        }
        for row in db.execute(query)
    ]


def of(db: Connection, kind: Kind, ids: Collection[str]) -> dict[str, tuple[datetime, str]]:
    """Which of some things were erased: when, and by which entry."""
    if not ids:
        return {}
    query = select(_e.id, _e.erased_at, _e.entry_id).where(_e.kind == kind, _e.id.in_(ids), _e.erased_at.is_not(None))
    return {row.id: (row.erased_at, row.entry_id) for row in db.execute(query)}


def again(db: Connection, listed: Sequence[dict[str, str]]) -> int:
    """Erase what the list names, in a database that was restored from before; how much was there again.

    The entry that recorded the erasure is newer than such a backup and may be missing: the list keeps its id.
    """
    count = 0
    for each in listed:
        kind = Kind(each["kind"])
        count += _destroy(db, kind, each["id"])
        values = {
            "kind": kind,
            "id": each["id"],
            "reason": "restored and erased again",
            "proposer": "erasure list",
            "proposed_at": each["proposed_at"],
            "approver": "restore",
            "erased_at": each["erased_at"],
            "entry_id": each["entry_id"],
        }
        done = {name: values[name] for name in ("approver", "erased_at", "entry_id")}
        made = upsert(tables.erasure).values(values)
        db.execute(made.on_conflict_do_update(index_elements=["kind", "id"], set_=done, where=_e.erased_at.is_(None)))
    return count


def _exists(db: Connection, kind: Kind, id_: str) -> None:
    if kind is Kind.record:
        try:
            with archive.through(db, archive.number_of(db, id_)):
                store.record(db, id_)
        except RecordErasedError as error:
            raise EntryNotFoundError from error
    elif db.execute(select(tables.object_.c.id).where(tables.object_.c.id == id_)).one_or_none() is None:
        raise ObjectNotFoundError


def _destroy(db: Connection, kind: Kind, id_: str) -> bool:
    """Destroy keys or salts; whether they were there."""
    s = tables.secret.c
    there = db.execute(select(s.id).where(s.kind == kind, s.id == id_)).one_or_none() is not None
    if kind is Kind.record:
        store.erase_record(db, id_)
    else:
        objectrows.erase(db, id_)
    return there
