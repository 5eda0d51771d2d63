"""Does the cost of an entry stay the same while the log grows? The ledger alone, with nothing, a million and ten in it.

The large logs are made by COPY: leaves, tiles, and the rows by which owners find their entries (the one table whose
index is not only appended to, since digests are random). Then the same bulk units are written to each in turn, so
that what else the machine does falls on all of them.
"""

from __future__ import annotations

import os
import statistics
import time
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import psutil
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import create_engine, text

from api import migrations
from api.stack.supervisor import Stack
from ledger import entryrows, keptrows, store
from ledger.clock import SystemClock
from ledger.db import Database
from ledger.evidence import Evidence
from ledger.kept import Keeping, KeptDocument, KeptDocuments
from ledger.merkle import leaf_hash
from ledger.note import NoteSigner
from ledger.sequencer import Sequencer, create_log
from ledger.steps import run
from ledger.tiles import WIDTH, Edge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.suite import Suite
    from ledger.promise import BatchPromise
    from ledger.steps import Statement

SIZES: Final = (0, 1_000_000, 10_000_000)
ROUNDS: Final = 9
BATCH: Final = 1000
UNITS: Final = 8
"""Bulk units of one round."""
_FILL: Final = 100 * WIDTH
_OWNER: Final = "019a0000-0000-7000-8000-000000000001"
_INDEXES: Final = ("ix_kept_reference", "ix_kept_digest_key")
_BESIDE: Final[Statement] = ("DELETE FROM ledger.kept WHERE entry_id = %(none)s::uuid", {"none": str(uuid.UUID(int=0))})


@dataclass(slots=True)
class Grown:
    """A log of some size at the start, and the rates it was written to at."""

    size: int
    database: Database
    documents: KeptDocuments
    sequencer: Sequencer
    rates: list[float]


def measure(suite: Suite, sizes: tuple[int, ...] = SIZES) -> None:
    """Make the logs, write to each in turn, compare."""
    with Stack(suite.folder / "flat") as stack:
        logs = []
        for size in sizes:
            began = time.perf_counter()
            logs.append(_log(stack.site.database_admin_url, size))
            suite.tell(f"flat: a log of {size} entries made in {time.perf_counter() - began:.0f} s")
        for turn in range(ROUNDS + 1):
            for log in logs if turn % 2 else logs[::-1]:
                rate = _write(log)
                if turn:  # the first round fills caches
                    log.rates.append(rate)
        for log in logs:
            log.database.close()
    rates = [statistics.median(log.rates) for log in logs]
    ratio = statistics.median(last / first for first, last in zip(logs[0].rates, logs[-1].rates, strict=True))
    shown = f"{ratio:.2f}  (" + ", ".join(f"{r:.0f}/s at {s:,}" for r, s in zip(rates, sizes, strict=True)) + ")"
    name = f"flat: entries a second at {sizes[-1]:,} over an empty log"
    suite.row(name, shown, ">= 0.8", ratio >= 0.8, ratio=ratio, rates=rates, pages=psutil.virtual_memory().total)


def _log(address: str, size: int) -> Grown:
    name = f"flat_{size}"
    server = create_engine(address, isolation_level="AUTOCOMMIT")
    with server.connect() as db:
        db.execute(text(f"create database {name}"))
    server.dispose()
    database = Database(address.rsplit("/", 1)[0] + f"/{name}", patience=900)
    signer = NoteSigner("cailian.example/log/flat", Ed25519PrivateKey.generate())
    clock = SystemClock()
    with database.unit() as db:
        migrations.upgrade(db)
        create_log(db, signer.name, signer.key_id)
    if size:
        _fill(database, size)
    sequencer = Sequencer(database, signer, clock)
    return Grown(size, database, KeptDocuments(Evidence(signer.name, signer, clock), sequencer, clock), sequencer, [])


def _fill(database: Database, size: int) -> None:
    """Entries as if sealed and sequenced long ago."""
    edge, at = Edge(0, {}), SystemClock().now()
    with database.unit() as db:
        for index in _INDEXES:
            db.exec_driver_sql(f"DROP INDEX ledger.{index}")
    for first in range(0, size, _FILL):
        count = min(_FILL, size - first)
        entries = [(str(uuid.UUID(int=(1 << 100) + first + n)), _leaf(first + n)) for n in range(count)]
        changed, places = edge.append([leaf_hash(leaf) for _, leaf in entries]), list(_places(entries, first))
        with database.unit() as db:
            db.exec_driver_sql("SET LOCAL synchronous_commit = off")
            head = store.log_head(db)
            assert head is not None
            entryrows.copy_entries(db, entries, at, first_index=first)
            keptrows.copy(db, places)
            assert run(db, store.grow(head, edge.size, edge.root(), changed))
    with database.unit() as db:
        db.exec_driver_sql("SET LOCAL maintenance_work_mem = '512MB'")
        db.exec_driver_sql("CREATE INDEX ix_kept_reference ON ledger.kept (owner, reference, entry_id)")
        db.exec_driver_sql("CREATE INDEX ix_kept_digest_key ON ledger.kept (digest_key)")
    with database.glance() as db:
        db.exec_driver_sql("VACUUM ANALYZE")
        db.exec_driver_sql("CHECKPOINT")


def _leaf(number: int) -> bytes:
    return b'{"c":"%b","v":1}' % urlsafe_b64encode(sha256(b"%d" % number).digest()).rstrip(b"=")


def _places(entries: list[tuple[str, bytes]], first: int) -> Iterator[keptrows.Place]:
    for number, (entry_id, _) in enumerate(entries, first):
        yield entry_id, _OWNER, f"filled-{number}", sha256(b"digest %d" % number).hexdigest()


def _write(log: Grown) -> float:
    """One round: units as a bulk request makes them, then a checkpoint; entries a second."""
    name = os.urandom(4).hex()
    batches = [
        [
            Keeping(_OWNER, "11310113XX00000A2R", KeptDocument(f"{name}-{u}-{n}", os.urandom(32).hex()))
            for n in range(BATCH)
        ]
        for u in range(UNITS)
    ]
    began = time.perf_counter()
    for batch in batches:
        with log.database.unit() as db:
            log.documents.anchor(db, batch, _beside)
    took = time.perf_counter() - began
    log.sequencer.publish()
    return UNITS * BATCH / took


def _beside(_promise: BatchPromise, _earlier: object) -> Statement:
    return _BESIDE
