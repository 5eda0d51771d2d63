"""One entry as anybody may see it: its leaf, its place, the proof under the best checkpoint, and the anchor above it.

For entries in clear, whose leaf is all there is to show. The checkpoint is chosen as in an evidence bundle: the
smallest anchored one over the entry, through the log above or by ourselves, else the newest published one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger import archive, proofs, store
from ledger.note import Note, parse_checkpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry with what proves it.

    Attributes:
        entry_id, leaf: the entry.
        index: its 0-based place, None before integration.
        inclusion: RFC 6962 path under `checkpoint`.
        checkpoint: signed note, None while no published one covers the entry.
        superiors: what proves that checkpoint in the log above, where there is one (docs/evidence.md, 2.2).
        chain: the chain section of the topmost log, None before it is anchored.
    """

    entry_id: str
    leaf: bytes
    index: int | None = None
    inclusion: tuple[bytes, ...] = ()
    checkpoint: str | None = None
    superiors: tuple[Mapping[str, Any], ...] = ()
    chain: Mapping[str, Any] | None = None


def show(db: Connection, entry_id: str) -> ShownEntry:
    """Show an entry, of the current log or of a frozen one.

    Raises:
        EntryNotFoundError: no such entry.
        LogDivergedError: the log is damaged.
    """
    with archive.through(db, archive.number_of(db, entry_id)):
        row = store.entry(db, entry_id)
        newest = store.newest_published(db)
        if row.index is None or newest is None or newest.head.size <= row.index:
            return ShownEntry(entry_id, row.leaf)
        needed = row.index + 1
        note = newest.note
        superiors: tuple[Mapping[str, Any], ...] = ()
        chain: Mapping[str, Any] | None = None
        if above := store.superior_over(db, needed, anchored=True):
            note, superiors, chain = above[0], (above[1],), above[2]
        elif anchor := store.anchor_over(db, needed):
            note, chain = store.checkpoints(db, at_least=anchor.size, limit=1)[0].note, anchor.proof
        size = parse_checkpoint(Note.parse(note).text).size
        path = proofs.inclusion(db, row.index, size)
        return ShownEntry(entry_id, row.leaf, row.index, tuple(path), note, superiors, chain)
