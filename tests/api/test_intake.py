"""Group commit: durable before the answer, one unit for many, nobody spoiled by another."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from api.errors import IdempotencyKeyReusedError, MergeOverdueError
from api.idempotency import Answer, Answers
from api.intake import MOST, Intake
from ledger import store
from ledger.db import Database
from ledger.fsck import fsck
from ledger.promise import Promise
from ledger.steps import Steps, run
from tests.api.queue import KEY, Queue, keeping
from tests.ledger.logs import Log

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.fixture
def log(database: Database) -> Log:
    made = Log(database)
    made.run("TRUNCATE api.idempotency")
    return made


def with_queue(log: Log, act: Callable[[Queue], Awaitable[Any]]) -> Any:
    async def whole() -> Any:
        queue = Queue(log.database.url)
        try:
            return await act(queue)
        finally:
            await queue.close()

    return asyncio.run(whole())


def ask(intake: Intake, name: str, *, key: str | None = None, client: str = "client") -> Awaitable[Answer]:
    return intake.anchor(client, key or name, hashlib.sha256(name.encode()).digest(), keeping(name))


def all_of(log: Log, asked: Sequence[tuple[str, str]]) -> list[Any]:
    """Ask at once; answers or errors by place."""
    return with_queue(
        log,
        lambda queue: asyncio.gather(
            *(ask(queue.intake, name, key=key) for name, key in asked), return_exceptions=True
        ),
    )


def units(log: Log) -> int:
    """How many units wrote entries."""
    return int(log.run("SELECT count(DISTINCT xmin::text) FROM ledger.entry")[0][0])


class TestAnchor:
    def test_writes_what_waits_together_in_one_unit(self, log: Log) -> None:
        answers = all_of(log, [(str(number), str(number)) for number in range(50)])
        assert {answer.status for answer in answers} == {201}
        assert units(log) <= 2  # one for the first, one for all that came while it ran
        signatures = {json.loads(answer.body)["promise"]["signature"] for answer in answers}
        assert len(signatures) == units(log)
        for answer in answers:
            Promise.from_json(json.loads(answer.body)["promise"]).verify(log.key)

    def test_waits_for_who_is_at_the_door_and_for_nobody_later(self, log: Log) -> None:
        async def act(queue: Queue) -> None:
            intake, checked = queue.intake, asyncio.Event()

            async def come() -> Answer:
                with intake.arriving():
                    await checked.wait()
                return await ask(intake, "second")

            second = asyncio.ensure_future(come())
            await asyncio.sleep(0)
            first = asyncio.ensure_future(ask(intake, "first"))
            for _ in range(50):  # turns of the loop: a group that waits for nobody is taken in the first of them
                await asyncio.sleep(0)
            with intake.arriving():  # when the group is already being waited for
                checked.set()
                await asyncio.gather(first, second)

        with_queue(log, act)
        assert units(log) == 1

    def test_is_durable_and_indexed_before_it_answers(self, log: Log) -> None:
        (answer,) = all_of(log, [("a", "a")])
        entry_id = json.loads(answer.body)["entry_id"]
        with log.database.unit() as db:
            assert store.entry(db, entry_id).index == 0
            assert run(db, Answers(KEY).find("client", "a", None)) == answer

    def test_splits_more_than_a_group_may_have(self, log: Log) -> None:
        assert len(all_of(log, [(str(number), str(number)) for number in range(MOST + 30)])) == MOST + 30
        assert log.run("SELECT count(*) FROM ledger.kept") == [(MOST + 30,)]
        assert 2 <= units(log) <= 4

    def test_gives_one_answer_to_one_key_in_one_group(self, log: Log) -> None:
        answers = all_of(log, [("a", "k"), ("a", "k"), ("b", "b"), ("a", "k")])
        assert answers[0] == answers[1] == answers[3] != answers[2]
        assert log.run("SELECT count(*) FROM ledger.kept") == [(2,)]

    def test_answers_repetitions_among_new_requests(self, log: Log) -> None:
        before = all_of(log, [("a", "a"), ("b", "b")])
        after = all_of(log, [("c", "c"), ("a", "a"), ("d", "d"), ("b", "b"), ("x", "a")])
        assert [after[1], after[3]] == before
        assert isinstance(after[4], IdempotencyKeyReusedError)
        assert log.run("SELECT count(*) FROM ledger.kept") == [(4,)]
        assert log.run("SELECT count(*) FROM api.idempotency") == [(4,)]

    def test_keeps_clients_apart(self, log: Log) -> None:
        async def act(queue: Queue) -> list[Answer]:
            return list(
                await asyncio.gather(*(ask(queue.intake, "a", key="k", client=client) for client in ("one", "two")))
            )

        first, second = with_queue(log, act)
        assert json.loads(first.body)["entry_id"] != json.loads(second.body)["entry_id"]

    @pytest.mark.parametrize("key", ['a"b', "a\\b", "a,b", "{}", "NULL", "a b", "'"])
    def test_keeps_any_key(self, log: Log, key: str) -> None:
        first, again = all_of(log, [("a", key)]), all_of(log, [("a", key)])
        assert first == again
        assert log.run("SELECT key FROM api.idempotency") == [(key,)]

    def test_goes_on_waiting_while_a_frozen_process_leads(self, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("ledger.sequencer._LEAD_MILLISECONDS", 20)
        other = Database(log.database.url)
        with other.engine.begin() as frozen:
            assert store.try_lead(frozen)
            (answer,) = all_of(log, [("a", "a")])
        other.close()
        assert answer.status == 201
        assert log.run("SELECT idx FROM ledger.entry") == [(None,)]
        log.integrate()
        assert fsck(log.database, log.key).defects == []

    def test_says_so_when_the_log_is_behind_but_repeats_what_was_answered(self, log: Log) -> None:
        before = all_of(log, [("a", "a")])

        def shut() -> Steps[None]:
            yield from ()
            raise MergeOverdueError(seconds=50)

        async def act(queue: Queue) -> list[Any]:
            intake = Intake(queue.documents, Answers(KEY), queue.loop_database, shut)
            return list(await asyncio.gather(ask(intake, "a"), ask(intake, "b"), return_exceptions=True))

        held, refused = with_queue(log, act)
        assert held == before[0]
        assert isinstance(refused, MergeOverdueError)
        assert log.run("SELECT count(*) FROM ledger.entry") == [(1,)]

    def test_fails_all_of_a_group_and_takes_the_next(self, log: Log) -> None:
        log.run("ALTER TABLE ledger.kept ADD CONSTRAINT closed CHECK (reference <> 'REF-bad')")
        try:

            async def act(queue: Queue) -> list[Any]:
                first = await asyncio.gather(*(ask(queue.intake, n) for n in ("bad", "bad2")), return_exceptions=True)
                return [*first, await ask(queue.intake, "good")]

            *failed, good = with_queue(log, act)
        finally:
            log.run("ALTER TABLE ledger.kept DROP CONSTRAINT closed")
        assert isinstance(failed[0], psycopg.errors.CheckViolation)
        assert good.status == 201
        log.integrate()
        assert fsck(log.database, log.key).defects == []


class TestKill:
    def test_kill_9_at_any_moment_loses_nothing_acknowledged(self, log: Log) -> None:
        acknowledged: list[str] = []
        for wanted in (1, 40, 150):
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.api.queue", log.database.url], stdout=subprocess.PIPE, text=True
            )
            assert process.stdout is not None
            here: list[str] = []
            for line in process.stdout:
                if line.endswith("\n"):
                    here.append(line.strip())
                if len(here) == wanted:
                    threading.Timer(0.01, os.kill, (process.pid, signal.SIGKILL)).start()
            process.stdout.close()
            assert process.wait() == -signal.SIGKILL
            assert len(here) >= wanted
            acknowledged = here
            log.integrate()
            with log.database.unit() as db:
                for name in acknowledged:
                    answer = run(db, Answers(KEY).find("client", name, hashlib.sha256(name.encode()).digest()))
                    assert answer is not None
                    entry_id = json.loads(answer.body)["entry_id"]
                    assert store.entry_state(db, entry_id).state.value == "integrated"
            report = fsck(log.database, log.key)
            assert report.defects == []
            # Nothing is half there: every entry has its record, its place and its answer.
            for table in ("ledger.record", "ledger.kept", "api.idempotency"):
                assert log.run(f"SELECT count(*) FROM {table}") == [(report.entries,)]
            log.run("TRUNCATE api.idempotency")
            log = Log(log.database)
