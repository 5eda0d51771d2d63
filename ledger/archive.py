"""Where frozen logs lie, and how they are read: the same queries, looking into another schema.

The tables of the current log are those of the schema `ledger`; each frozen log keeps its own in `ledger_<number>`,
moved there by `ledger.shards`. Everything that reads a log with SQLAlchemy Core reads a frozen one `through` its
number: SQLAlchemy then writes the other schema's name. The hot path knows nothing of it (docs/decisions/0006).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, select

from ledger import tables
from ledger.db import Database
from ledger.errors import EntryNotFoundError, ShardNotFoundError
from ledger.model import Shard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOVED: Final = (
    tables.log,
    tables.entry,
    tables.tile,
    tables.checkpoint,
    tables.witness,
    tables.anchor,
    tables.superior,
)
"""Tables that belong to one log."""

SEEN: Final = (tables.record, tables.secret, tables.object_)
"""Tables of the node that readers of a log join: views of them stand beside a frozen log's own tables."""


def schema(number: int) -> str:
    """Name of the schema that holds a frozen log."""
    return f"ledger_{number}"


@contextmanager
def through(db: Connection, number: int | None) -> Iterator[None]:
    """Within the block, Core queries on this connection see the frozen log of that number; None: the current one."""
    if number is None:
        yield
        return
    db.execution_options(schema_translate_map={"ledger": schema(number)})
    try:
        yield
    finally:
        db.execution_options(schema_translate_map=None)


class ShardDatabase(Database):
    """A node's database as readers of one frozen log see it; shares connections with the ordinary one.

    Args:
        database: the node's.
        number: of the frozen log.
    """

    def __init__(self, database: Database, number: int) -> None:
        self.url = database.url
        self.engine = database.engine.execution_options(schema_translate_map={"ledger": schema(number)})
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")


def shards(db: Connection) -> list[Shard]:
    """The frozen logs, oldest first."""
    s = tables.shard.c
    rows = db.execute(select(s.number, s.origin, s.size, s.root, s.frozen_at, s.archived_at).order_by(s.number))
    return [Shard(row.number, row.origin, row.size, bytes(row.root), row.frozen_at, row.archived_at) for row in rows]


def shard(db: Connection, number: int) -> Shard:
    """One frozen log.

    Raises:
        ShardNotFoundError: no log of that number was frozen.
    """
    found = next((each for each in shards(db) if each.number == number), None)
    if found is None:
        raise ShardNotFoundError(number=number)
    return found


def number_of(db: Connection, entry_id: str) -> int | None:
    """Which frozen log holds an entry; None: the current one.

    Raises:
        EntryNotFoundError: no log has it.
    """
    here = select(tables.entry.c.id).where(tables.entry.c.id == entry_id)
    if db.execute(here).one_or_none() is not None:
        return None
    for number in numbers(db):
        with through(db, number):
            if db.execute(here).one_or_none() is not None:
                return number
    raise EntryNotFoundError


def numbers(db: Connection) -> Sequence[int]:
    """Numbers of the frozen logs, newest first: what is asked for is rarely old."""
    return db.execute(select(tables.shard.c.number).order_by(tables.shard.c.number.desc())).scalars().all()
