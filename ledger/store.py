"""Queries on the log's tables that the sequencer and the readers of the log share; appending is in `entryrows`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, insert, select, text, tuple_, union_all
from sqlalchemy.dialects.postgresql import insert as upsert

from ledger import archive, tables
from ledger.errors import EntryNotFoundError, RecordErasedError, TileNotFoundError
from ledger.model import (
    AnchorRow,
    Checkpoint,
    EntryRow,
    EntryState,
    EntryStatus,
    LogHead,
    PublishedCheckpoint,
    StoredRecord,
)
from ledger.sqltext import array, hexed
from ledger.steps import execute, together
from ledger.tiles import WIDTH, Tile, TileAddress, encode_entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, Select
    from sqlalchemy.sql.selectable import LateralFromClause

    from ledger.steps import Rows, Statement, Steps

_SEQUENCER_LOCK: Final = 0x6361696C_69616E00
"""Key of the advisory lock that makes one sequencer the leader ("cailian" in ASCII)."""

_LEAD: Final = """
    SELECT pg_try_advisory_xact_lock(%s),
           set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)
"""


_AWAIT_LEAD: Final = """
    SELECT set_config('lock_timeout', %(milliseconds)s, true), pg_advisory_xact_lock(%(lock)s),
           set_config('lock_timeout', '0', true),
           set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)
"""

_HEAD: Final = """
    SELECT origin, key_id, size, root, frozen_at,
           greatest(0, (SELECT max(size) FROM ledger.checkpoint), (SELECT max(seen_size) FROM ledger.witness),
                    (SELECT max(size) FROM ledger.anchor WHERE state <> 'void')),
           EXISTS (SELECT FROM ledger.entry WHERE idx IS NULL)
    FROM ledger.log
"""

_PROSPECT: Final = """
    SELECT (SELECT max(size) FROM ledger.checkpoint), held.size IS NOT NULL, held.quorum IS NULL
    FROM (SELECT) AS one LEFT JOIN ledger.checkpoint held ON held.size = %(size)s
"""

_SWAP: Final = """
    UPDATE ledger.log SET size = %(size)s, root = %(root)s
    WHERE id = 1 AND size = %(old_size)s AND root = %(old_root)s RETURNING size
"""

_PUT_TILES: Final = """
    INSERT INTO ledger.tile AS held (level, n, width, hashes)
    SELECT * FROM unnest(%(levels)s::smallint[], %(ns)s::bigint[], %(widths)s::smallint[], %(hashes)s::bytea[])
    ON CONFLICT (level, n) DO UPDATE SET width = excluded.width, hashes = excluded.hashes
    WHERE held.width < excluded.width
"""

_TILES: Final = """
    SELECT t.level, t.n, t.hashes
    FROM unnest(%(levels)s::smallint[], %(ns)s::bigint[]) AS w (level, n)
    JOIN ledger.tile t ON t.level = w.level AND t.n = w.n
"""

_INDEX: Final = """
    WITH batch AS MATERIALIZED (
        SELECT seq, %(size)s + row_number() OVER (ORDER BY seq) - 1 AS idx
        FROM (SELECT seq FROM ledger.entry WHERE idx IS NULL ORDER BY seq LIMIT %(limit)s) pending
    )
    UPDATE ledger.entry e SET idx = batch.idx FROM batch WHERE e.seq = batch.seq RETURNING e.idx, e.leaf
"""


# --- the sequencer's side ----------------------------------------------------------------------------------------


def try_lead(db: Connection) -> bool:
    """Become the sequencer until this unit ends; False when another process is it.

    The unit's plans are held to index look-ups: PostgreSQL would otherwise join a batch to all entries by hash or
    merge, which reads the whole table, a cost that grows with the log.
    """
    return bool(db.exec_driver_sql(_LEAD, (_SEQUENCER_LOCK,)).one()[0])


def lead(db: Connection) -> None:
    """Become the sequencer until this unit ends, however long its units before take (`lock_timeout` bounds it)."""
    db.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_SEQUENCER_LOCK,))


def await_lead(milliseconds: int) -> Statement:
    """As `try_lead`, but queue for it: a unit that leads takes milliseconds.

    Without a queue, two processes that index without pause would shut out the one that signs. One who froze while
    leading fails this unit with `LogBusyError` when the time is over.
    """
    return _AWAIT_LEAD, {"milliseconds": str(milliseconds), "lock": _SEQUENCER_LOCK}


def insert_log(db: Connection, head: LogHead) -> bool:
    """Make the log's row; False when there is one already."""
    row = {"id": 1, "origin": head.origin, "key_id": head.key_id, "size": head.size, "root": head.root}
    made = upsert(tables.log).values(row).on_conflict_do_nothing().returning(tables.log.c.id)
    return db.execute(made).one_or_none() is not None


def log_head(db: Connection) -> LogHead | None:
    """The log's head, or None when the database holds no log."""
    log = tables.log.c
    row = db.execute(select(log.origin, log.key_id, log.size, log.root, log.frozen_at)).one_or_none()
    return None if row is None else LogHead(row[0], bytes(row[1]), row[2], bytes(row[3]), row[4])


def head_and_seen() -> Steps[tuple[LogHead, int, bool] | None]:
    """The head, the greatest size that left this node (`newest_published_size`), and whether entries are pending.

    One round trip for the sequencer; None when the database holds no log.
    """
    rows = yield _HEAD, {}
    if not rows:
        return None
    origin, key_id, size, root, frozen_at, seen, pending = rows[0]
    return LogHead(origin, bytes(key_id), size, bytes(root), frozen_at), seen, pending


def grow(
    old: LogHead, size: int, root: bytes, changed: Sequence[Tile], beside: Sequence[Statement] = ()
) -> Steps[bool]:
    """Write new tiles, widen those of the right edge, and compare and swap the head, in one statement.

    Args:
        old: the head as it was read.
        size: entries of the grown tree.
        root: its root.
        changed: tiles from `Edge.append`. A tile never gets narrower.
        beside: further writes of the same statement.

    Returns:
        False when the head was not `old` any more; the unit must not be committed then.
    """
    swap = _SWAP, {"size": size, "root": root, "old_size": old.size, "old_root": old.root}
    values = {
        "levels": array(str(tile.level) for tile in changed),
        "ns": array(str(tile.n) for tile in changed),
        "widths": array(str(tile.width) for tile in changed),
        "hashes": array(hexed(tile.hashes) for tile in changed),
    }
    rows = yield together(swap, (_PUT_TILES, values), *beside)
    return bool(rows)


def index_pending(db: Connection, size: int, limit: int) -> list[bytes]:
    """Give the oldest pending entries the indices from `size` on; their leaves in that order."""
    return in_order(execute(db, index_statement(size, limit)))


def index_statement(size: int, limit: int) -> Statement:
    """What `index_pending` does; its rows go through `in_order`."""
    return _INDEX, {"size": size, "limit": limit}


def in_order(rows: Rows) -> list[bytes]:
    """Leaves by their index."""
    return [bytes(leaf) for _, leaf in sorted((row[0], row[1]) for row in rows)]


def insert_checkpoint(db: Connection, published: PublishedCheckpoint) -> None:
    """Keep a signed checkpoint; the primary key keeps it the only one of its size."""
    head = published.head
    values = {"root": head.root, "note": published.note, "at": published.at, "quorum": published.quorum}
    db.execute(insert(tables.checkpoint).values(size=head.size, **values))


# --- reading -----------------------------------------------------------------------------------------------------


def tiles(db: Connection, places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """Stored tiles by (level, n); those that do not exist are left out. One query."""
    tile = tables.tile.c
    wanted = sorted(set(places))
    if not wanted:
        return {}
    rows = db.execute(select(tile.level, tile.n, tile.hashes).where(tuple_(tile.level, tile.n).in_(wanted)))
    return {(row.level, row.n): bytes(row.hashes) for row in rows}


def tile_steps(places: Iterable[tuple[int, int]]) -> Steps[dict[tuple[int, int], bytes]]:
    """As `tiles`, of the current log only."""
    wanted = sorted(set(places))
    values = {"levels": array(str(level) for level, _ in wanted), "ns": array(str(n) for _, n in wanted)}
    rows = yield _TILES, values
    return {(level, n): bytes(hashes) for level, n, hashes in rows}


def tile_bytes(db: Connection, address: TileAddress) -> bytes:
    """What `/log/tile/...` serves: a tile's hashes, or an entry bundle, exactly as wide as asked for.

    Raises:
        TileNotFoundError: no such tile, or it is not that wide yet.
    """
    if address.level is None:
        first = address.n * WIDTH
        leaves = [leaf for _, leaf in indexed_leaves(db, first, first + address.width)]
        if len(leaves) != address.width:
            raise TileNotFoundError
        return encode_entries(leaves)
    if address.level > 7 or address.n >= 1 << 62:
        raise TileNotFoundError
    hashes = tiles(db, [(address.level, address.n)]).get((address.level, address.n), b"")[: 32 * address.width]
    if len(hashes) != 32 * address.width:
        raise TileNotFoundError
    return hashes


def indexed_leaves(db: Connection, low: int, high: int) -> list[tuple[int, bytes]]:
    """(index, leaf) of the entries with low <= index < high, in order; fewer when the log is shorter."""
    entry_ = tables.entry.c
    if low >= 1 << 62:
        return []
    rows = db.execute(select(entry_.idx, entry_.leaf).where(entry_.idx >= low, entry_.idx < high).order_by(entry_.idx))
    return [(row.idx, bytes(row.leaf)) for row in rows]


def entry(db: Connection, entry_id: str) -> EntryRow:
    """One entry.

    Raises:
        EntryNotFoundError: no such entry.
    """
    columns = tables.entry.c
    row = db.execute(
        select(columns.id, columns.leaf, columns.idx, columns.created_at).where(columns.id == entry_id)
    ).one_or_none()
    if row is None:
        raise EntryNotFoundError
    return EntryRow(row.id, bytes(row.leaf), row.idx, row.created_at)


def record(db: Connection, entry_id: str) -> StoredRecord:
    """The record of an entry, with its salts.

    Raises:
        RecordErasedError: record or salts were destroyed (or never were).
    """
    row = db.execute(_records().where(tables.record.c.entry_id == entry_id)).one_or_none()
    if row is None:
        raise RecordErasedError
    return StoredRecord(row.entry_id, bytes(row.fact), bytes(row.parties), bytes(row.value))


def records_between(db: Connection, low: int, high: int) -> Iterator[tuple[int, StoredRecord]]:
    """(index, record) of indexed entries that can still be opened, low <= index < high."""
    entry_ = tables.entry
    query = (
        _records()
        .add_columns(entry_.c.idx)
        .join(entry_, entry_.c.id == tables.record.c.entry_id)
        .where(entry_.c.idx >= low, entry_.c.idx < high)
    )
    for row in db.execute(query.order_by(entry_.c.idx)):
        yield row.idx, StoredRecord(row.entry_id, bytes(row.fact), bytes(row.parties), bytes(row.value))


def newest_checkpoint(db: Connection) -> PublishedCheckpoint | None:
    """The signed checkpoint of the greatest size, published or not; None while the log is empty."""
    rows = checkpoints(db, newest_first=True, limit=1)
    return rows[0] if rows else None


def prospect(db: Connection, size: int) -> tuple[int | None, bool, bool]:
    """Whether there is something to cosign, looked at many times a second: one plain statement.

    Args:
        db: a glance.
        size: of the checkpoint under way.

    Returns:
        the greatest size of a signed checkpoint; whether there is one of `size`; whether that waits for its quorum.
    """
    newest, is_there, waits = db.exec_driver_sql(_PROSPECT, {"size": size}).one()
    return newest, is_there, is_there and waits


def checkpoint(db: Connection, size: int) -> PublishedCheckpoint | None:
    """The signed checkpoint of one size."""
    rows = checkpoints(db, at_least=size, limit=1)
    return rows[0] if rows and rows[0].head.size == size else None


def newest_published(db: Connection) -> PublishedCheckpoint | None:
    """The newest checkpoint with its quorum, as served under `/log/checkpoint` and anchored; None before the first."""
    rows = checkpoints(db, newest_first=True, limit=1, quorum=0)
    return rows[0] if rows else None


def checkpoints(
    db: Connection, *, at_least: int = 0, newest_first: bool = False, limit: int = 1000, quorum: int | None = None
) -> list[PublishedCheckpoint]:
    """Signed checkpoints of size `at_least` or more, by size.

    Args:
        db: an open unit.
        at_least: the smallest size wanted.
        newest_first: the greatest size first.
        limit: how many at most.
        quorum: only published ones that had to wait for at least so many witnesses.
    """
    c = tables.checkpoint.c
    order = c.size.desc() if newest_first else c.size
    query = (
        select(c.size, c.root, c.note, c.at, c.quorum, tables.log.c.origin)
        .join_from(tables.checkpoint, tables.log, tables.log.c.id == 1)
        .where(c.size >= at_least)
        .order_by(order)
        .limit(limit)
    )
    if quorum is not None:
        query = query.where(c.quorum.is_not(None) if quorum == 0 else c.quorum >= max(quorum, 1))
    return [
        PublishedCheckpoint(Checkpoint(row.origin, row.size, bytes(row.root)), row.note, row.at, row.quorum)
        for row in db.execute(query)
    ]


def anchor_over(db: Connection, size: int) -> AnchorRow | None:
    """The smallest confirmed anchor that covers the first `size` entries."""
    a = tables.anchor.c
    row = db.execute(
        select(a.size, a.root, a.block_number, a.block_time, a.proof)
        .where(a.state == "confirmed", a.size >= size)
        .order_by(a.size)
        .limit(1)
    ).one_or_none()
    return None if row is None else AnchorRow(row.size, bytes(row.root), row.block_number, row.block_time, row.proof)


def superior_over(
    db: Connection, size: int, *, anchored: bool
) -> tuple[str, dict[str, Any], dict[str, Any] | None] | None:
    """The smallest checkpoint of ours over the first `size` entries that the log above us holds.

    Args:
        db: an open unit.
        size: entries to cover.
        anchored: only where the log above is anchored over it.

    Returns:
        our checkpoint's note, what proves it in the log above, and the anchor of that log.
    """
    c = tables.superior.c
    query = select(c.note, c.proof, c.chain).where(c.size >= size, c.proof.is_not(None)).order_by(c.size).limit(1)
    row = db.execute(query.where(c.anchored_at.is_not(None)) if anchored else query).one_or_none()
    return None if row is None else (row.note, row.proof, row.chain)


def newest_anchor_size(db: Connection) -> int:
    """Size of the greatest tree that is anchored, by us or through the log above; 0 when there is none."""
    a, s = tables.anchor.c, tables.superior.c
    own = select(func.coalesce(func.max(a.size), 0)).where(a.state == "confirmed").scalar_subquery()
    through = select(func.coalesce(func.max(s.size), 0)).where(s.anchored_at.is_not(None)).scalar_subquery()
    return int(db.execute(select(func.greatest(own, through))).scalar_one())


def newest_published_size(db: Connection) -> int:
    """The greatest size that left this node in a checkpoint, on the chain or to a witness, 0 for none."""
    c, a, w = tables.checkpoint.c, tables.anchor.c, tables.witness.c
    sizes = union_all(
        select(func.max(c.size)),
        select(func.max(a.size)).where(a.state != "void"),
        select(func.max(w.seen_size)),
    ).subquery()
    return int(db.execute(select(func.coalesce(func.max(sizes.c[0]), 0))).scalar_one())


def entry_state(db: Connection, entry_id: str) -> EntryStatus:
    """How far an entry has come. Without a quorum of witnesses no entry is `cosigned` on its way to `anchored`.

    Raises:
        EntryNotFoundError: no such entry.
    """
    return entry_states(db, [entry_id])[entry_id]


def entry_states(db: Connection, entry_ids: Sequence[str]) -> dict[str, EntryStatus]:
    """How far many entries have come, in one query; in one more for each frozen log, where the current one lacks some.

    Raises:
        EntryNotFoundError: one of them does not exist.
    """
    found = _entry_states(db, entry_ids)
    if missing := set(entry_ids) - found.keys():
        for frozen in reversed(archive.shards(db)):
            with archive.through(db, frozen.number):
                for entry_id, status in _entry_states(db, sorted(missing)).items():
                    found[entry_id] = replace(status, origin=frozen.origin)
            if not (missing := missing - found.keys()):
                break
        else:
            raise EntryNotFoundError
    return found


def _entry_states(db: Connection, entry_ids: Sequence[str]) -> dict[str, EntryStatus]:
    e, c, a, s = tables.entry.c, tables.checkpoint.c, tables.anchor.c, tables.superior.c

    def first(query: Select[Any], size: ColumnElement[int], name: str) -> LateralFromClause:
        return query.where(size > e.idx).order_by(size).limit(1).correlate(tables.entry).lateral(name)

    covering = first(select(c.size), c.size, "c")
    cosigned = first(select(c.size).where(c.quorum > 0), c.size, "w")
    anchored = first(select(a.size, a.block_time).where(a.state == "confirmed"), a.size, "a")
    at = func.to_timestamp(s.chain["anchored_at"].as_integer()).label("at")
    through = first(select(s.size, at).where(s.anchored_at.is_not(None)), s.size, "s")
    query = (
        select(
            e.id,
            e.idx,
            covering.c.size,
            func.coalesce(through.c.size, anchored.c.size),  # a log has one or the other
            func.coalesce(through.c.at, anchored.c.block_time),
            cosigned.c.size,
        )
        .select_from(
            tables.entry.outerjoin(covering, text("true"))
            .outerjoin(anchored, text("true"))
            .outerjoin(through, text("true"))
            .outerjoin(cosigned, text("true"))
        )
        .where(e.id.in_(entry_ids))
    )
    found = {}
    for row in db.execute(query):
        status = EntryStatus(row[0], EntryState.pending, *row[1:])
        found[status.entry_id] = replace(status, state=_state(status))
    return found


def _state(found: EntryStatus) -> EntryState:
    if found.anchor_size is not None:
        return EntryState.anchored
    if found.cosigned_size is not None:
        return EntryState.cosigned
    return EntryState.pending if found.checkpoint_size is None else EntryState.integrated


def erase_record(db: Connection, entry_id: str) -> None:
    """Destroy salts and record of an entry. The leaf stays, and nobody can tell any more what it commits to."""
    s = tables.secret
    db.execute(s.delete().where(s.c.kind == "record", s.c.id == entry_id))
    for table in (tables.record, tables.kept):
        db.execute(table.delete().where(table.c.entry_id == entry_id))


def has_pending(db: Connection) -> bool:
    """Whether an entry waits for its index."""
    return bool(db.exec_driver_sql("SELECT EXISTS (SELECT FROM ledger.entry WHERE idx IS NULL)").scalar_one())


def index_extent(db: Connection) -> int:
    """The greatest index given, -1 for none."""
    return int(db.execute(select(func.coalesce(func.max(tables.entry.c.idx), -1))).scalar_one())


def _records() -> Select[Any]:
    return select(
        tables.record.c.entry_id, tables.record.c.fact, tables.record.c.parties, tables.secret.c.value
    ).join_from(
        tables.record,
        tables.secret,
        (tables.secret.c.kind == "record") & (tables.secret.c.id == tables.record.c.entry_id),
    )
