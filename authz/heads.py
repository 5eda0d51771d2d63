"""The daily commitment to every holder's chain of uses: with it anybody can prove that a use was left out (DESIGN 5).

Each use record carries the holder's running number and the leaf hash of the use before it. Once a day one sealed entry,
`holder.heads`, commits a tree over the heads of all holders: who was shown a head on a page, or holds a receipt from
anywhere, can compare.

    leaf     canonical({"day", "head": hex, "seq", "tag": hex, "v": 1})       hashed as RFC 6962 hashes leaves
    tag      HMAC-SHA-256(key of the node, "cailian/heads/v1" ‖ 0x00 ‖ day ‖ 0x00 ‖ holder)
    fact     {"count", "day", "root": hex, "time", "type": "holder.heads"}

The tag is what keeps a leaf from being guessed: number and head of a use are known to more than one, and the hashes
beside a proof's path would tell whose neighbours are whose. Leaves stand in the order of their hashes, which is another
every day. The node's key never leaves it; a holder is given the tag of the own leaf.

What the entry says: *every use intended before `time` is at or below the head of its holder.* So the heads are read
only a minute after `time`, when every unit that had begun before it has ended, and holders may be read page by page.
"""

from __future__ import annotations

import hmac
from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final

from authz.errors import HeadsMissingError
from authz.store import heads as store
from ledger import archive, bundle, merkle, store as log
from ledger.clock import rfc3339
from ledger.record import Record, canonical
from ledger.strictjson import b64
from ledger.tiles import WIDTH, Edge, TileNodes, split_hashes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from ledger.clock import Clock
    from ledger.evidence import Evidence

TYPE: Final = "holder.heads"
FORMAT: Final = "cailian-heads"
VERSION: Final = 1
BEIJING: Final = timezone(timedelta(hours=8))
"""Days are those of the people whose uses they count."""
SETTLE: Final = timedelta(seconds=60)
"""Between `time` and reading: no unit of work is open for so long (`ledger.db.ANSWER_SECONDS`)."""
_DOMAIN: Final = b"cailian/heads/v1\0"
_NOBODY: Final = "00000000-0000-0000-0000-000000000000"
_LATER: Final = timedelta(hours=1)
_CANDIDATES: Final = 1000
"""Uses of one holder looked through for its head of a day: those of the hour after `time`, at most, are newer."""
PAGE: Final = 5000
"""Holders read in one unit."""


@dataclass(frozen=True, slots=True)
class Head:
    """A holder's head: number of its last use, and leaf hash of the entry that recorded it."""

    seq: int
    head: bytes


def leaf(day: date, head: Head, tag: bytes) -> bytes:
    """A leaf of the day's tree."""
    return canonical({"day": day.isoformat(), "head": head.head.hex(), "seq": head.seq, "tag": tag.hex(), "v": VERSION})


class Heads:
    """Commits the heads of a day, and proves one.

    Args:
        evidence: the log.
        key: of this node for tags, 32 bytes.
        clock: tells the time.
    """

    def __init__(self, evidence: Evidence, key: bytes, clock: Clock) -> None:
        self._evidence = evidence
        self._key = key
        self._clock = clock

    def due(self) -> tuple[date, datetime] | None:
        """The day that ended last, and the moment to commit it for; None in the minute after midnight.

        A day during which nothing ran is not made up for: the next one's heads cover its uses.
        """
        now = self._clock.now().astimezone(BEIJING)
        time = now - SETTLE
        return (time.date() - timedelta(days=1), time) if time.date() == now.date() else None

    def page(self, db: Connection, day: date, after: str) -> tuple[list[bytes], str]:
        """Leaf hashes of some holders, and where to go on; `""` begins and ends."""
        rows = store.holders(db, after or _NOBODY, PAGE)
        hashes = [
            merkle.leaf_hash(leaf(day, Head(seq, head), self._tag(day, holder_id))) for holder_id, seq, head in rows
        ]
        return hashes, rows[-1][0] if len(rows) == PAGE else ""

    def commit(self, db: Connection, day: date, time: datetime, hashes: Iterable[bytes]) -> store.Day:
        """Record a day's tree, in one unit.

        Args:
            db: an open unit.
            day: the day.
            time: every use intended before it is covered.
            hashes: the leaf hashes of all holders, in any order.

        Raises:
            IntegrityError: the day was committed before; nothing is written.
        """
        ordered = sorted(hashes)
        tree = Edge(0, {})
        tiles = tree.append(ordered)
        root = tree.root()
        fact = {
            "type": TYPE,
            "time": rfc3339(time),
            "day": day.isoformat(),
            "count": len(ordered),
            "root": root.hex(),
        }
        entry_id = self._evidence.append(db, Record(fact, {})).entry_id
        made = store.Day(day, len(ordered), root, time, entry_id)
        store.insert_day(db, made, tiles)
        return made

    def prove(self, db: Connection, holder_id: str, day: date) -> dict[str, Any]:
        """That the head of a holder was this on that day (`authz.omission` checks it).

        Raises:
            HeadsMissingError: the day was not committed, or the holder had no use by then.
        """
        made = store.get(db, day)
        if made is None:
            raise HeadsMissingError(day=day.isoformat())
        tag = self._tag(day, holder_id)
        for seq, entry_id in store.uses(db, holder_id, made.time + _LATER, _CANDIDATES):
            with archive.through(db, archive.number_of(db, entry_id)):
                head = Head(seq, merkle.leaf_hash(log.entry(db, entry_id).leaf))
            hashed = merkle.leaf_hash(leaf(day, head, tag))
            index = _place(db, day, hashed)
            if index is not None:
                nodes = TileNodes(lambda level, n: store.tile(db, day, level, n))
                path = merkle.inclusion_proof(nodes, index, made.count)
                return {
                    "format": FORMAT,
                    "version": VERSION,
                    "day": day.isoformat(),
                    "seq": head.seq,
                    "head": head.head.hex(),
                    "tag": tag.hex(),
                    "index": index,
                    "path": [b64(each) for each in path],
                    "bundle": bundle.build(db, self._evidence, "heads", [made.entry_id]),
                }
        raise HeadsMissingError(day=day.isoformat())

    def _tag(self, day: date, holder_id: str) -> bytes:
        return hmac.digest(self._key, _DOMAIN + day.isoformat().encode() + b"\0" + holder_id.encode(), "sha256")


def _place(db: Connection, day: date, hashed: bytes) -> int | None:
    """Where a leaf hash stands in the day's tree; None where it does not."""
    found = store.tile_of(db, day, hashed)
    if found is None:
        return None
    n, hashes = found
    row = split_hashes(hashes)
    at = bisect_left(row, hashed)
    return n * WIDTH + at if at < len(row) and row[at] == hashed else None
