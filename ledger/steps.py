"""Work on the database as steps, told apart from who carries them out.

The hot paths (a use, its delivery, the proof of who calls) run on the event loop; everything else, and every test, runs
in threads. So that the rules exist once, such work is a generator: it yields one statement, gets its rows, and returns
its result. `run` carries it out on a `Connection`, `ledger.asyncdb` on the loop.

A statement is SQL in psycopg's style with named parameters. Rows are plain tuples. A broken rule of the database
arrives where the statement was yielded, as psycopg's own error.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from sqlalchemy.exc import IntegrityError

if TYPE_CHECKING:
    from sqlalchemy import Connection

T = TypeVar("T")
Statement: TypeAlias = tuple[str, Mapping[str, Any]]
Rows: TypeAlias = Sequence[tuple[Any, ...]]
Steps: TypeAlias = Generator[Statement, Rows, T]

_PARAMETER: Final = re.compile(r"%\((\w+)\)s")


def run(db: Connection, steps: Steps[T]) -> T:
    """Carry out steps in the caller's unit.

    Raises:
        Exception: whatever the steps raise, and SQLAlchemy's errors that they do not catch.
    """
    try:
        statement = next(steps)
        while True:
            try:
                rows = execute(db, statement)
            except IntegrityError as error:
                if error.orig is None:
                    raise
                statement = steps.throw(error.orig)
            else:
                statement = steps.send(rows)
    except StopIteration as ended:
        return ended.value  # type: ignore[no-any-return]  # a generator's value has no type of its own


def execute(db: Connection, statement: Statement) -> Rows:
    """One statement in the caller's unit; its rows."""
    done = db.exec_driver_sql(statement[0], dict(statement[1]))
    return [tuple(row) for row in done] if done.returns_rows else []


def remembered(steps: Steps[T], known: dict[str, Rows]) -> Steps[T]:
    """Steps that ask the same question once: the rows of a statement that was carried out before are given again.

    For a glance that only reads, where nothing changes between two looks.

    Args:
        steps: reading only.
        known: rows by statement, shared by several steps of one glance.
    """
    try:
        statement = next(steps)
        while True:
            name = f"{statement[0]}\0{sorted(statement[1].items())!r}"
            if name not in known:
                known[name] = yield statement
            statement = steps.send(known[name])
    except StopIteration as ended:
        return ended.value  # type: ignore[no-any-return]  # as in `run`


def together(*statements: Statement) -> Statement:
    """Several writes as one statement: one round trip, and all of them or none.

    Each becomes a part of one WITH; none sees what another wrote. The first is named `head`, so that a later one may
    depend on it (`... FROM head`), and its rows are the rows of the whole, where it returns any.

    Args:
        statements: INSERT, UPDATE or DELETE, none beginning with WITH.
    """
    names = {
        f"s{number}_{name}": value for number, (_, given) in enumerate(statements) for name, value in given.items()
    }
    return _joined(tuple(sql for sql, _ in statements)), names


@lru_cache(256)
def _joined(texts: tuple[str, ...]) -> str:
    parts = [_PARAMETER.sub(rf"%(s{number}_\1)s", sql) for number, sql in enumerate(texts)]
    named = [f"{'head' if number == 0 else f'part{number}'} AS (\n{part}\n)" for number, part in enumerate(parts)]
    rows = "SELECT * FROM head" if "RETURNING" in texts[0] else "SELECT 1"
    return f"WITH {', '.join(named)}\n{rows}"
