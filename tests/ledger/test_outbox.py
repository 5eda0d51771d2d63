"""The outbox: with the caller's act or not at all, at least once, never two workers at one message."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from ledger import outbox
from ledger.outbox import LEASE_SECONDS, MAX_ATTEMPTS, Message
from tests.ledger.logs import Log


@pytest.fixture
def log(database: object) -> Log:
    return Log(database)  # type: ignore[arg-type]


def emit(log: Log, *keys: str) -> list[bool]:
    with log.database.unit() as db:
        return [outbox.emit(db, "webhook", key, {"id": key}, log.clock.at) for key in keys]


def claim(log: Log, limit: int = 10) -> list[Message]:
    with log.database.unit() as db:
        return outbox.claim(db, limit, log.clock.now())


class TestEmit:
    def test_is_one_intent_however_often(self, log: Log) -> None:
        assert emit(log, "a", "a", "b") == [True, False, True]
        assert [(message.key, message.body, message.attempt) for message in claim(log)] == [
            ("a", {"id": "a"}, 1),
            ("b", {"id": "b"}, 1),
        ]

    def test_goes_with_the_callers_unit(self, log: Log) -> None:
        def act() -> None:
            with log.database.unit() as db:
                outbox.emit(db, "webhook", "a", {}, log.clock.at)
                raise LookupError

        with pytest.raises(LookupError):
            act()
        assert claim(log) == []


class TestClaim:
    def test_takes_no_more_than_asked_and_nothing_twice(self, log: Log) -> None:
        emit(log, "a", "b", "c")
        assert [message.key for message in claim(log, 2)] == ["a", "b"]
        assert [message.key for message in claim(log, 2)] == ["c"]
        assert claim(log) == []

    def test_does_not_wait_for_another_worker(self, log: Log) -> None:
        emit(log, "a", "b")
        found: list[str] = []

        def other() -> None:
            found.extend(message.key for message in claim(log))

        with log.database.unit() as db:
            mine = [message.key for message in outbox.claim(db, 1, log.clock.now())]
            worker = threading.Thread(target=other)
            worker.start()
            worker.join(timeout=60)
        assert (mine, found) == (["a"], ["b"])

    def test_comes_back_after_a_worker_died(self, log: Log) -> None:
        emit(log, "a")
        claim(log)
        log.clock.pass_(LEASE_SECONDS)
        assert [(message.key, message.attempt) for message in claim(log)] == [("a", 2)]

    def test_leaves_what_is_not_due(self, log: Log) -> None:
        with log.database.unit() as db:
            outbox.emit(db, "webhook", "later", {}, log.clock.at + timedelta(seconds=5))
        assert claim(log) == []
        log.clock.pass_(5)
        assert len(claim(log)) == 1


class TestDone:
    def test_ends_it(self, log: Log) -> None:
        emit(log, "a")
        (message,) = claim(log)
        with log.database.unit() as db:
            outbox.done(db, message, log.clock.now())
        log.clock.pass_(10**6)
        assert claim(log) == []
        assert emit(log, "a") == [False]


class TestFailed:
    def test_pauses_longer_each_time_and_gives_up_at_the_end(self, log: Log) -> None:
        emit(log, "a")
        pauses, dead = [], False
        for _ in range(MAX_ATTEMPTS):
            (message,) = claim(log)
            with log.database.unit() as db:
                dead = outbox.failed(db, message, "timeout", log.clock.now())
            ((due,),) = log.run("SELECT due_at FROM ledger.outbox")
            pauses.append(round((due - log.clock.at).total_seconds()))
            log.clock.at = due
        assert pauses == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10240]
        assert dead
        assert claim(log) == []
        assert log.run("SELECT last_error, attempts FROM ledger.outbox WHERE dead_at IS NOT NULL") == [("timeout", 12)]
