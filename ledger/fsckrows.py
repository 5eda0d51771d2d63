"""Queries of `ledger.fsck` and `ledger.crosscheck`: whole tables, page by page, and what has lost its counterpart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import MetaData, and_, exists, func, select

from ledger import archive, store, tables
from ledger.model import StoredRecord
from ledger.tiles import WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

_e, _r, _s, _o, _x = tables.entry, tables.record, tables.secret, tables.object_, tables.erasure


class Indexed(NamedTuple):
    """An indexed entry with what its leaf commits to; parts that are not there are None."""

    idx: int
    leaf: bytes
    fact: bytes | None
    parties: bytes | None
    salts: bytes | None


class AnchorLine(NamedTuple):
    """A row of `ledger.anchor`."""

    size: int
    root: bytes
    state: str
    tx_hash: bytes | None
    raw_tx: bytes | None
    block_number: int | None
    block_hash: bytes | None
    block_time: datetime | None
    proof: dict[str, Any] | None


_INDEXED: Final = (
    select(_e.c.idx, _e.c.leaf, _r.c.fact, _r.c.parties, _s.c.value)
    .select_from(
        _e.outerjoin(_r, _r.c.entry_id == _e.c.id).outerjoin(_s, and_(_s.c.kind == "record", _s.c.id == _e.c.id))
    )
    .order_by(_e.c.idx)
)


def indexed(db: Connection, low: int, high: int) -> list[Indexed]:
    """Entries with low <= index < high, in order."""
    return [Indexed(*row) for row in db.execute(_INDEXED.where(_e.c.idx >= low, _e.c.idx < high))]


def extent(db: Connection) -> int:
    """How many entries there can be, by the greatest index and the last tile of leaves, whatever the head says."""
    t = tables.tile.c
    last = db.execute(select(t.n, t.width).where(t.level == 0).order_by(t.n.desc()).limit(1)).one_or_none()
    in_tiles = last.n * WIDTH + last.width if last else 0
    return max(store.index_extent(db) + 1, in_tiles)


def anchors(db: Connection) -> list[AnchorLine]:
    """Every anchor row, by size."""
    a = tables.anchor.c
    columns = (a.size, a.root, a.state, a.tx_hash, a.raw_tx, a.block_number, a.block_hash, a.block_time, a.proof)
    return [AnchorLine(*row) for row in db.execute(select(*columns).order_by(a.size))]


def promised_before(db: Connection, moment: datetime, size: int, limit: int) -> list[str]:
    """Ids of entries promised before a moment that are not among the first `size` of the log."""
    query = select(_e.c.id).where(_e.c.created_at < moment, _e.c.idx.is_(None) | (_e.c.idx >= size))
    return list(db.execute(query.order_by(_e.c.seq).limit(limit)).scalars())


def records_of_nothing(db: Connection, limit: int) -> list[str]:
    """Entry ids that records or salts name and no log has, current or frozen."""
    found: list[str] = []
    logs = [_e, *(_e.to_metadata(MetaData(), schema=archive.schema(number)) for number in archive.numbers(db))]
    for held, key in ((_r, _r.c.entry_id), (_s, _s.c.id)):
        query = select(key).where(*(~exists().where(entry.c.id == key) for entry in logs))
        query = query.where(_s.c.kind == "record") if held is _s else query
        found += db.execute(query.limit(limit)).scalars()
    return list(dict.fromkeys(found))


def keys_of_nothing(db: Connection, limit: int) -> list[str]:
    """Object ids that keys name and no object has."""
    query = select(_s.c.id).where(_s.c.kind == "object", ~exists().where(_o.c.id == _s.c.id))
    return list(db.execute(query.limit(limit)).scalars())


def objects_without_key(db: Connection, limit: int) -> list[str]:
    """Ids of objects whose key is gone though nobody erased it."""
    has_key = exists().where(_s.c.kind == "object", _s.c.id == _o.c.id)
    return list(db.execute(select(_o.c.id).where(~has_key, ~_erased("object", _o.c.id)).limit(limit)).scalars())


def not_erased(db: Connection, indices: Sequence[int]) -> list[int]:
    """Of entries by index: those whose record nobody erased."""
    query = select(_e.c.idx).where(_e.c.idx.in_(indices), ~_erased("record", _e.c.id)).order_by(_e.c.idx)
    return list(db.execute(query).scalars())


def _erased(kind: str, key: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(_x.c.kind == kind, _x.c.id == key, _x.c.erased_at.is_not(None))


def tile_extents(db: Connection) -> list[tuple[int, int]]:
    """(level, greatest n) of the stored tiles."""
    tile = tables.tile.c
    return [(row[0], row[1]) for row in db.execute(select(tile.level, func.max(tile.n)).group_by(tile.level))]


def confirmed_anchors(db: Connection) -> list[tuple[int, bytes]]:
    """(size, root) of confirmed anchors, by size."""
    a = tables.anchor.c
    rows = db.execute(select(a.size, a.root).where(a.state == "confirmed").order_by(a.size))
    return [(row.size, bytes(row.root)) for row in rows]


def pending_records(db: Connection, after: int, limit: int) -> list[tuple[int, bytes, StoredRecord | None]]:
    """(seq, leaf, record if not erased) of pending entries with seq > after."""
    e = tables.entry
    query = (
        select(e.c.seq, e.c.id, e.c.leaf, tables.record.c.fact, tables.record.c.parties, tables.secret.c.value)
        .select_from(
            e.outerjoin(tables.record, tables.record.c.entry_id == e.c.id).outerjoin(
                tables.secret, (tables.secret.c.kind == "record") & (tables.secret.c.id == e.c.id)
            )
        )
        .where(e.c.idx.is_(None), e.c.seq > after)
        .order_by(e.c.seq)
        .limit(limit)
    )
    found = []
    for row in db.execute(query):
        whole = row.fact is not None and row.value is not None
        held = StoredRecord(row.id, bytes(row.fact), bytes(row.parties), bytes(row.value)) if whole else None
        found.append((row.seq, bytes(row.leaf), held))
    return found


def half_records(db: Connection, limit: int) -> list[tuple[str, bool]]:
    """(entry id, whether the record is there) of entries that lost record or salts but not both."""
    salts = select(tables.secret.c.id).where(tables.secret.c.kind == "record").subquery("salts")
    r = tables.record.c.entry_id
    query = (
        select(func.coalesce(r, salts.c.id), r.is_not(None))
        .select_from(tables.record.outerjoin(salts, salts.c.id == r, full=True))
        .where(r.is_(None) | salts.c.id.is_(None))
        .limit(limit)
    )
    return [(row[0], row[1]) for row in db.execute(query)]


def living_objects(db: Connection, after: str, limit: int) -> list[tuple[str, str, str, int]]:
    """(id, key, version, ciphertext bytes) of objects that were not erased, by id, id > after (`""` to begin)."""
    o, s = tables.object_.c, tables.secret.c
    query = (
        select(o.id, o.key, o.version_id, o.cipher_size)
        .join_from(tables.object_, tables.secret, (s.kind == "object") & (s.id == o.id))
        .order_by(o.id)
        .limit(limit)
    )
    rows = db.execute(query.where(o.id > after) if after else query)
    return [(row.id, row.key, row.version_id, row.cipher_size) for row in rows]
