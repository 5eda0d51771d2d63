"""How many entries a second the ledger alone makes durable and integrated, in bulk (PERFORMANCE 4).

An entry counts when its unit is committed *and* a signed checkpoint covers it. Appending runs in two threads beside
the sequencer's, as in the worker; nothing is simulated: same tables, same units, same fsync as in service.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger import store
from ledger.clock import rfc3339
from ledger.evidence import Evidence
from ledger.record import Record
from ledger.sequencer import Sequencer

if TYPE_CHECKING:
    from ledger.clock import Clock
    from ledger.db import Database
    from ledger.note import NoteSigner


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
    database: Database, signer: NoteSigner, clock: Clock, *, batches: int = 40, batch: int = 1000, writers: int = 2
) -> BulkFigures:
    """Append `batches` x `batch` records and wait until all are integrated.

    Args:
        database: with a log created under `signer`; no other sequencer needs to be stopped, none needs to run.
        signer: the log's key.
        clock: the machine's.
        batches: units to commit, shared by the writers.
        batch: records in a unit.
        writers: appending threads.
    """
    evidence, stop = Evidence(signer.name, signer, clock), threading.Event()
    sequencer = Sequencer(database, signer, clock)
    with database.unit() as db:
        setting = db.exec_driver_sql("SHOW synchronous_commit").scalar_one()
    runner = threading.Thread(target=sequencer.run, args=(stop,), name="sequencer")
    runner.start()
    committed: list[tuple[float, str]] = []
    start = time.perf_counter()

    def write(share: int) -> None:
        for _ in range(share):
            records = [_record(clock, number) for number in range(batch)]
            with database.unit() as db:
                promises = evidence.append_many(db, records)
            committed.append((time.perf_counter() - start, promises[-1].entry_id))

    threads = [threading.Thread(target=write, args=(batches // writers,)) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    appended = time.perf_counter() - start
    waiting, worst = {entry_id: at for at, entry_id in committed}, 0.0
    published = {}
    while waiting:
        with database.unit() as db:
            states = store.entry_states(db, list(waiting))
            rows = {row.head.size: row.at for row in store.checkpoints(db, newest_first=True)}
        for entry_id, status in states.items():
            if status.checkpoint_size is not None:
                published[entry_id] = rows[status.checkpoint_size]
                waiting.pop(entry_id)
        stop.wait(0.02)
    integrated = time.perf_counter() - start
    stop.set()
    runner.join()
    wall = clock.now().timestamp() - (time.perf_counter() - start)
    for at, entry_id in committed:
        worst = max(worst, published[entry_id].timestamp() - wall - at)
    count = len(committed) * batch
    return BulkFigures(count, appended, integrated, count / integrated, worst, setting)


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
