"""The sequencer on real PostgreSQL: order, tiles, one leader, crashes, and what it refuses to sign."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.exc import IntegrityError, OperationalError

from ledger import merkle, proofs, store
from ledger.db import Database
from ledger.errors import (
    LogDivergedError,
    LogExistsError,
    LogMismatchError,
    LogMissingError,
    RollbackDetectedError,
    TileNotFoundError,
)
from ledger.fsck import fsck
from ledger.merkle import LeafNodes
from ledger.note import NoteSigner, open_checkpoint
from ledger.sequencer import Sequencer, create_log
from ledger.steps import run
from ledger.tiles import Tile, TileAddress, encode_entries
from tests.ledger.logs import ORIGIN, Log

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import Any


@pytest.fixture
def log(database: Database) -> Log:
    return Log(database)


@pytest.fixture
def other_process(log: Log) -> Iterator[Database]:
    """Connections of another process."""
    database = Database(log.database.url)
    yield database
    database.close()


def leaves_of(log: Log) -> list[bytes]:
    with log.database.unit() as db:
        return [leaf for _, leaf in store.indexed_leaves(db, 0, 1 << 40)]


def root_of(leaves: list[bytes]) -> bytes:
    return merkle.root(LeafNodes([merkle.leaf_hash(leaf) for leaf in leaves]), len(leaves))


class TestCreateLog:
    def test_makes_it_once(self, log: Log) -> None:
        with log.database.unit() as db, pytest.raises(LogExistsError):
            create_log(db, "other", bytes(4))
        assert log.run("SELECT origin, size FROM ledger.log") == [(ORIGIN, 0)]


class TestIndexBatch:
    def test_gives_indices_in_the_order_of_insertion(self, log: Log) -> None:
        ids = [*log.append(5), *log.append(700), *log.append(1)]
        assert [log.sequencer.index_batch(limit=300) for _ in range(4)] == [300, 300, 106, 0]
        rows = log.run("SELECT id::text FROM ledger.entry ORDER BY idx")
        assert [row[0] for row in rows] == ids
        head = log.run("SELECT size, root FROM ledger.log")[0]
        assert (head[0], bytes(head[1])) == (706, root_of(leaves_of(log)))

    def test_writes_the_tiles_of_the_standard(self, log: Log) -> None:
        log.append(600)
        log.integrate()
        leaves = leaves_of(log)
        hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
        with log.database.unit() as db:
            assert store.tile_bytes(db, TileAddress(0, 1)) == b"".join(hashes[256:512])
            assert store.tile_bytes(db, TileAddress(0, 2, 88)) == b"".join(hashes[512:])
            assert store.tile_bytes(db, TileAddress(0, 2, 10)) == b"".join(hashes[512:522])
            above = store.tile_bytes(db, TileAddress(1, 0, 2))
            assert above == b"".join(merkle.fold_complete(hashes[at : at + 256]) for at in (0, 256))
            assert store.tile_bytes(db, TileAddress(None, 2, 88)) == encode_entries(leaves[512:])
            for absent in ((0, 2, 89), (0, 3, 1), (1, 0, 3), (None, 2, 89), (9, 0, 1), (0, 2**62, 1), (None, 2**60, 1)):
                with pytest.raises(TileNotFoundError):
                    store.tile_bytes(db, TileAddress(*absent))

    def test_never_rewrites_a_full_tile(self, log: Log) -> None:
        log.append(256)
        log.integrate()
        before = log.run("SELECT xmin::text FROM ledger.tile WHERE level = 0 AND n = 0")
        log.append(300)
        log.integrate()
        assert log.run("SELECT xmin::text FROM ledger.tile WHERE level = 0 AND n = 0") == before

    def test_a_tile_never_gets_narrower(self, log: Log) -> None:
        log.append(9)
        log.integrate()
        with log.database.unit() as db:
            before = store.tile_bytes(db, TileAddress(0, 0, 9))
            head = store.log_head(db)
            assert head is not None
            assert run(db, store.grow(head, head.size, head.root, [Tile(0, 0, bytes(32 * 8))]))
            assert store.tile_bytes(db, TileAddress(0, 0, 9)) == before

    def test_looks_up_pending_entries_by_index_in_a_large_log(self, log: Log) -> None:
        log.run(
            "INSERT INTO ledger.entry (id, leaf, idx, created_at)"
            " SELECT gen_random_uuid(), 'x'::bytea, 1000000 + n, now() FROM generate_series(1, 100000) n"
        )
        log.run(
            "INSERT INTO ledger.entry (id, leaf, created_at)"
            " SELECT gen_random_uuid(), 'x'::bytea, now() FROM generate_series(1, 5000) n"
        )
        log.run("ANALYZE ledger.entry")
        with log.database.unit() as db:
            store.try_lead(db)
            query = store._INDEX % {"size": "0", "limit": "4096"}
            plan = "\n".join(row[0] for row in db.exec_driver_sql(f"EXPLAIN {query}"))
        assert plan.count("Seq Scan") == plan.count("Merge Join") == plan.count("Hash Join") == 0
        assert "ix_entry_pending" in plan
        assert "pk_entry" in plan

    def test_does_nothing_while_another_process_leads(self, log: Log, other_process: Database) -> None:
        log.append(3)
        with other_process.engine.begin() as db:
            assert store.try_lead(db)
            assert log.sequencer.index_batch() == 0
            assert log.sequencer.publish() is None
        assert log.sequencer.index_batch() == 3

    def test_needs_its_own_log(self, log: Log) -> None:
        stranger = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
        renamed = NoteSigner("other", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
        log.append(1)
        for signer in (stranger, renamed):
            with pytest.raises(LogMismatchError):
                Sequencer(log.database, signer, log.clock).index_batch()
        log.run("DELETE FROM ledger.log")
        with pytest.raises(LogMissingError):
            log.sequencer.index_batch()
        assert log.run("SELECT count(*) FROM ledger.entry WHERE idx IS NULL") == [(1,)]

    @pytest.mark.parametrize("step", ["index_pending", "grow"])
    @pytest.mark.parametrize("after_effect", [False, True])
    def test_a_failure_at_any_store_write_loses_nothing(
        self, log: Log, monkeypatch: pytest.MonkeyPatch, step: str, after_effect: bool
    ) -> None:
        log.append(300)
        log.integrate()
        ids = log.append(300)
        real = getattr(store, step)

        def failing(db: object, *args: object) -> object:
            if after_effect:
                real(db, *args)
            raise ConnectionError

        def failing_steps(*args: object) -> Generator[Any, Any, Any]:
            if after_effect:
                yield from real(*args)
            raise ConnectionError

        with monkeypatch.context() as patch:
            patch.setattr(store, step, failing_steps if step == "grow" else failing)
            with pytest.raises(ConnectionError):
                log.sequencer.index_batch()
        assert log.run("SELECT size FROM ledger.log") == [(300,)]
        log.integrate()
        assert log.run("SELECT count(*) FROM ledger.entry WHERE idx >= 300") == [(len(ids),)]
        assert fsck(log.database, log.key).defects == []

    def test_a_stopped_leader_that_wakes_up_cannot_write_over_a_newer_head(
        self, log: Log, other_process: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Both believe to lead: the lock is gone, as after a failed-over database. Only the unique index and the
        # compare-and-swap stand between them.
        monkeypatch.setattr(store, "try_lead", lambda db: True)
        log.append(3)
        real = store.index_pending
        sleeps = iter([True])

        def sleeping(db: object, size: int, limit: int) -> list[bytes]:
            if next(sleeps, False):
                other = threading.Thread(target=log.another_sequencer(other_process).index_batch)
                other.start()
                other.join()
                late = threading.Thread(target=log.append)
                late.start()
                late.join()
            return real(db, size, limit)  # type: ignore[arg-type]

        monkeypatch.setattr(store, "index_pending", sleeping)
        with pytest.raises((IntegrityError, LogDivergedError)):
            log.sequencer.index_batch()
        assert log.run("SELECT size FROM ledger.log") == [(3,)]
        monkeypatch.setattr(store, "index_pending", real)
        log.integrate()
        assert fsck(log.database, log.key).defects == []

    def test_the_swap_fails_on_a_head_that_moved(self, log: Log) -> None:
        with log.database.unit() as db:
            stale = store.log_head(db)
        log.append(3)
        log.sequencer.index_batch()
        assert stale is not None
        with log.database.unit() as db:
            assert not run(db, store.grow(stale, 1, bytes(32), []))


class TestPublish:
    def test_signs_what_a_stranger_can_check(self, log: Log) -> None:
        log.append(10)
        checkpoint = log.integrate()
        with log.database.unit() as db:
            published = store.newest_checkpoint(db)
        assert published is not None
        assert open_checkpoint(published.note, log.key) == checkpoint
        assert checkpoint is not None
        assert checkpoint.root == root_of(leaves_of(log))

    def test_signs_nothing_when_idle(self, log: Log) -> None:
        assert log.integrate() is None
        log.append(1)
        assert log.integrate() is not None
        assert log.integrate() is None

    def test_signs_at_most_once_a_second_even_across_a_restart(self, log: Log) -> None:
        log.append(1)
        log.integrate()
        log.append(1)
        log.sequencer.index_batch()
        assert log.sequencer.publish() is None
        restarted = log.another_sequencer()
        assert restarted.publish() is None
        log.clock.pass_(1)
        assert restarted.publish() is not None

    def test_a_clock_set_back_does_not_stop_it(self, log: Log) -> None:
        log.append(1)
        log.integrate()
        log.clock.pass_(-3600)
        log.append(1)
        assert log.integrate() is not None

    def test_each_extends_the_one_before(self, log: Log) -> None:
        heads = []
        for count in (1, 254, 1, 1, 300):
            log.append(count)
            heads.append(log.integrate())
        for old in heads:
            for new in heads:
                assert old is not None
                assert new is not None
                if old.size <= new.size:
                    with log.database.unit() as db:
                        proof = proofs.consistency(db, old.size, new.size)
                    merkle.verify_consistency(old.size, new.size, proof, old.root, new.root)

    @pytest.mark.parametrize(
        "damage",
        [
            "UPDATE ledger.log SET root = sha256('forged')",
            "UPDATE ledger.tile SET hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1) WHERE level = 0",
            "DELETE FROM ledger.tile",
            "UPDATE ledger.log SET size = 4",
        ],
    )
    def test_refuses_to_sign_over_damage(self, log: Log, damage: str) -> None:
        log.append(3)
        log.integrate()
        log.append(2)
        log.sequencer.index_batch()
        log.run(damage)
        log.clock.pass_(2)
        with pytest.raises(LogDivergedError):
            log.another_sequencer().publish()
        assert log.run("SELECT count(*) FROM ledger.checkpoint") == [(1,)]

    def test_refuses_a_tree_that_forgets_the_last_checkpoint(self, log: Log) -> None:
        log.append(3)
        log.integrate()
        log.run("UPDATE ledger.checkpoint SET root = sha256('what was signed')")
        log.append(2)
        with pytest.raises(LogDivergedError):
            log.integrate()

    @pytest.mark.parametrize("seen", ["checkpoint", "anchor"])
    def test_refuses_a_log_restored_from_before_what_it_published(self, log: Log, seen: str) -> None:
        log.append(3)
        log.integrate()
        if seen == "checkpoint":
            log.run("INSERT INTO ledger.checkpoint SELECT 9, root, note, at FROM ledger.checkpoint")
        else:
            log.run("INSERT INTO ledger.anchor (size, root, state) SELECT 9, root, 'confirmed' FROM ledger.log")
        log.append(1)
        with pytest.raises(RollbackDetectedError):
            log.sequencer.index_batch()
        with pytest.raises(RollbackDetectedError):
            log.another_sequencer().publish()


class TestProofs:
    def test_agree_with_the_tree_in_memory(self, log: Log) -> None:
        log.append(700)
        log.integrate()
        nodes = LeafNodes([merkle.leaf_hash(leaf) for leaf in leaves_of(log)])
        with log.database.unit() as db:
            for index, size in [(0, 1), (0, 700), (699, 700), (255, 256), (256, 511), (300, 513), (511, 700)]:
                assert proofs.inclusion(db, index, size) == merkle.inclusion_proof(nodes, index, size)
            for old, new in [(0, 700), (1, 700), (256, 512), (257, 700), (699, 700), (700, 700)]:
                assert proofs.consistency(db, old, new) == merkle.consistency_proof(nodes, old, new)
            assert proofs.root(db, 513) == merkle.root(nodes, 513)

    def test_say_so_when_the_log_is_shorter(self, log: Log) -> None:
        log.append(3)
        log.integrate()
        with log.database.unit() as db:
            with pytest.raises(LogDivergedError):
                proofs.inclusion(db, 3, 5)
            with pytest.raises(ValueError, match="no leaf"):
                proofs.inclusion(db, 5, 5)


class TestRun:
    def test_two_leaders_make_one_log(self, log: Log, other_process: Database) -> None:
        with running(log.another_sequencer(), log.another_sequencer(other_process)):
            writers = [threading.Thread(target=lambda: [log.append(40) for _ in range(10)]) for _ in range(2)]
            for writer in writers:
                writer.start()
            for writer in writers:
                writer.join()
            until(lambda: log.run("SELECT size FROM ledger.log") == [(800,)])
        log.integrate()
        report = fsck(log.database, log.key)
        assert (report.entries, report.records, report.defects) == (800, 800, [])

    def test_lives_through_a_database_that_drops_its_connections(self, log: Log, other_process: Database) -> None:
        with running(log.another_sequencer(other_process)):
            log.append(1)
            until(lambda: log.run("SELECT size FROM ledger.log") == [(1,)])
            log.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            until(lambda: log.append(1))
            until(lambda: log.run("SELECT size FROM ledger.log") == [(2,)])

    def test_stops_on_what_needs_a_person(self, log: Log) -> None:
        log.append(1)
        log.run("UPDATE ledger.log SET root = sha256('forged')")
        stop = threading.Event()
        give_up = threading.Timer(5, stop.set)
        give_up.start()
        with pytest.raises(LogDivergedError):
            log.sequencer.run(stop)
        give_up.cancel()

    def test_killed_at_any_moment_loses_nothing_acknowledged(self, log: Log) -> None:
        acknowledged: list[str] = []
        for delay in (0.15, 0.3, 0.05):
            worker = subprocess.Popen(
                [sys.executable, "-m", "tests.ledger.append_until_killed", log.database.url],
                stdout=subprocess.PIPE,
                text=True,
            )
            assert worker.stdout is not None
            first = worker.stdout.readline()
            until_killed = threading.Timer(delay, os.kill, (worker.pid, signal.SIGKILL))
            until_killed.start()
            acknowledged += [first.strip(), *(line.strip() for line in worker.stdout if line.endswith("\n"))]
            worker.stdout.close()
            assert worker.wait() == -signal.SIGKILL
        until(lambda: lead_free(log))
        log.integrate()
        with log.database.unit() as db:
            states = store.entry_states(db, acknowledged)
        assert {status.state.value for status in states.values()} == {"integrated"}
        assert fsck(log.database, log.key).defects == []


@contextmanager
def running(*sequencers: Sequencer) -> Iterator[None]:
    """Sequencers at work in threads, stopped at the end whatever happens."""
    stop = threading.Event()
    threads = [threading.Thread(target=each.run, args=(stop,)) for each in sequencers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def lead_free(log: Log) -> bool:
    """The killed process's last statement may still be running in PostgreSQL."""
    with log.database.unit() as db:
        return store.try_lead(db)


def until(true: object, seconds: float = 90.0) -> None:
    end, pause = time.monotonic() + seconds, threading.Event()
    while True:
        try:
            if true():  # type: ignore[operator]
                return
        except OperationalError:  # our own connection was among the dropped ones
            pass
        assert time.monotonic() < end, "waited too long"
        pause.wait(0.02)
