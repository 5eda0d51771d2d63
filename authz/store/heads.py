"""Queries over the daily heads and the holders they are of. Lists go by page: a day has as many heads as holders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select

from authz import tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from ledger.tiles import Tile

_HOLDERS: Final = """
SELECT id::text, use_seq, use_head FROM authz.holder WHERE id > %(after)s::uuid AND use_seq > 0 ORDER BY id
LIMIT %(limit)s"""
_USES: Final = """
SELECT holder_seq, intent_entry_id::text FROM authz.use_ WHERE holder_id = %(holder)s AND opened_at < %(before)s
ORDER BY holder_seq DESC LIMIT %(limit)s"""


@dataclass(frozen=True, slots=True)
class Day:
    """A day's commitment: root over `count` heads, read after `time`, in the entry `entry_id`."""

    day: date
    count: int
    root: bytes
    time: datetime
    entry_id: str


def holders(db: Connection, after: str, limit: int) -> list[tuple[str, int, bytes]]:
    """(holder, number and leaf hash of its last use) of holders with uses, by id."""
    rows = db.exec_driver_sql(_HOLDERS, {"after": after, "limit": limit})
    return [(row[0], row[1], bytes(row[2])) for row in rows]


def uses(db: Connection, holder_id: str, before: datetime, limit: int) -> list[tuple[int, str]]:
    """(number, entry of the intent) of a holder's uses opened before a moment, newest first."""
    rows = db.exec_driver_sql(_USES, {"holder": holder_id, "before": before, "limit": limit})
    return [(row[0], row[1]) for row in rows]


def has(db: Connection, day: date) -> bool:
    """Whether a day was committed."""
    return get(db, day) is not None


def get(db: Connection, day: date) -> Day | None:
    """A day's commitment."""
    h = tables.heads.c
    row = db.execute(select(h.day, h.count, h.root, h.time, h.entry_id).where(h.day == day)).one_or_none()
    return None if row is None else _day(row)


def days(db: Connection, limit: int) -> list[Day]:
    """The last days committed, newest first."""
    h = tables.heads.c
    query = select(h.day, h.count, h.root, h.time, h.entry_id).order_by(h.day.desc()).limit(limit)
    return [_day(row) for row in db.execute(query)]


def insert_day(db: Connection, day: Day, tiles: Iterable[Tile]) -> None:
    """Store a commitment with its tree. The key keeps it the only one of its day (`IntegrityError`)."""
    values = {name: getattr(day, name) for name in ("day", "count", "root", "time", "entry_id")}
    db.execute(insert(tables.heads).values(values))
    rows = [
        {"day": day.day, "level": tile.level, "n": tile.n, "first": tile.hashes[:32], "hashes": tile.hashes}
        for tile in tiles
    ]
    if rows:
        db.execute(insert(tables.heads_tile), rows)


def tile(db: Connection, day: date, level: int, n: int) -> bytes:
    """The hashes of a tile; empty where there is none."""
    t = tables.heads_tile.c
    found = db.execute(select(t.hashes).where(t.day == day, t.level == level, t.n == n)).scalar_one_or_none()
    return bytes(found) if found else b""


def tile_of(db: Connection, day: date, leaf_hash: bytes) -> tuple[int, bytes] | None:
    """(n, hashes) of the level-0 tile in which a leaf hash lies if it lies in any: leaves ascend."""
    t = tables.heads_tile.c
    query = select(t.n, t.hashes).where(t.day == day, t.level == 0, t.first <= leaf_hash)
    row = db.execute(query.order_by(t.first.desc()).limit(1)).one_or_none()
    return None if row is None else (row.n, bytes(row.hashes))


def _day(row: Sequence[Any]) -> Day:
    day, count, root, time, entry_id = row
    return Day(day, count, bytes(root), time, entry_id)
