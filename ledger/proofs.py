"""Inclusion and consistency proofs from stored tiles, each with one query.

The tree code runs twice: once over nodes that only write down which tiles they would need, once over those tiles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger import merkle, store
from ledger.errors import EntryNotPublishedError, LogDivergedError
from ledger.model import HASH_SIZE
from ledger.tiles import WIDTH, TileNodes
from ledger.tlogproof import TlogProof

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

_BLANK = bytes(WIDTH * HASH_SIZE)


def inclusion(db: Connection, index: int, size: int) -> list[bytes]:
    """The RFC 6962 path of entry `index` in the tree of `size` entries, from the leaf's sibling up.

    Raises:
        ValueError: `index` is not below `size`.
        LogDivergedError: tiles are missing; `size` is greater than the log, or the log is damaged.
    """
    return _over_tiles(db, lambda nodes: merkle.inclusion_proof(nodes, index, size))


def consistency(db: Connection, old: int, new: int) -> list[bytes]:
    """The RFC 6962 proof that the tree of `new` entries only adds to that of `old`.

    Raises:
        ValueError: `old` is greater than `new`.
        LogDivergedError: tiles are missing; `new` is greater than the log, or the log is damaged.
    """
    return _over_tiles(db, lambda nodes: merkle.consistency_proof(nodes, old, new))


def tlog_proof(db: Connection, entry_id: str, quorum: int) -> TlogProof:
    """An entry's proof in the format of strangers' tools (C2SP tlog-proof), with the entry itself as `extra`.

    It stands under the smallest published checkpoint that covers it, so asking again gives the same file.

    Args:
        db: an open unit.
        entry_id: the entry.
        quorum: how many witnesses' cosignatures the checkpoint must have waited for.

    Raises:
        EntryNotFoundError: no such entry.
        EntryNotPublishedError: no such checkpoint covers it yet.
    """
    row = store.entry(db, entry_id)
    if row.index is None:
        raise EntryNotPublishedError
    found = store.checkpoints(db, at_least=row.index + 1, limit=1, quorum=quorum)
    if not found:
        raise EntryNotPublishedError
    path = inclusion(db, row.index, found[0].head.size)
    return TlogProof(row.index, tuple(path), found[0].note, row.leaf)


def root(db: Connection, size: int) -> bytes:
    """The root over the first `size` entries, from tiles.

    Raises:
        LogDivergedError: tiles are missing.
    """
    return _over_tiles(db, lambda nodes: [merkle.root(nodes, size)])[0]


def _over_tiles(db: Connection, make: Callable[[merkle.Nodes], list[bytes]]) -> list[bytes]:
    needed: set[tuple[int, int]] = set()

    def note(level: int, n: int) -> bytes:
        needed.add((level, n))
        return _BLANK

    make(TileNodes(note))
    found = store.tiles(db, needed)

    def read(level: int, n: int) -> bytes:
        try:
            return found[level, n]
        except KeyError:
            raise LogDivergedError(reason="tile missing", level=level, n=n) from None

    return make(TileNodes(read))
