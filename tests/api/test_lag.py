"""Deposits stop when nothing was anchored past limit 2, and only then (DESIGN 10)."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from api.errors import AnchorOverdueError
from api.node import Node
from ledger.steps import run

if TYPE_CHECKING:
    from api.stack.exchange import Exchange
    from ledger.db import Database

ENTRY = text("insert into ledger.entry (id, leaf, idx, created_at) values (:id, 'leaf', :idx, :at)")
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
        refuse(exchange, database)
        with database.unit() as db:
            db.execute(text("update ledger.entry set created_at = :at"), {"at": now - timedelta(hours=25)})
        with pytest.raises(AnchorOverdueError):
            refuse(exchange, database)
        with database.unit() as db:
            db.execute(ANCHOR, {"root": b"\0" * 32})
        refuse(exchange, database)
