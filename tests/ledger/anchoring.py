"""A log that grows by hand, and chains to anchor it on."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from ledger import tables
from ledger.chain import Chain
from ledger.chainproof import log_id
from ledger.clock import rfc3339
from ledger.evidence import Evidence
from ledger.note import NoteSigner
from ledger.record import Record
from ledger.sequencer import Sequencer
from tests.ledger.chains import member_accounts

if TYPE_CHECKING:
    from ledger.db import Database
    from ledger.model import Checkpoint

ORIGIN = "log.example/310113"
LOG = log_id(ORIGIN)
MEMBER = secrets.token_bytes(32)
NOTE_KEY = b"\x07" * 32
SIGNER = NoteSigner(ORIGIN, Ed25519PrivateKey.generate())


class HandClock:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """The time on the dial."""
        return self.moment

    def turn(self, seconds: float = 5) -> None:
        """Let time pass."""
        self.moment += timedelta(seconds=seconds)


CLOCK = HandClock()


def new_chain(url: str, **options: Any) -> Chain:
    """Contracts of their own with our log registered."""
    chain = Chain(url, secrets.token_bytes(32), **options)
    chain.deploy(member_accounts([MEMBER]), 1)
    chain.register_log(LOG, NOTE_KEY, [MEMBER])
    return chain


def grow(database: Database, entries: int = 3) -> Checkpoint:
    """Append entries and publish a checkpoint."""
    CLOCK.turn()
    fact = {"type": "material.deposited", "time": rfc3339(CLOCK.now())}
    with database.unit() as db:
        Evidence(ORIGIN, SIGNER, CLOCK).append_many(db, [Record(fact, {}) for _ in range(entries)])
    sequencer = Sequencer(database, SIGNER, CLOCK)
    while sequencer.index_batch():
        pass
    checkpoint = sequencer.publish()
    assert checkpoint is not None
    return checkpoint


def states(database: Database) -> dict[int, str]:
    """State of every row, void ones left out."""
    c = tables.anchor.c
    with database.unit() as db:
        return {row.size: row.state for row in db.execute(select(c.size, c.state).where(c.state != "void"))}
