"""Places in status lists and what stands in them.

Places are given out by a sequence, so issuing units never wait for each other; a list's key scatters them
(`certs.credentials.scatter`). The last eighth of each list is nobody's: decoys, of which some change whenever an entry
does, so that two versions of a list do not tell how many licences changed.

Whoever publishes a list reads what changed since the snapshot of the read before. PostgreSQL's own snapshots say what
was visible then, so no change is missed, in whatever order units commit, and no counter makes them wait for each other.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

from certs.credentials import scatter
from certs.credentials.statuslist import CAPACITY, Status
from certs.errors import UnknownStatusListError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

OPEN: Final = 4
"""Lists that are filled at the same time, in turns."""
USABLE: Final = CAPACITY // 8 * 7
MOST_DECOYS: Final = 2
"""Decoys that change with one entry, at most; how many is drawn each time."""

_NUMBERS: Final = "SELECT nextval('certs.status_place') - 1 FROM generate_series(1, %(count)s)"
_LISTS: Final = "SELECT number, id, key FROM certs.status_list WHERE number = ANY(%(numbers)s)"
_MAKE: Final = """
INSERT INTO certs.status_list (id, number, key, created_at) VALUES (%(id)s, %(number)s, %(key)s, %(at)s)
ON CONFLICT (number) DO NOTHING"""
_KEY: Final = "SELECT key FROM certs.status_list WHERE id = %(list)s"
# An entry that is invalid stays so: the draft means it for good, and a decoy must not be told apart by coming back.
_SET: Final = """
INSERT INTO certs.status_entry AS held (list_id, index, status, changed_in)
SELECT list, index, status, pg_current_xact_id()::text::bigint
FROM unnest(%(lists)s::text[], %(indices)s::integer[], %(statuses)s::smallint[]) AS e (list, index, status)
ORDER BY list, index
ON CONFLICT (list_id, index) DO UPDATE SET status = excluded.status, changed_in = excluded.changed_in
WHERE held.status <> excluded.status AND held.status <> 1"""
_ALL: Final = """
SELECT pg_current_snapshot()::text, array_agg(index), array_agg(status) FROM certs.status_entry
WHERE list_id = %(list)s"""
# Whatever the snapshot of before did not see was written by a transaction that is not older than its oldest open one.
_SINCE: Final = f"""{_ALL}
  AND changed_in >= pg_snapshot_xmin(%(since)s::pg_snapshot)::text::bigint
  AND NOT pg_visible_in_snapshot(changed_in::text::xid8, %(since)s::pg_snapshot)"""


def allocate(db: Connection, count: int, now: datetime) -> list[tuple[str, int]]:
    """Give out places nobody has had, scattered over the open lists.

    Args:
        db: the caller's unit; a place of one that rolls back stays empty for ever.
        count: how many.
        now: dates a list that is made.

    Returns:
        list id and index of each.
    """
    numbers = [int(row[0]) for row in db.exec_driver_sql(_NUMBERS, {"count": count})]
    places = [(number // (OPEN * USABLE) * OPEN + number % OPEN, number // OPEN % USABLE) for number in numbers]
    wanted = sorted({number for number, _ in places})
    lists = _lists(db, wanted)
    for number in wanted:
        if number not in lists:
            row = {"id": secrets.token_hex(8), "number": number, "key": secrets.token_bytes(scatter.KEY_SIZE)}
            db.exec_driver_sql(_MAKE, row | {"at": now})
    if len(lists) < len(wanted):
        lists = _lists(db, wanted)
    return [(lists[number][0], scatter.place(place, lists[number][1])) for number, place in places]


def change(db: Connection, entries: Sequence[tuple[str, int, Status]]) -> None:
    """Set the status of entries, and of some decoys.

    Args:
        db: the caller's unit; published within a second of its commit.
        entries: list id, index, status; each place once.
    """
    if not entries:
        return
    whole = {(list_id, index): int(status) for list_id, index, status in entries}
    for list_id in {list_id for list_id, _, _ in entries}:
        key = db.exec_driver_sql(_KEY, {"list": list_id}).scalar_one()
        for _ in range(secrets.randbelow(MOST_DECOYS + 1)):
            decoy = scatter.place(USABLE + secrets.randbelow(CAPACITY - USABLE), key)
            whole.setdefault((list_id, decoy), int(secrets.choice(list(Status))))
    columns: dict[str, list[Any]] = {
        "lists": [list_id for list_id, _ in whole],
        "indices": [index for _, index in whole],
        "statuses": list(whole.values()),
    }
    db.exec_driver_sql(_SET, columns)


def every(db: Connection) -> list[str]:
    """Ids of all lists."""
    return [row[0] for row in db.exec_driver_sql("SELECT id FROM certs.status_list ORDER BY number")]


def exists(db: Connection, list_id: str) -> bool:
    """Whether there is such a list."""
    return db.exec_driver_sql(_KEY, {"list": list_id}).first() is not None


def changes(db: Connection, list_id: str, since: str | None) -> tuple[str, list[tuple[int, int]]]:
    """What changed in a list.

    Args:
        db: a glance or unit.
        list_id: the list.
        since: the snapshot of the read before; None for everything.

    Returns:
        The snapshot of this read, to be given to the next one, and index and status of each changed entry.

    Raises:
        UnknownStatusListError: there is no such list.
    """
    if since is None and not exists(db, list_id):
        raise UnknownStatusListError
    asked = _ALL if since is None else _SINCE
    snapshot, indices, statuses = db.exec_driver_sql(asked, {"list": list_id, "since": since}).one()
    return snapshot, list(zip(indices or (), statuses or (), strict=True))


def _lists(db: Connection, numbers: list[int]) -> dict[int, tuple[str, bytes]]:
    rows = db.exec_driver_sql(_LISTS, {"numbers": numbers})
    return {number: (list_id, bytes(key)) for number, list_id, key in rows}
