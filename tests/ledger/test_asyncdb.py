"""Steps carried out on the event loop, over libpq itself."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING, Self

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from ledger.asyncdb import AsyncDatabase

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ledger.db import Database
    from ledger.steps import Steps

INSERT = "INSERT INTO public.thing (id, word) VALUES (%(id)s, %(word)s)"


@pytest.fixture(autouse=True)
def thing(database: Database) -> None:
    with database.unit() as db:
        db.execute(text("CREATE TABLE IF NOT EXISTS public.thing (id int PRIMARY KEY, word text)"))
        db.execute(text("TRUNCATE public.thing"))


def words(database: Database) -> list[str]:
    with database.unit() as db:
        return list(db.execute(text("SELECT word FROM public.thing ORDER BY id")).scalars())


def insert(id_: int, word: str) -> Steps[None]:
    yield INSERT, {"id": id_, "word": word}


def ask(sql: str) -> Steps[object]:
    rows = yield sql, {}
    return rows[0][0]


def wait_for_sleeper(database: Database) -> None:
    """Until PostgreSQL is at work on the statement that takes long."""
    busy = text("SELECT 1 FROM pg_stat_activity WHERE query LIKE '%FROM pg_sleep%' AND wait_event = 'PgSleep'")
    with database.engine.connect() as db:
        while db.execute(busy).first() is None:
            db.rollback()


def on_loop(act: Callable[[AsyncDatabase], Awaitable[None]], url: str, size: int = 2, patience: float = 15.0) -> None:
    async def main() -> None:
        held = AsyncDatabase(url, size=size, patience=patience)
        try:
            await act(held)
        finally:
            await held.close()

    asyncio.run(main())


class TestUnit:
    def test_commits_when_the_steps_end(self, database: Database) -> None:
        async def act(held: AsyncDatabase) -> None:
            await held.unit(insert(1, "a"))

        on_loop(act, database.url)
        assert words(database) == ["a"]

    def test_rolls_back_when_they_raise_and_gives_the_line_back(self, database: Database) -> None:
        def failing() -> Steps[None]:
            yield INSERT, {"id": 1, "word": "a"}
            raise KeyError

        async def act(held: AsyncDatabase) -> None:
            for _ in range(3):
                with pytest.raises(KeyError):
                    await held.unit(failing())
            await held.unit(insert(2, "b"))

        on_loop(act, database.url, size=1)
        assert words(database) == ["b"]

    def test_a_broken_rule_arrives_in_the_steps_and_undoes_the_unit(self, database: Database) -> None:
        def steps() -> Steps[None]:
            yield INSERT, {"id": 1, "word": "a"}
            try:
                yield INSERT, {"id": 1, "word": "b"}
            except psycopg.errors.UniqueViolation as error:
                raise LookupError(error.diag.constraint_name) from error

        async def act(held: AsyncDatabase) -> None:
            with pytest.raises(LookupError, match="thing_pkey"):
                await held.unit(steps())
            await held.unit(insert(3, "c"))

        on_loop(act, database.url, size=1)
        assert words(database) == ["c"]

    def test_every_kind_of_value_comes_back_as_it_went(self, database: Database) -> None:
        given = {"a": "文字 %", "b": b"\x00\xff", "c": 2**40, "d": ["x", "y"], "e": None, "f": True}

        def steps() -> Steps[tuple[object, ...]]:
            rows = yield (
                "SELECT %(a)s::text, %(b)s::bytea, %(c)s::bigint, %(d)s::text[], %(e)s::text, %(f)s::bool, '100%%'",
                given,
            )
            return rows[0]

        async def act(held: AsyncDatabase) -> None:
            for _ in range(2):  # prepared, then by name
                assert await held.glance(steps()) == (*given.values(), "100%")

        on_loop(act, database.url)

    def test_a_statement_larger_than_the_sockets_room(self, database: Database) -> None:
        large = "x" * 8_000_000

        async def act(held: AsyncDatabase) -> None:
            await held.unit(insert(1, large))

        on_loop(act, database.url)
        assert words(database) == [large]


class TestLines:
    def test_more_tasks_than_connections_take_turns(self, database: Database) -> None:
        async def act(held: AsyncDatabase) -> None:
            await asyncio.gather(*(held.unit(insert(number, str(number))) for number in range(20)))
            assert await held.glance(
                ask(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'INSERT%%'"
                )
            ) in {0, 1, 2}

        on_loop(act, database.url, size=2)
        assert len(words(database)) == 20

    def test_goes_on_after_every_connection_was_cut(self, database: Database) -> None:
        async def act(held: AsyncDatabase) -> None:
            await asyncio.gather(*(held.unit(insert(number, "a")) for number in range(2)))
            with database.unit() as db:
                db.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                )
            for number in range(2, 5):
                try:
                    await held.unit(insert(number, "b"))
                except psycopg.OperationalError:
                    await held.unit(insert(number, "b"))

        on_loop(act, database.url)
        assert len(words(database)) == 5

    def test_a_task_given_up_leaves_no_answer_to_the_next(self, database: Database) -> None:
        async def act(held: AsyncDatabase) -> None:
            waiting = asyncio.create_task(held.glance(ask("SELECT 'old' FROM pg_sleep(30)")))
            await asyncio.to_thread(wait_for_sleeper, database)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            for _ in range(4):
                assert await held.glance(ask("SELECT 'new'")) == "new"

        on_loop(act, database.url)

    def test_does_not_wait_for_a_server_that_froze(self, database: Database) -> None:
        with Frozen(database.url) as frozen:

            async def act(held: AsyncDatabase) -> None:
                assert await held.glance(ask("SELECT 1")) == 1
                frozen.freeze.set()
                with pytest.raises(psycopg.OperationalError, match="no answer"):
                    await held.glance(ask("SELECT 2"))

            on_loop(act, frozen.url, patience=2)


class Frozen:
    """A door to PostgreSQL that can stop passing bytes on without hanging up."""

    def __init__(self, url: str) -> None:
        held = make_url(url)
        self._behind = (held.host or "127.0.0.1", held.port or 5432)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = held.set(host="127.0.0.1", port=self._door.getsockname()[1]).render_as_string(hide_password=False)
        self.freeze = threading.Event()
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for each in [self._door, *self._sockets]:
            each.close()

    def _accept(self) -> None:
        try:
            while True:
                near, _ = self._door.accept()
                far = socket.create_connection(self._behind)
                self._sockets += [near, far]
                threading.Thread(target=self._pass, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self._pass, args=(far, near, False), daemon=True).start()
        except OSError:
            return

    def _pass(self, source: socket.socket, target: socket.socket, asking: bool) -> None:
        try:
            while data := source.recv(65536):
                if asking and self.freeze.is_set():
                    return
                target.sendall(data)
        except OSError:
            return
