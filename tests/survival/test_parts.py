"""The embedded PostgreSQL whose system calls fail (RELIABILITY D3): an error, a full disk or a kill at the Nth call.

`strace -e inject` (Debian package `strace`) makes single calls of the real server fail. What was acknowledged must be
there afterwards, and the log whole. A failed fsync must never be tried again: PostgreSQL panics and recovers from its
log, and so the commit was not acknowledged.
"""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from api.stack.supervisor import Stack
from ledger import store, tables
from ledger.crosscheck import Beside
from ledger.db import Database
from ledger.errors import StorageFullError
from ledger.fsck import fsck
from tests.ledger.logs import Log
from tests.survival.site import until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not on this machine")

ENOUGH = 12
"""Acknowledged batches after which a fault has had its chance."""


FAILURES = (DBAPIError, StorageFullError, psycopg.OperationalError)
"""How a unit may end whose commit is not acknowledged; COPY goes past SQLAlchemy and its names."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A PostgreSQL of this module's own."""
    with_postgres = Stack(tmp_path_factory.mktemp("parts"))
    with_postgres.up(only=("postgres",))
    yield with_postgres
    with_postgres.down()


@pytest.fixture
def log(server: Stack) -> Iterator[Log]:
    """A log in it."""
    engine = create_engine(server.parts.database_url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS ledger CASCADE"))
        connection.execute(text("CREATE SCHEMA ledger"))
        tables.metadata.create_all(connection)
    engine.dispose()
    database = Database(server.parts.database_url)
    held = Log(database)
    database.close()  # the next connections are made under strace
    yield held
    database.close()


@contextmanager
def failing(server: Stack, fault: str) -> Iterator[None]:
    """Every process of the server with a fault injected, each counting its own calls."""
    postmaster = server.pids["postgres"]
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    attach = [argument for pid in (str(postmaster), *children) for argument in ("-p", pid)]
    call = fault.partition(":")[0]  # only what is traced can fail
    what = ["-e", f"trace={call}", "-e", f"inject={fault}", "-o", "/dev/null"]
    tracer = subprocess.Popen(["strace", "-f", "-qq", *what, *attach])
    try:
        until(lambda: _is_traced(postmaster) or None)
        yield
    finally:
        tracer.terminate()
        tracer.wait(20)


def _is_traced(pid: int) -> bool:
    return "TracerPid:\t0" not in Path(f"/proc/{pid}/status").read_text()


class TestPostgres:
    @pytest.mark.parametrize(
        "fault",
        [
            "fdatasync:error=EIO:when=3",
            "fdatasync:signal=KILL:when=3",
            "pwrite64:error=ENOSPC:when=2",
            "pwrite64:error=EIO:when=7",
            "pwrite64:signal=KILL:when=4",
        ],
    )
    def test_what_was_acknowledged_is_there(self, server: Stack, log: Log, fault: str) -> None:
        acknowledged: list[str] = []
        failures = 0
        with failing(server, fault):
            while len(acknowledged) < 7 * ENOUGH and failures < 5:
                try:
                    acknowledged += log.append(7)
                    log.integrate()
                except FAILURES:
                    failures += 1
                    until(lambda: _answers(log))
        assert failures > 0, "the fault hit nothing"
        until(lambda: _answers(log))
        acknowledged += log.append(7)
        log.integrate()
        with log.database.unit() as db:
            states = store.entry_states(db, acknowledged)
        assert {state.state.value for state in states.values()} == {"integrated"}
        report = fsck(log.database, log.key, beside=Beside())
        assert (report.as_json()["defects"], report.pending) == ([], 0)
        assert report.entries >= len(acknowledged)


def _answers(log: Log) -> bool | None:
    """Whether the server has recovered."""
    try:
        with log.database.unit() as db:
            return store.log_head(db) is not None
    except FAILURES:
        return None
