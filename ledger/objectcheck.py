"""Every stored document read, opened and hashed again: what `fsck` cannot see from sizes (RELIABILITY D8).

Needs the node's keys and reads everything once, so it is asked for (`cailian fsck --deep`), not done each time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from ledger import tables
from ledger.digests import StreamingDigests, side_threads
from ledger.errors import LedgerError, ObjectErasedError
from ledger.sealing import CHUNK
from ledger.steps import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ledger.db import Database
    from ledger.objects import ObjectStore

_PAGE: Final = 500


def check(database: Database, objects: ObjectStore, progress: Callable[[int], None] = lambda _: None) -> list[str]:
    """Read every document; defects as `code: object ID`. Erased documents are left out.

    Args:
        database: of the node.
        objects: its store.
        progress: told how many documents are done.
    """
    defects, side = [], side_threads()
    try:
        for count, object_id in enumerate(_ids(database), 1):
            try:
                with database.glance() as db:
                    stored = run(db, objects.lookup(object_id))
                digests = StreamingDigests(side)
                for piece in objects.open(stored).range(0, stored.size):
                    digests.update(piece)
                found = digests.finish()
                if stored.chunk != CHUNK:  # a document of one chunk opens under any; a later one would not
                    defects.append(f"object-row: object {object_id}")
                if (found.sha256.hex(), found.sm3.hex()) != (stored.sha256, stored.sm3):
                    defects.append(f"object-digest: object {object_id}")
            except ObjectErasedError:
                continue
            except LedgerError as error:
                defects.append(f"{error.code}: object {object_id}")
            progress(count)
    finally:
        side.shutdown()
    return defects


def _ids(database: Database) -> Iterator[str]:
    """Ids of all documents, a page at a time, so that no connection is held while one is read."""
    held, after = tables.object_.c.id, "00000000-0000-0000-0000-000000000000"
    while True:
        with database.glance() as db:
            page = list(db.execute(select(held).where(held > after).order_by(held).limit(_PAGE)).scalars())
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1]
