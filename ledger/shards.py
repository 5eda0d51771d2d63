"""Freezing a log and opening its successor, and changing a log's key (DESIGN 4.4, RELIABILITY L7, L8).

A log ends in steps, each of which may be repeated after a crash:

1. `freeze`: the database refuses every new entry from the moment this unit commits. It waits for the units that are
   writing, so an entry whose promise was handed out is in the old log or was never stored.
2. The sequencer indexes what pends and signs the last checkpoint; witnesses cosign it; the anchor worker anchors it;
   the registry closes the log. Nothing of this is special: the ordinary workers do it.
3. `open_successor`, in one unit: the log's tables move to a schema of their own, read only, and empty ones take their
   place, with another origin and its key.

What keeps a process that was forgotten over this from writing promises of the old log into the new one is the database:
each session says with which key it promises (`as_writer`), and the guard on `ledger.entry` compares. A log that was
never frozen nor changed its key has no guard, so the hot path of most nodes does not pay for it.

A retired key stays good for checkpoints up to the size it signed last; trust files name that size (`until_size`). A new
key of the same log begins where the old one ended: nothing is signed anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, make_url, select, update

from ledger import archive, merkle, store, tables
from ledger.db import FOREIGN_KEY, LOG_FROZEN
from ledger.errors import LogExistsError, LogMismatchError, LogMissingError, LogNotFrozenError
from ledger.model import LogHead, Shard

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.clock import Clock
    from ledger.note import NoteVerifier

_VARIABLE: Final = "cailian.log_key"
"""The session variable that names the key a process promises with, in hexadecimal."""

_LOCK_SECONDS: Final = 30
"""How long to wait for units that write entries; the longest takes seconds."""

_GUARD: Final = f"""
CREATE OR REPLACE FUNCTION ledger.guard_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE current record;
BEGIN
  SELECT key_id, frozen_at INTO current FROM ledger.log;
  IF NOT FOUND OR current.frozen_at IS NOT NULL THEN
    RAISE EXCEPTION 'the log is frozen' USING ERRCODE = '{LOG_FROZEN}';
  END IF;
  IF current_setting('{_VARIABLE}', true) IS DISTINCT FROM encode(current.key_id, 'hex') THEN
    RAISE EXCEPTION 'another log' USING ERRCODE = '{FOREIGN_KEY}';
  END IF;
  RETURN NULL;
END $$"""
_CARRY: Final = """
CREATE TEMPORARY TABLE carried ON COMMIT DROP AS SELECT seq, id, leaf, created_at FROM ledger.entry WHERE idx IS NULL;
DELETE FROM ledger.entry WHERE idx IS NULL"""
_CARRIED: Final = (
    "INSERT INTO ledger.entry (id, leaf, created_at) SELECT id, leaf, created_at FROM carried ORDER BY seq"
)
"""Only a log whose end was lost has pending entries when the next one opens; see `open_successor`."""
_GUARDED: Final = """
CREATE OR REPLACE TRIGGER guard BEFORE INSERT ON ledger.entry FOR EACH STATEMENT EXECUTE FUNCTION ledger.guard_entry()
"""
_REFUSE: Final = f"""
CREATE OR REPLACE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the log is frozen' USING ERRCODE = '{LOG_FROZEN}';
END $$"""
_SEAL: Final = """
CREATE OR REPLACE TRIGGER {name} BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {schema}.{table}
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()
"""


def as_writer(url: str, key_id: bytes) -> str:
    """A database address whose sessions say which log key they promise with.

    Args:
        url: SQLAlchemy URL.
        key_id: of the key in this process's settings (C2SP signed-note, 4 bytes).
    """
    options = {"options": f"-c{_VARIABLE}={key_id.hex()}"}  # no space: libpq and SQLAlchemy write it in two ways
    return make_url(url).update_query_dict(options).render_as_string(hide_password=False)


def freeze(db: Connection, at: datetime) -> LogHead:
    """Let the log take no entry any more from this unit's commit on. Repeating it changes nothing.

    Raises:
        LogMissingError: there is no log.
    """
    head = _locked(db)
    if head.frozen_at is None:
        _guard(db)
        db.execute(update(tables.log).values(frozen_at=at))
    return head


def ended(db: Connection) -> LogHead:
    """The head of the current log, where it is frozen and nothing is left to be done in it.

    Raises:
        LogMissingError: there is no log.
        LogNotFrozenError: it is open, or entries have no index, or the last checkpoint is not published or anchored.
    """
    head = store.log_head(db)
    if head is None:
        raise LogMissingError
    if head.frozen_at is None:
        raise LogNotFrozenError(reason="open")
    if store.has_pending(db):
        raise LogNotFrozenError(reason="entries are pending")
    published = store.newest_published(db)
    if head.size != (published.head.size if published else 0):
        raise LogNotFrozenError(reason="the last checkpoint is not published")
    if head.size != store.newest_anchor_size(db):
        raise LogNotFrozenError(reason="the last checkpoint is not anchored")
    return head


def lost(db: Connection) -> LogHead | None:
    """The head of the current log where more was seen of it than is here (`ledger.rollback`), else None.

    Raises:
        LogMissingError: there is no log.
    """
    head = store.log_head(db)
    if head is None:
        raise LogMissingError
    return head if store.newest_published_size(db) > head.size else None


def open_successor(
    db: Connection,
    origin: str,
    key: NoteVerifier,
    old: NoteVerifier,
    clock: Clock,
    *,
    anchored: tuple[int, bytes] | None = None,
) -> Shard:
    """Move the frozen log away and begin another in its place.

    Args:
        db: an open unit.
        origin: of the new log.
        key: of the new log, named by `origin`.
        old: key of the frozen log.
        clock: tells the time.
        anchored: size and root at which the chain closed a log whose end was lost here. What pends in it then moves on
            to the new log: it was promised.

    Returns:
        The frozen log as it is kept.

    Raises:
        LogNotFrozenError: see `ended`.
        LogExistsError: a log of this origin was here before: origins are never used again.
        LogMismatchError: a key is not the log's.
    """
    held = _locked(db)
    head = ended(db) if anchored is None else held
    if head.frozen_at is None or (head.origin, head.key_id) != (old.name, old.key_id):
        raise LogMismatchError(origin=head.origin, key_id=head.key_id.hex())
    if key.name != origin:
        raise LogMismatchError(origin=origin)
    frozen = archive.shards(db)
    if origin == head.origin or origin in {each.origin for each in frozen}:
        raise LogExistsError(origin=origin)
    now = clock.now()
    size, root = anchored or (head.size, head.root)
    shard = Shard(len(frozen) + 1, head.origin, size, root, head.frozen_at, now)
    until = max(size, store.newest_published_size(db))
    db.exec_driver_sql(_CARRY)
    _move(db, shard.number)
    db.exec_driver_sql(_CARRIED)
    names = ("number", "origin", "size", "root", "frozen_at", "archived_at")
    db.execute(insert(tables.shard).values({name: getattr(shard, name) for name in names}))
    retire(db, old, until, now)
    store.insert_log(db, LogHead(origin, key.key_id, 0, merkle.EMPTY_ROOT))
    _guard(db)
    return shard


def change_key(db: Connection, old: NoteVerifier, new: NoteVerifier, at: datetime) -> int:
    """Let another key sign for the current log from now on; the size up to which the old one is good.

    The old key keeps what it published and nothing more: where it was stolen, what it signs beyond is refused by every
    trust file that names the size. Entries promised with it stay promised.

    Raises:
        LogMissingError: there is no log.
        LogMismatchError: `old` is not the log's key, or `new` is of another origin.
    """
    head = _locked(db)
    if new.name != head.origin or (old.name, old.key_id) != (head.origin, head.key_id):
        raise LogMismatchError(origin=head.origin, key_id=head.key_id.hex())
    newest = store.newest_checkpoint(db)
    until = newest.head.size if newest else 0
    retire(db, old, until, at)
    _guard(db)
    db.execute(update(tables.log).values(key_id=new.key_id))
    return until


def retire(db: Connection, key: NoteVerifier, until_size: int, at: datetime) -> None:
    """Note that a key signs no more."""
    values = {"vkey": key.vkey, "origin": key.name, "until_size": until_size, "retired_at": at}
    db.execute(insert(tables.log_key).values(values))


def retired_keys(db: Connection) -> list[tuple[str, int]]:
    """(vkey, size up to which it is good) of all keys that sign no more, oldest first."""
    k = tables.log_key.c
    return [(row.vkey, row.until_size) for row in db.execute(select(k.vkey, k.until_size).order_by(k.retired_at))]


def first_key(db: Connection, origin: str) -> str | None:
    """The first of a log's retired keys: the one the registry knows it by. None where it never changed."""
    k = tables.log_key.c
    query = select(k.vkey).where(k.origin == origin).order_by(k.retired_at).limit(1)
    found: str | None = db.execute(query).scalar_one_or_none()
    return found


def _locked(db: Connection) -> LogHead:
    """The head, with every unit that writes entries waited for and held off. The sequencer's lead comes first."""
    db.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'")
    store.lead(db)
    db.exec_driver_sql("LOCK TABLE ledger.entry IN SHARE ROW EXCLUSIVE MODE")
    head = store.log_head(db)
    if head is None:
        raise LogMissingError
    return head


def _guard(db: Connection) -> None:
    db.exec_driver_sql(_GUARD)
    db.exec_driver_sql(_GUARDED)


def _move(db: Connection, number: int) -> None:
    """Move the tables of the current log into their own schema and make new ones. Costs the same for any size."""
    schema = archive.schema(number)
    db.exec_driver_sql(f"CREATE SCHEMA {schema}")
    db.exec_driver_sql("DROP TRIGGER IF EXISTS guard ON ledger.entry")
    db.exec_driver_sql(_REFUSE)
    for table in archive.MOVED:
        db.exec_driver_sql(f"ALTER TABLE ledger.{table.name} SET SCHEMA {schema}")
        db.exec_driver_sql(_SEAL.format(name="frozen", schema=schema, table=table.name))
        table.create(db)
    for table in archive.SEEN:
        db.exec_driver_sql(f"CREATE VIEW {schema}.{table.name} AS SELECT * FROM ledger.{table.name}")
