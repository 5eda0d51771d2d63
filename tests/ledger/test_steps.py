"""Steps carried out in a thread's unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from psycopg.errors import UniqueViolation
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from ledger.steps import execute, run, together

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.db import Database
    from ledger.steps import Steps

INSERT = "INSERT INTO public.thing (id, word) VALUES (%(id)s, %(word)s)"


@pytest.fixture(autouse=True)
def thing(database: Database) -> Iterator[None]:
    with database.unit() as db:
        db.execute(text("CREATE TABLE public.thing (id int PRIMARY KEY, word text NOT NULL)"))
    yield
    with database.unit() as db:
        db.execute(text("DROP TABLE public.thing"))


def count(database: Database) -> int:
    with database.unit() as db:
        return int(db.execute(text("SELECT count(*) FROM public.thing")).scalar_one())


class TestRun:
    def test_gives_rows_and_returns_the_value(self, database: Database) -> None:
        def steps() -> Steps[str]:
            assert (yield INSERT, {"id": 1, "word": "a"}) == []
            rows = yield "SELECT word FROM public.thing WHERE id = %(id)s", {"id": 1}
            return str(rows[0][0])

        with database.unit() as db:
            assert run(db, steps()) == "a"

    def test_steps_may_yield_nothing(self, database: Database) -> None:
        def steps() -> Steps[int]:
            return 7
            yield "", {}

        with database.unit() as db:
            assert run(db, steps()) == 7

    def test_a_broken_rule_arrives_where_the_statement_was_yielded(self, database: Database) -> None:
        def steps() -> Steps[str]:
            yield INSERT, {"id": 1, "word": "a"}
            try:
                yield INSERT, {"id": 1, "word": "b"}
            except UniqueViolation as error:
                return str(error.diag.constraint_name)
            return "no rule broken"

        with database.engine.connect() as db:
            assert run(db, steps()) == "thing_pkey"
            db.rollback()
        assert count(database) == 0

    def test_other_errors_pass_by(self, database: Database) -> None:
        def steps() -> Steps[None]:
            yield "SELECT * FROM public.no_such_table", {}

        with pytest.raises(ProgrammingError), database.unit() as db:
            run(db, steps())


class TestTogether:
    def test_writes_all_in_one_statement(self, database: Database) -> None:
        with database.unit() as db:
            done = execute(db, together((INSERT, {"id": 1, "word": "a"}), (INSERT, {"id": 2, "word": "b"})))
        assert done == [(1,)]
        assert count(database) == 2

    def test_writes_none_where_one_fails(self, database: Database) -> None:
        statement = together((INSERT, {"id": 1, "word": "a"}), (INSERT, {"id": 2, "word": None}))
        with pytest.raises(Exception, match="null value"), database.unit() as db:
            execute(db, statement)
        assert count(database) == 0

    @pytest.mark.parametrize(("word", "written"), [("a", 2), ("other", 1)])
    def test_a_part_may_depend_on_the_first(self, database: Database, word: str, written: int) -> None:
        with database.unit() as db:
            execute(db, (INSERT, {"id": 1, "word": "a"}))
            head = ("UPDATE public.thing SET word = 'b' WHERE word = %(word)s RETURNING id", {"word": word})
            tail = (
                "INSERT INTO public.thing (id, word) SELECT %(id)s::int, %(word)s FROM head",
                {"id": 9, "word": "z"},
            )
            assert execute(db, together(head, tail)) == ([(1,)] if written == 2 else [])
        assert count(database) == written
