"""All queries of the anchor worker on `ledger.anchor` and `ledger.chain_identity`.

States of a row: *sending* (an intent: the transaction is signed and may or may not have been sent), *confirmed* (proven
by a stored header and state proof), *void* (the chain does not have it, or no longer). At most one row is sending, by a
unique index; at most one row exists for a checkpoint, by the key. Rows are never deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from ledger import tables
from ledger.chain import Transaction
from ledger.chainproof import ChainIdentity

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.chain import AnchorProof

_anchor = tables.anchor
_identity = tables.chain_identity
_PROSPECT: Final = """
SELECT l.size, l.frozen_at IS NOT NULL,
  COALESCE((SELECT max(size) FROM ledger.checkpoint WHERE quorum IS NOT NULL), 0),
  GREATEST(0, (SELECT max(size) FROM ledger.anchor WHERE state = 'confirmed'),
    (SELECT max(size) FROM ledger.superior WHERE anchored_at IS NOT NULL)),
  EXISTS (SELECT FROM ledger.anchor WHERE state = 'sending'),
  (SELECT max(created_at) FROM ledger.anchor WHERE raw_tx IS NOT NULL)
FROM ledger.log l"""


@dataclass(frozen=True, slots=True)
class Sending:
    """The anchor in flight: size and root of its checkpoint, nonce and bytes of its transaction."""

    size: int
    root: bytes
    nonce: int
    transaction: Transaction


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A confirmed anchor and the block that proves it."""

    size: int
    root: bytes
    block_number: int
    block_hash: bytes


def identity(db: Connection) -> ChainIdentity | None:
    """The chain the rows belong to."""
    row = db.execute(select(_identity)).one_or_none()
    if row is None:
        return None
    return ChainIdentity(row.chain_id, row.genesis_hash, row.registry, row.anchor_address, row.code_hash)


def replace_identity(db: Connection, new: ChainIdentity) -> None:
    """Note which chain the rows belong to from now on."""
    values = {
        "chain_id": new.chain_id,
        "genesis_hash": new.genesis_hash,
        "registry": new.registry,
        "anchor_address": new.anchor,
        "code_hash": new.code_hash,
    }
    db.execute(upsert(_identity).values(id=1, **values).on_conflict_do_update(index_elements=["id"], set_=values))


def sending(db: Connection) -> Sending | None:
    """The anchor in flight."""
    c = _anchor.c
    row = db.execute(select(c.size, c.root, c.nonce, c.raw_tx, c.tx_hash).where(c.state == "sending")).one_or_none()
    return None if row is None else Sending(row.size, row.root, row.nonce, Transaction(row.raw_tx, row.tx_hash))


def newest_confirmed(db: Connection) -> Confirmed | None:
    """The confirmed anchor of the greatest size."""
    c = _anchor.c
    query = select(c.size, c.root, c.block_number, c.block_hash).where(c.state == "confirmed")
    row = db.execute(query.order_by(c.size.desc()).limit(1)).one_or_none()
    return None if row is None else Confirmed(row.size, row.root, row.block_number, row.block_hash)


def newest_proven_by(db: Connection, block_number: int) -> Confirmed | None:
    """The newest confirmed anchor whose block is not above a height."""
    c = _anchor.c
    query = select(c.size, c.root, c.block_number, c.block_hash).where(c.state == "confirmed")
    query = query.where(c.block_number <= block_number).order_by(c.size.desc()).limit(1)
    row = db.execute(query).one_or_none()
    return None if row is None else Confirmed(row.size, row.root, row.block_number, row.block_hash)


@dataclass(frozen=True, slots=True)
class Prospect:
    """What there is to anchor.

    Attributes:
        size, frozen: of the log.
        published: size of its newest published checkpoint.
        anchored: size of the greatest tree that is anchored, by us or through the log above.
        sending: an anchor is in flight.
        last_sent_at: when the last intent was written.
    """

    size: int
    frozen: bool
    published: int
    anchored: int
    sending: bool
    last_sent_at: datetime | None


def prospect(db: Connection) -> Prospect | None:
    """What there is to anchor, in one look; None where the database holds no log."""
    row = db.exec_driver_sql(_PROSPECT).one_or_none()
    return None if row is None else Prospect(*row)


def last_sent_at(db: Connection) -> datetime | None:
    """When the last intent was written."""
    query = select(func.max(_anchor.c.created_at)).where(_anchor.c.raw_tx.is_not(None))
    last: datetime | None = db.execute(query).scalar_one()
    return last


def intend(db: Connection, size: int, root: bytes, nonce: int, transaction: Transaction, at: datetime) -> bool:  # a row
    """Write the intent to anchor a checkpoint; False when it is anchored or in flight already.

    Raises:
        IntegrityError: another checkpoint is in flight.
    """
    values = {
        "root": root,
        "state": "sending",
        "nonce": nonce,
        "tx_hash": transaction.hash,
        "raw_tx": transaction.raw,
        "created_at": at,
    }
    statement = upsert(_anchor).values(size=size, **values)
    statement = statement.on_conflict_do_update(index_elements=["size"], set_=values, where=_anchor.c.state == "void")
    return db.execute(statement.returning(_anchor.c.size)).one_or_none() is not None


def confirm(db: Connection, proof: AnchorProof, at: datetime) -> None:
    """Keep a proven anchor, and let go of a smaller one in flight: the contract will never take it."""
    values = {
        "root": proof.head.root,
        "state": "confirmed",
        "block_number": proof.block_number,
        "block_hash": proof.block_hash,
        "block_time": datetime.fromtimestamp(proof.head.time, UTC),
        "proof": proof.section,
        "confirmed_at": at,
    }
    changed = db.execute(update(_anchor).where(_anchor.c.size == proof.head.size).values(values)).rowcount
    if not changed:
        db.execute(insert(_anchor).values(size=proof.head.size, created_at=at, **values))
    c = _anchor.c
    db.execute(update(_anchor).where(c.state == "sending", c.size < proof.head.size).values(state="void"))


def void(db: Connection, size: int) -> None:
    """Mark one anchor void."""
    db.execute(update(_anchor).where(_anchor.c.size == size).values(state="void"))


def void_confirmed_above(db: Connection, size: int) -> int:
    """Mark every confirmed anchor of a greater size void; how many there were."""
    c = _anchor.c
    return db.execute(update(_anchor).where(c.state == "confirmed", c.size > size).values(state="void")).rowcount


def void_all(db: Connection) -> int:
    """Mark every anchor void; how many there were."""
    return db.execute(update(_anchor).where(_anchor.c.state != "void").values(state="void")).rowcount
