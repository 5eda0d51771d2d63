"""All queries of the witness client on `ledger.checkpoint` and `ledger.witness`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from ledger import tables
from ledger.note import Note

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.note import NoteVerifier

_checkpoint = tables.checkpoint
_witness = tables.witness


@dataclass(frozen=True, slots=True)
class WitnessState:
    """Where a witness stands.

    Attributes:
        vkey: its key.
        size: the size it last cosigned, 0 for none.
        cosigned_at: when that was.
        failure: why it last failed; None since it cosigned again.
        failed_at: when that was.
        seen_size: size of a head under our signature that it showed us and we do not have.
    """

    vkey: str
    size: int
    cosigned_at: datetime | None
    failure: str | None
    failed_at: datetime | None
    seen_size: int | None


def states(db: Connection) -> dict[str, WitnessState]:
    """All witnesses we ever asked, by key."""
    c = _witness.c
    rows = db.execute(select(c.vkey, c.size, c.cosigned_at, c.failure, c.failed_at, c.seen_size).order_by(c.vkey))
    return {row.vkey: WitnessState(*row) for row in rows}


def size(db: Connection, vkey: str) -> int:
    """The size a witness last cosigned, as far as we know."""
    return int(db.execute(select(_witness.c.size).where(_witness.c.vkey == vkey)).scalar() or 0)


def cosigned(
    db: Connection, size: int, key: NoteVerifier, line: str, at: datetime, keys: Sequence[NoteVerifier], quorum: int
) -> None:
    """Add a witness's verified cosignature to a checkpoint, and publish the checkpoint once it has its quorum.

    Args:
        db: an open unit.
        size: of the checkpoint.
        key: the witness's.
        line: its signature line.
        at: now.
        keys: of all witnesses that count.
        quorum: how many of them it waits for.
    """
    c = _checkpoint.c
    row = db.execute(select(c.note, c.quorum).where(c.size == size).with_for_update()).one()
    note = row.note if key in Note.parse(row.note).verified_by([key]) else row.note + line
    met = row.quorum is None and len(Note.parse(note).verified_by(keys)) >= quorum
    db.execute(update(_checkpoint).where(c.size == size).values(note=note, quorum=quorum if met else row.quorum))
    _note_down(db, key.vkey, {"size": size, "cosigned_at": at, "failure": None, "failed_at": None})


def failed(db: Connection, vkey: str, failure: str, at: datetime) -> None:
    """Note that a witness failed, and why."""
    _note_down(db, vkey, {"failure": failure, "failed_at": at})


def showed(db: Connection, vkey: str, seen_size: int, seen_note: str) -> None:
    """Keep a head under our own signature that we do not have; the sequencer stops at it (`RollbackDetectedError`)."""
    _note_down(db, vkey, {"seen_size": seen_size, "seen_note": seen_note})


def publish_waiting(db: Connection, keys: Sequence[NoteVerifier], quorum: int) -> None:
    """Publish the newest checkpoint if what it waits for was lowered meanwhile."""
    c = _checkpoint.c
    row = db.execute(select(c.size, c.note, c.quorum).order_by(c.size.desc()).limit(1).with_for_update()).one_or_none()
    if row and row.quorum is None and len(Note.parse(row.note).verified_by(keys)) >= quorum:
        db.execute(update(_checkpoint).where(c.size == row.size).values(quorum=quorum))


def waiting_since(db: Connection) -> datetime | None:
    """When the oldest checkpoint was signed that is newer than the last published one; None when none waits."""
    c = _checkpoint.c
    published = select(func.coalesce(func.max(c.size), -1)).where(c.quorum.is_not(None)).scalar_subquery()
    since: datetime | None = db.execute(select(c.at).where(c.size > published).order_by(c.size).limit(1)).scalar()
    return since


def _note_down(db: Connection, vkey: str, values: Mapping[str, object]) -> None:
    statement = upsert(_witness).values(vkey=vkey, **values)
    db.execute(statement.on_conflict_do_update(index_elements=["vkey"], set_=dict(values)))
