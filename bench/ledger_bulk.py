"""How many entries a second the ledger alone makes durable and integrated, in bulk (PERFORMANCE 4).

An entry counts when its unit is committed *and* a signed checkpoint covers it. As in service, one process appends and
another one sequences; nothing is simulated: same tables, same units, same fsync.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import store
from ledger.clock import SystemClock, rfc3339
from ledger.db import Database
from ledger.evidence import Evidence
from ledger.note import NoteSigner
from ledger.record import Record
from ledger.sequencer import Sequencer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from multiprocessing.synchronize import Event

    from ledger.clock import Clock


@dataclass(frozen=True, slots=True)
class BulkFigures:
    """What one run measured.

    Attributes:
        entries: how many were appended.
        append_seconds: until the last unit was committed.
        integrated_seconds: until a checkpoint covered all.
        entries_per_second: durable and integrated.
        worst_lag_seconds: longest wait of one batch from its commit to the checkpoint over it.
        synchronous_commit: the database's setting; the figure means nothing with `off`.
    """

    entries: int
    append_seconds: float
    integrated_seconds: float
    entries_per_second: float
    worst_lag_seconds: float
    synchronous_commit: str


def measure(
    database: Database, signer: NoteSigner, clock: Clock, *, batches: int = 60, batch: int = 1000, writers: int = 2
) -> BulkFigures:
    """Append `batches` x `batch` records and wait until all are integrated.

    Args:
        database: with a log created under `signer`; no other sequencer needs to be stopped, none needs to run.
        signer: the log's key.
        clock: the machine's.
        batches: units to commit, shared by the writers.
        batch: records in a unit.
        writers: appending threads. More than two only wait for each other (one interpreter).
    """
    with database.unit() as db:
        setting = db.exec_driver_sql("SHOW synchronous_commit").scalar_one()
    with _sequencer(database.url, signer):
        start = time.perf_counter()
        wall = clock.now()
        committed = _append(database, Evidence(signer.name, signer, clock), clock, batches // writers, batch, writers)
        appended = time.perf_counter() - start
        published = _published(database, [entry_id for entry_id, _ in committed])
        integrated = time.perf_counter() - start
    count = len(committed) * batch
    worst = max((published[entry_id] - at).total_seconds() for entry_id, at in committed)
    # The last checkpoint's own time, not that of our looking: within the clock's millisecond and never later.
    integrated = min(integrated, (max(published.values()) - wall).total_seconds())
    return BulkFigures(count, appended, integrated, count / integrated, worst, setting)


def _append(
    database: Database, evidence: Evidence, clock: Clock, share: int, batch: int, writers: int
) -> list[tuple[str, datetime]]:
    """Last entry and time of commit of every batch."""
    committed: list[tuple[str, datetime]] = []

    def write() -> None:
        for _ in range(share):
            records = [_record(clock, number) for number in range(batch)]
            with database.unit() as db:
                promises = evidence.append_many(db, records)
            committed.append((promises[-1].entry_id, clock.now()))

    threads = [threading.Thread(target=write) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return committed


def _published(database: Database, entry_ids: list[str]) -> dict[str, datetime]:
    """When a checkpoint covered each entry; waits until one covers all."""
    pause = threading.Event()
    while True:
        with database.unit() as db:
            states = store.entry_states(db, entry_ids)
            signed = {row.head.size: row.at for row in store.checkpoints(db, newest_first=True)}
        if all(status.checkpoint_size is not None for status in states.values()):
            return {entry_id: signed[status.checkpoint_size or 0] for entry_id, status in states.items()}
        pause.wait(0.02)


@contextmanager
def _sequencer(url: str, signer: NoteSigner) -> Iterator[None]:
    """The sequencer in a process of its own, running."""
    spawn = multiprocessing.get_context("spawn")
    ready, stop = spawn.Event(), spawn.Event()
    seed = signer.key.private_bytes_raw()
    process = spawn.Process(target=_sequence, args=(url, signer.name, seed, ready, stop), daemon=True)
    process.start()
    try:
        if not ready.wait(30):
            raise TimeoutError("the sequencer did not start")
        yield
    finally:
        stop.set()
        process.join(10)


def _sequence(url: str, name: str, seed: bytes, ready: Event, stop: Event) -> None:
    database = Database(url, pool_size=2)
    signer = NoteSigner(name, Ed25519PrivateKey.from_private_bytes(seed))
    sequencer = Sequencer(database, signer, SystemClock())
    sequencer.index_batch()
    ready.set()
    sequencer.run(stop)  # type: ignore[arg-type]  # an event between processes has the same methods
    database.close()


def _record(clock: Clock, number: int) -> Record:
    digest = f"{number:064x}"
    return Record(
        fact={
            "type": "evidence.recorded",
            "time": rfc3339(clock.now()),
            "digests": {"sha256": digest, "sm3": digest},
        },
        parties={"requester": "11310113XX00000A2R", "operator": "w-07", "case": f"C-{number}"},
    )
