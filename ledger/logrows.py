"""Pages of what a log shows the world: its checkpoints with their cosignatures, and the anchors that hold them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from ledger import tables

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_checkpoint = tables.checkpoint
_anchor = tables.anchor


@dataclass(frozen=True, slots=True)
class ShownAnchor:
    """Where the chain holds a checkpoint.

    Attributes:
        transaction: hash of the one that brought it, 32 bytes; None where it was found there without one of ours.
        block_number, block_hash, block_time: the block whose state proves it.
    """

    transaction: bytes | None
    block_number: int
    block_hash: bytes
    block_time: datetime


@dataclass(frozen=True, slots=True)
class ShownCheckpoint:
    """A published checkpoint as signed note with its cosignatures, and its anchor, where there is one."""

    size: int
    note: str
    at: datetime
    anchor: ShownAnchor | None


def checkpoints(
    db: Connection, *, before: int | None = None, after: int | None = None, anchored: bool = False, limit: int
) -> list[ShownCheckpoint]:
    """A page of published checkpoints.

    Args:
        before: of smaller sizes, the greatest first.
        after: of greater sizes, the smallest first: the first of them covers entry number `after`. Else the newest.
        anchored: only those that the chain holds.
    """
    c, a = _checkpoint.c, _anchor.c
    held = (a.size == c.size) & (a.state == "confirmed")
    query = select(c.size, c.note, c.at, a.tx_hash, a.block_number, a.block_hash, a.block_time)
    query = query.join_from(_checkpoint, _anchor, held, isouter=not anchored).where(c.quorum.is_not(None))
    place = a.size if anchored else c.size
    if after is not None:
        query = query.where(place > after).order_by(place)
    else:
        query = (query if before is None else query.where(place < before)).order_by(place.desc())
    return [
        ShownCheckpoint(
            row.size, row.note, row.at, _shown(row.tx_hash, row.block_number, row.block_hash, row.block_time)
        )
        for row in db.execute(query.limit(limit))
    ]


def anchor_proof(db: Connection, size: int) -> dict[str, Any] | None:
    """What proves that the chain holds the checkpoint of a size: section `chain` of bundles; None where it does not."""
    a = _anchor.c
    proof: dict[str, Any] | None = db.execute(
        select(a.proof).where(a.size == size, a.state == "confirmed")
    ).scalar_one_or_none()
    return proof


def _shown(transaction: bytes | None, number: int | None, block_hash: bytes, time: datetime) -> ShownAnchor | None:
    if number is None:
        return None
    return ShownAnchor(None if transaction is None else bytes(transaction), number, bytes(block_hash), time)
