"""Upkeep of a node: an act that fails holds up no other."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from api import upkeep
from api.upkeep import Upkeep
from ledger.errors import LogFrozenError

if TYPE_CHECKING:
    from ledger.db import Database


def failing(error: Exception) -> Any:
    def act(_: Any) -> None:
        raise error

    return act


class TestOnce:
    def test_what_fails_is_named_and_the_rest_is_done(self, database: Database) -> None:
        done: list[str] = []
        acts = {"first": failing(ValueError("a row")), "second": lambda _: done.append("second")}
        assert Upkeep(database, acts, {"third": lambda _: done.append("third")}).once() == ["first"]
        assert done == ["second", "third"]

    def test_a_statement_that_fails_spoils_no_other_unit(self, database: Database) -> None:
        seen: list[int] = []
        acts = {
            "broken": lambda db: db.execute(text("SELECT 1 / 0")),
            "whole": lambda db: seen.append(db.execute(text("SELECT 1")).scalar_one()),
        }
        assert Upkeep(database, acts, {}).once() == ["broken"]
        assert seen == [1]

    def test_a_frozen_log_is_no_failure(self, database: Database) -> None:
        assert Upkeep(database, {"waits": failing(LogFrozenError())}, {}).once() == []


class TestRun:
    def test_goes_on_after_a_failure_until_stopped(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(upkeep, "SECOND", 0.01)
        stop, turns = threading.Event(), {"second": 0, "minute": 0}

        def count(_: Any) -> None:
            turns["second"] += 1
            if turns["second"] == 3:
                stop.set()
            raise ValueError

        def remember(_: Any) -> None:
            turns["minute"] += 1

        Upkeep(database, {"counting": count}, {"remembering": remember}).run(stop)
        assert turns == {"second": 3, "minute": 1}
