"""New leaves hashed once more from their stored bytes, before a checkpoint signs them.

Yeti 2022, a log of Certificate Transparency, signed a root over a leaf hash in which one bit had flipped after it was
computed; nothing could be proven of it any more, for ever. So what is signed is not what was computed when an entry got
its index, but what the stored bytes make now: each leaf since the last checkpoint against its tile, each tile that
filled up since against the hash above it. The right edge and the older tiles are the sequencer's own checks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger import store
from ledger.errors import LogDivergedError
from ledger.merkle import fold_complete
from ledger.tiles import HEIGHT, WIDTH, TileAddress, split_hashes

if TYPE_CHECKING:
    from sqlalchemy import Connection

_STEP: Final = WIDTH * WIDTH
"""Leaves looked at in one statement."""

_DIFFERENT: Final = """
WITH made AS (
  SELECT idx / 256 AS n, mod(min(idx), 256) AS first, count(*) AS width,
         string_agg(sha256('\\x00'::bytea || leaf), ''::bytea ORDER BY idx) AS hashes
  FROM ledger.entry WHERE idx >= %(low)s AND idx < %(high)s GROUP BY 1
)
SELECT (SELECT COALESCE(sum(width), 0) FROM made),
       (SELECT min(made.n) FROM made LEFT JOIN ledger.tile t ON t.level = 0 AND t.n = made.n
        WHERE t.hashes IS NULL
           OR substring(t.hashes FROM made.first::int * 32 + 1 FOR made.width::int * 32) <> made.hashes)
"""
"""How many leaves there are, and the first tile that does not hold their hashes (RFC 6962 2.1, leaf hash)."""


def new_leaves(db: Connection, old: int, new: int) -> None:
    """Check everything that a tree of `new` leaves has and one of `old` had not.

    Raises:
        LogDivergedError: a leaf is missing, or is not the one that was hashed, or a full tile is not the one above.
    """
    for low in range(old, new, _STEP):
        high = min(low + _STEP, new)
        count, wrong = db.exec_driver_sql(_DIFFERENT, {"low": low, "high": high}).one()
        if count != high - low:
            raise LogDivergedError(reason="a leaf is missing", size=new)
        if wrong is not None:
            raise LogDivergedError(reason="a stored leaf is not what its tile holds", tile=TileAddress(0, wrong).path)
    level = 0
    while new >> HEIGHT * (level + 1):
        _full_tiles(db, level, old >> HEIGHT * (level + 1), new >> HEIGHT * (level + 1))
        level += 1


def _full_tiles(db: Connection, level: int, first: int, end: int) -> None:
    """Compare the tiles of a level that filled up with their hashes one level up."""
    low = first
    while low < end:
        above = low // WIDTH
        high = min(end, (above + 1) * WIDTH)
        rows = store.tiles(db, [(level + 1, above), *((level, n) for n in range(low, high))])
        hashes = split_hashes(rows.get((level + 1, above), b""))
        for n in range(low, high):
            parts, place = split_hashes(rows.get((level, n), b"")), n % WIDTH
            if len(parts) != WIDTH or place >= len(hashes) or fold_complete(parts) != hashes[place]:
                raise LogDivergedError(reason="a tile is not what the one above holds", tile=TileAddress(level, n).path)
        low = high
