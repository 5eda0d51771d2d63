"""A fresh log for each test, and what tests do to one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from api.adapters.witnesses import HttpWitnesses
from ledger.clock import rfc3339
from ledger.evidence import Evidence
from ledger.note import NoteSigner, NoteVerifier
from ledger.record import Record
from ledger.sequencer import Sequencer, create_log
from tests.emptied import empty

if TYPE_CHECKING:
    from ledger.db import Database
    from ledger.model import Checkpoint

ORIGIN = "log.test/cailian"


@dataclass
class HandClock:
    """A clock the test sets. Each look at it is a little later, as with a real one."""

    at: datetime = field(default_factory=lambda: datetime(2026, 11, 21, 4, tzinfo=UTC))

    def now(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at

    def pass_(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Log:
    """The log of one database with everything that works on it."""

    def __init__(self, database: Database, *, quorum: int = 0) -> None:
        self.database = database
        self.quorum = quorum
        self.line = HttpWitnesses(20.0)
        self.clock = HandClock()
        self.signer = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
        self.key = NoteVerifier.parse(self.signer.vkey)
        self.evidence = Evidence(ORIGIN, self.signer, self.clock)
        self.sequencer = self.another_sequencer()
        with database.unit() as db:
            empty(db, "ledger")
            create_log(db, ORIGIN, self.signer.key_id)

    def another_sequencer(self, database: Database | None = None) -> Sequencer:
        return Sequencer(database or self.database, self.signer, self.clock, quorum=self.quorum)

    def append(self, count: int = 1) -> list[str]:
        with self.database.unit() as db:
            promises = self.evidence.append_many(db, [note(self.clock, number) for number in range(count)])
        return [promise.entry_id for promise in promises]

    def record(self, fact: dict[str, Any], parties: dict[str, Any] | None = None) -> str:
        fact = {"time": rfc3339(self.clock.now()), **fact}
        with self.database.unit() as db:
            return self.evidence.append(db, Record(fact, parties or {"case": "C-1"})).entry_id

    def integrate(self) -> Checkpoint | None:
        """Index all that is pending and publish at once, as if a second had passed."""
        while self.sequencer.index_batch():
            pass
        self.clock.pass_(1.0)
        self.sequencer = self.another_sequencer()
        return self.sequencer.publish()

    def run(self, statement: str, **values: object) -> Any:
        """Do to the database what only an attacker or a broken disk does."""
        with self.database.unit() as db:
            result = db.execute(text(statement), values)
            return result.all() if result.returns_rows else result.rowcount


def note(clock: HandClock, number: int) -> Record:
    return Record({"type": "evidence.recorded", "time": rfc3339(clock.now()), "number": number}, {"case": "C-1"})


def digests(document: bytes) -> dict[str, str]:
    sm3 = hashes.Hash(hashes.SM3())
    sm3.update(document)
    return {"sha256": sha256(document).hexdigest(), "sm3": sm3.finalize().hex()}
