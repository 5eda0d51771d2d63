"""What stops when the log is behind, and what does not (DESIGN 10, RELIABILITY L5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from api.errors import AnchorOverdueError, MergeOverdueError
from api.lag import Lag
from api.settings import Settings
from ledger.clock import parse_rfc3339
from ledger.steps import run

if TYPE_CHECKING:
    from ledger.db import Database

SETTINGS = Settings(
    database_url="postgresql+psycopg://u@127.0.0.1/none",
    s3_endpoint="127.0.0.1:9",
    s3_access_key="node",
    s3_secret_key="none",
    chain_url="http://127.0.0.1:9",
)
ENTRY = text("insert into ledger.entry (id, leaf, idx, created_at) values (gen_random_uuid(), 'leaf', :idx, :at)")
CHECKPOINT = text("insert into ledger.checkpoint (size, root, note, at, quorum) values (:size, '', '', now(), :quorum)")
ANCHOR = text("insert into ledger.anchor (size, root, state) values (:size, '', 'confirmed')")
HOUR = 3600.0


class Log:
    """Entries of chosen ages, with or without index, checkpoint and anchor."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.unit() as db:
            for table in ("entry", "checkpoint", "anchor", "log"):
                db.execute(text(f"delete from ledger.{table}"))
            db.execute(text("insert into ledger.log (origin, key_id, size, root) values ('log', '', 9, sha256(''))"))

    def entry(self, age: float, index: int | None = 0) -> None:
        self.run(ENTRY, idx=index, at=datetime.now(UTC) - timedelta(seconds=age))

    def run(self, statement: Any, **values: object) -> None:
        with self.database.unit() as db:
            db.execute(statement, values)

    def stopped(self) -> list[str]:
        """What a process that looks now refuses, and why."""
        lag, found = Lag(SETTINGS), []
        with self.database.unit() as db:
            for name in ("bulk", "deposit"):
                try:
                    lag.refuse_bulk(db) if name == "bulk" else run(db, lag.refuse_deposit())
                except (AnchorOverdueError, MergeOverdueError) as error:
                    found.append(f"{name}: {error.code}")
        return found

    def warnings(self) -> list[str]:
        with self.database.unit() as db:
            return Lag(SETTINGS).warnings(db)


@pytest.fixture
def log(database: Database) -> Log:
    return Log(database)


class TestRefuse:
    @pytest.mark.parametrize(
        ("age", "stopped"),
        [
            (3.9 * HOUR, []),
            (4.1 * HOUR, ["bulk: anchor-overdue"]),
            (23.9 * HOUR, ["bulk: anchor-overdue"]),
            (24.1 * HOUR, ["bulk: anchor-overdue", "deposit: anchor-overdue"]),
        ],
    )
    def test_stops_first_bulk_then_deposits(self, log: Log, age: float, stopped: list[str]) -> None:
        log.entry(age)
        log.run(CHECKPOINT, size=1, quorum=0)
        assert log.stopped() == stopped
        log.run(ANCHOR, size=1)
        assert log.stopped() == []

    def test_counts_a_checkpoint_that_waits_for_witnesses_as_none(self, log: Log) -> None:
        log.entry(5 * HOUR)
        log.run(CHECKPOINT, size=1, quorum=None)
        log.run(ANCHOR, size=1)
        assert log.stopped() == ["bulk: anchor-overdue"]
        log.run(text("update ledger.checkpoint set quorum = 1"))
        assert log.stopped() == []

    def test_lets_promises_go_before_what_is_new(self, log: Log) -> None:
        log.entry(40, index=None)
        assert log.stopped() == []
        log.run(text("delete from ledger.entry"))
        log.entry(50, index=None)
        assert log.stopped() == ["bulk: merge-overdue", "deposit: merge-overdue"]

    def test_counts_what_has_no_index_as_unanchored(self, log: Log) -> None:
        log.entry(25 * HOUR, index=None)
        assert log.stopped() == ["bulk: anchor-overdue", "deposit: anchor-overdue"]

    def test_is_no_lag_where_nothing_was_ever_recorded(self, log: Log) -> None:
        assert (log.stopped(), log.warnings()) == ([], [])


class TestWarnings:
    @pytest.mark.parametrize(
        ("age", "said"),
        [(2.7 * HOUR, []), (2.9 * HOUR, ["of 14400 s"]), (16 * HOUR, ["of 14400 s"]), (17 * HOUR, ["of 86400 s"])],
    )
    def test_come_at_seventy_percent_of_a_limit(self, log: Log, age: float, said: list[str]) -> None:
        log.entry(age)
        log.run(CHECKPOINT, size=1, quorum=0)
        found = log.warnings()
        assert [warning.split("s ", 1)[1] for warning in found] == said
        assert all(warning.startswith("anchor lag") for warning in found)

    def test_come_for_promises_too(self, log: Log) -> None:
        log.entry(33, index=None)
        assert [warning.split()[0] for warning in log.warnings()] == ["merge"]


class TestReceipts:
    def test_say_since_when_an_anchor_is_overdue(self, log: Log) -> None:
        receipt: dict[str, Any] = {"sections": {"log": {}}}
        with log.database.unit() as db:
            assert Lag(SETTINGS).say(db, receipt) == {"sections": {"log": {}}}
        log.entry(6 * HOUR)
        with log.database.unit() as db:
            since = Lag(SETTINGS).say(db, receipt)["sections"]["notice"]["anchor_overdue_since"]
        assert abs(datetime.now(UTC) - timedelta(hours=2) - parse_rfc3339(since)) < timedelta(seconds=5)
