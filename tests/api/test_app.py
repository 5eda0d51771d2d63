"""The application around its routes: what a start that fails leaves behind."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from sqlalchemy import QueuePool, text

from api.app import lifespan
from api.node import Node

if TYPE_CHECKING:
    from api.stack.exchange import Exchange


class TestLifespan:
    def test_a_start_that_fails_leaves_no_connection(self, exchange: Exchange) -> None:
        app, node = FastAPI(), Node(exchange.settings)
        app.state.node = node
        with node.database.glance() as db:
            db.execute(text("select 1"))
        assert idle(node) == 1
        del node.policies  # so that the first look at them fails

        async def start() -> None:
            async with lifespan(app):
                pytest.fail("it started")

        with pytest.raises(AttributeError, match="policies"):
            asyncio.run(start())
        assert idle(node) == 0


def idle(node: Node) -> int:
    pool = node.database.engine.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedin()
