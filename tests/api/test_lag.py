"""Deposits stop when nothing was anchored past limit 2, and only then (DESIGN 10)."""

from __future__ import annotations

import uuid
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from api.errors import AnchorOverdueError, MergeOverdueError
from api.lag import BACKLOG
from api.node import Node
from ledger.steps import run

if TYPE_CHECKING:
    from api.stack.exchange import Exchange
    from ledger.db import Database

ENTRY = text("insert into ledger.entry (id, leaf, idx, created_at) values (:id, 'leaf', :idx, :at)")
CHECKPOINT = text("insert into ledger.checkpoint (size, root, note, at, quorum) values (1, :root, 'note', :at, 0)")
PENDING = text(
    "insert into ledger.entry (id, leaf, created_at)"
    " select gen_random_uuid(), 'leaf', :at from generate_series(1, :count)"
)
ANCHOR = text("insert into ledger.anchor (size, root, state) values (1, :root, 'confirmed')")


def refuse(exchange: Exchange, database: Database) -> None:
    """Ask a node made anew, since one remembers its lag for some seconds."""
    node = Node(exchange.settings.model_copy(update={"database_url": SecretStr(database.url)}))
    try:
        with node.database.unit() as db:
            run(db, node.refuse_when_overdue())
    finally:
        node.close()


class TestRefuseWhenOverdue:
    def test_stops_deposits_until_the_oldest_entry_is_anchored(self, exchange: Exchange, database: Database) -> None:
        now = datetime.now(UTC)
        refuse(exchange, database)
        with database.unit() as db:
            db.execute(ENTRY, {"id": str(uuid.uuid4()), "idx": 0, "at": now - timedelta(hours=23)})
            db.execute(CHECKPOINT, {"root": b"\0" * 32, "at": now})
        refuse(exchange, database)
        with database.unit() as db:
            db.execute(text("update ledger.entry set created_at = :at"), {"at": now - timedelta(hours=25)})
        with pytest.raises(AnchorOverdueError):
            refuse(exchange, database)
        with database.unit() as db:
            db.execute(ANCHOR, {"root": b"\0" * 32})
        refuse(exchange, database)


class TestMergeDelay:
    """RELIABILITY L5: intake stops before a promise is broken, by what the tables hold and not by a stopwatch."""

    @pytest.fixture(autouse=True)
    def _clean(self, database: Database) -> None:
        with database.unit() as db:
            db.execute(text("truncate ledger.entry, ledger.checkpoint, ledger.anchor"))

    @pytest.mark.parametrize(("seconds", "stopped"), [(40, False), (50, True)])
    @pytest.mark.parametrize("index", [None, 0])
    def test_stops_intake_before_the_oldest_promise_is_due(
        self, exchange: Exchange, database: Database, seconds: int, stopped: bool, index: int | None
    ) -> None:
        with database.unit() as db:
            at = datetime.now(UTC) - timedelta(seconds=seconds)
            db.execute(ENTRY, {"id": str(uuid.uuid4()), "idx": index, "at": at})
        with pytest.raises(MergeOverdueError) if stopped else nullcontext():
            refuse(exchange, database)

    def test_goes_on_when_a_checkpoint_covers_all(self, exchange: Exchange, database: Database) -> None:
        at = datetime.now(UTC) - timedelta(seconds=59)
        with database.unit() as db:
            db.execute(ENTRY, {"id": str(uuid.uuid4()), "idx": 0, "at": at})
            db.execute(CHECKPOINT, {"root": b"\0" * 32, "at": at})
        refuse(exchange, database)

    @pytest.mark.parametrize(("count", "stopped"), [(BACKLOG, False), (BACKLOG + 1, True)])
    def test_stops_intake_while_more_pends_than_can_be_indexed_in_time(
        self, exchange: Exchange, database: Database, count: int, stopped: bool
    ) -> None:
        with database.unit() as db:
            db.execute(PENDING, {"at": datetime.now(UTC), "count": count})
        with pytest.raises(MergeOverdueError) if stopped else nullcontext():
            refuse(exchange, database)
