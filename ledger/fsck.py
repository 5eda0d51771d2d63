"""The whole log recomputed from raw bytes, with every defect named (DESIGN 6, RELIABILITY D8).

From the leaves as stored: leaf hashes, every tile, the root at every checkpoint, every anchor and the head. Roots are
made by a stack of subtrees, tiles by the sequencer's own code, so one mistake in either shows against the other.
On the way every checkpoint's signatures and every record against its leaf; beside it what `ledger.crosscheck` lists.

Reading only, in short units, so that it runs beside a working exchange: it looks at the log as long as it was at the
start, a page at a time, in memory that does not grow with the log. Where a leaf and its tile differ, the signed
checkpoint says which of the two is wrong. A run over a large log may be stopped and resumed: what it knows after each
page is its place, the right edge and what it found (`ledger.fsckstate`).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger import crosscheck, fsckrows, merkle, proofs, store
from ledger.clear import is_clear, read_clear
from ledger.errors import ClearLeafError, LogDivergedError, LogMissingError, NoteError, ProofError
from ledger.fsckstate import FsckReport, Progress
from ledger.note import Note, open_checkpoint
from ledger.record import LEAF_SIZE, seal_parts
from ledger.tiles import WIDTH, TileAddress, edge_addresses, split_hashes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from ledger.crosscheck import Beside, ObjectAudit
    from ledger.db import Database
    from ledger.fsckrows import Indexed
    from ledger.model import Checkpoint, LogHead, PublishedCheckpoint
    from ledger.note import NoteVerifier
    from ledger.tiles import Tile

_PAGE: Final = 16 * WIDTH
_SAVE_PAGES: Final = 32
"""Pages between two savings of a resumable run: 131,072 entries, a few seconds."""


def fsck(
    database: Database,
    log: NoteVerifier,
    *,
    retired: Sequence[tuple[NoteVerifier, int]] = (),
    beside: Beside | None = None,
    objects: ObjectAudit | None = None,
    progress: Callable[[int, int], None] | None = None,
    resume: Path | None = None,
) -> FsckReport:
    """Recompute everything.

    Args:
        database: of the node.
        log: the key checkpoints must be signed with; from settings or a trust file, not from the database.
        retired: keys of the same log that sign no more, each with the size up to which it is good.
        beside: what the rest of the node is held against; None for a frozen log, which is only a tree.
        objects: S3, or None to leave objects out.
        progress: called with entries done and entries in all.
        resume: file to keep the state of a run in, and to go on from; removed at the end.

    Raises:
        LogMissingError: there is no log to check.
        FsckStateError: the file to resume from is of another log, or none.
    """
    with database.unit() as db:
        head = store.log_head(db)
        if head is None:
            raise LogMissingError
        extent = fsckrows.extent(db)
    done = Progress.begin(head, resume)
    report = done.report
    if head.size > extent:  # a size that nothing stands for must not keep us looking for ever
        report.defect("head-size", f"size {head.size}")
        head = replace(head, size=max(extent, done.size))
    if not done.size and (head.origin, head.key_id) != (log.name, log.key_id):
        report.defect("log-identity", head.origin)
    tree = _Tree(database, done, head, whole_node=beside is not None)
    marks = _marks(database, done.size, [*retired, (log, None)], beside.witnesses if beside else ())
    mark = next(marks, None)
    for number, (low, hashes) in enumerate(tree.pages(), 1):
        for size, leaf_hash in enumerate(hashes, low + 1):
            done.stack.append(leaf_hash)
            while mark is not None and mark.size == size:
                mark.check(done.stack.root(), report)
                mark = next(marks, None)
        if progress:
            progress(done.size, head.size)
        if number % _SAVE_PAGES == 0:
            done.save()
    _beyond(database, [mark, *marks] if mark else [], report)
    tree.finish()
    _pending(database, report)
    if beside is not None:
        crosscheck.check(database, head, beside, report)
    if objects is not None:
        crosscheck.check_objects(database, objects, report)
    done.end()
    return report


class _Tree:
    """Leaves, records and tiles, page by page."""

    def __init__(self, database: Database, done: Progress, head: LogHead, *, whole_node: bool) -> None:
        self._database = database
        self._done = done
        self._report = done.report
        self._head = head
        self._edge = done.edge
        self._whole_node = whole_node

    def pages(self) -> Iterator[tuple[int, list[bytes]]]:
        """First index and leaf hashes of each page; where a leaf is damaged, the hash its intact tile holds."""
        for low in range(self._done.size, self._head.size, _PAGE):
            high = min(low + _PAGE, self._head.size)
            with self._database.unit() as db:
                rows = fsckrows.indexed(db, low, high)
                self._records(db, rows)
                hashes = self._leaf_hashes(db, low, high, {row.idx: row.leaf for row in rows})
                self._tiles(db, self._edge.append(hashes), last=high == self._head.size)
            self._report.entries += len(rows)
            yield low, hashes

    def finish(self) -> None:
        """The head, and tiles that should not be there."""
        root = self._done.stack.root()
        self._report.root = root.hex()
        if root != self._head.root:
            self._report.defect("head-root", f"size {self._head.size}")
        with self._database.unit() as db:
            size = (store.log_head(db) or self._head).size
            for level, last in fsckrows.tile_extents(db):
                if last * WIDTH >= size >> 8 * level:
                    self._report.defect("tile-extra", f"tile {TileAddress(level, last).path}")
            beyond = store.index_extent(db)
            if beyond >= size:
                self._report.defect("entry-beyond-log", f"index {beyond}")

    def _leaf_hashes(self, db: Connection, low: int, high: int, leaves: dict[int, bytes]) -> list[bytes]:
        stored = store.tiles(db, [(0, n) for n in range(low // WIDTH, -(-high // WIDTH))])
        hashes = []
        for index in range(low, high):
            n, place = divmod(index, WIDTH)
            in_tile = stored.get((0, n), b"")[32 * place : 32 * place + 32]
            leaf = leaves.get(index)
            if leaf is None:
                self._report.defect("leaf-missing", f"index {index}")
            elif is_clear(leaf):
                self._clear(leaf, index)
            elif len(leaf) != LEAF_SIZE:
                self._report.defect("leaf-malformed", f"index {index}")
            computed = in_tile if leaf is None else merkle.leaf_hash(leaf)
            if in_tile != computed and in_tile and self._signed(db, index, in_tile):
                self._report.defect("leaf-damaged", f"index {index}")
                computed = in_tile
            hashes.append(computed or bytes(32))
        return hashes

    def _signed(self, db: Connection, index: int, leaf_hash: bytes) -> bool:
        """Whether the newest checkpoint over this entry says that the hash is the right one."""
        covering = store.checkpoints(db, at_least=index + 1, newest_first=True, limit=1)
        if not covering or covering[0].head.size > self._head.size:
            return False
        head = covering[0].head
        try:
            merkle.verify_inclusion(leaf_hash, index, head.size, proofs.inclusion(db, index, head.size), head.root)
        except (ProofError, LogDivergedError):
            return False
        return True

    def _tiles(self, db: Connection, changed: list[Tile], *, last: bool) -> None:
        """Compare full tiles once, and the right edge at the end."""
        edge = {(address.level, address.n) for address in edge_addresses(self._head.size)} if last else set()
        wanted = [tile for tile in changed if tile.width == WIDTH or (tile.level, tile.n) in edge]
        if last:  # the edge of a level this page did not touch
            seen = {(tile.level, tile.n) for tile in wanted}
            wanted += [tile for tile in self._edge.tiles() if (tile.level, tile.n) not in seen]
        stored = store.tiles(db, [(tile.level, tile.n) for tile in wanted])
        for tile in wanted:
            found = stored.get((tile.level, tile.n))
            place = f"tile {TileAddress(tile.level, tile.n, tile.width).path}"
            self._report.tiles += 1
            if found is None:
                self._report.defect("tile-missing", place)
            elif found[: len(tile.hashes)] != tile.hashes:
                pairs = zip(split_hashes(found), split_hashes(tile.hashes), strict=False)
                at = next((at for at, (one, other) in enumerate(pairs) if one != other), len(found) // 32)
                self._report.defect("tile-wrong", f"{place} hash {at}")

    def _records(self, db: Connection, rows: Sequence[Indexed]) -> None:
        """Every record against its leaf. One that lost salts or itself is named there (`ledger.crosscheck`)."""
        bare = []
        for row in rows:
            if row.fact is not None and row.parties is not None and row.salts is not None:
                _open(self._report, row.leaf, (row.fact, row.parties, row.salts), f"index {row.idx}")
            elif not is_clear(row.leaf):
                bare.append(row)
        self._report.erased += len(bare)
        gone = [row.idx for row in bare if row.fact is None and row.salts is None]
        if gone and self._whole_node:
            for index in fsckrows.not_erased(db, gone):
                self._report.defect("record-lost", f"index {index}")

    def _clear(self, leaf: bytes, index: int) -> None:
        """A leaf in clear opens to itself; it never had a record."""
        self._report.clear += 1
        try:
            read_clear(leaf)
        except ClearLeafError:
            self._report.defect("leaf-malformed", f"index {index}")


def _open(report: FsckReport, leaf: bytes, parts: tuple[bytes, bytes, bytes], place: str) -> None:
    report.records += 1
    try:
        opens = seal_parts(*parts).leaf == leaf
    except ValueError:  # salts of another length
        opens = False
    if not opens:
        report.defect("record-does-not-open", place)


class _Mark(NamedTuple):
    """A root that somebody was told for a size.

    Attributes:
        kind: `checkpoint` or `anchor`.
        wrong: codes of what is wrong with it whatever the tree says.
    """

    size: int
    root: bytes
    kind: str
    wrong: tuple[str, ...] = ()

    def check(self, root: bytes, report: FsckReport) -> None:
        """Hold it against the root that the leaves make."""
        setattr(report, f"{self.kind}s", getattr(report, f"{self.kind}s") + 1)
        for code in (*self.wrong, *([f"{self.kind}-root"] if self.root != root else [])):
            report.defect(code, f"size {self.size}")


def _marks(
    database: Database,
    after: int,
    keys: Sequence[tuple[NoteVerifier, int | None]],
    witnesses: Sequence[NoteVerifier],
) -> Iterator[_Mark]:
    """Checkpoints and confirmed anchors of a size above `after`, by size; signatures are checked on the way."""
    with database.unit() as db:
        anchors = [_Mark(size, root, "anchor") for size, root in fsckrows.confirmed_anchors(db) if size > after]
    anchors.reverse()
    while True:
        with database.unit() as db:
            page = store.checkpoints(db, at_least=after + 1)
        for published in page:
            size = published.head.size
            while anchors and anchors[-1].size <= size:
                yield anchors.pop()
            good = [key for key, until in keys if until is None or size <= until]
            yield _Mark(size, published.head.root, "checkpoint", _wrong(published, good, witnesses))
        if not page:
            break
        after = page[-1].head.size
    while anchors:
        yield anchors.pop()


def _wrong(
    published: PublishedCheckpoint, keys: Sequence[NoteVerifier], witnesses: Sequence[NoteVerifier]
) -> tuple[str, ...]:
    """What is wrong with a checkpoint's row and signatures."""
    codes = []
    signed = _opened(published.note, keys)
    if signed is None:
        codes.append("checkpoint-signature")
    elif (signed.size, signed.root) != (published.head.size, published.head.root):
        codes.append("checkpoint-row")
    if witnesses and _cosigned(published.note, witnesses) < (published.quorum or 0):
        codes.append("checkpoint-quorum")
    return tuple(codes)


def _opened(note: str, keys: Sequence[NoteVerifier]) -> Checkpoint | None:
    """The checkpoint of a note that one of the keys signed; None where none did."""
    for key in keys:
        with suppress(NoteError):
            return open_checkpoint(note, key)
    return None


def _cosigned(note: str, witnesses: Sequence[NoteVerifier]) -> int:
    """How many of the witnesses signed; none where a line under the name of one of them is no signature of it."""
    try:
        return len(Note.parse(note).verified_by(witnesses))
    except NoteError:
        return 0


def _beyond(database: Database, marks: Iterable[_Mark], report: FsckReport) -> None:
    """What is past the log: signed while we looked, or left over from a newer database (RELIABILITY D9)."""
    with database.unit() as db:
        now = store.log_head(db)
    for mark in marks:
        if now is None or mark.size > now.size:
            report.defect(f"{mark.kind}-beyond-log", f"size {mark.size}")


def _pending(database: Database, report: FsckReport) -> None:
    after = 0
    while True:
        with database.unit() as db:
            rows = fsckrows.pending_records(db, after, _PAGE)
        for seq, leaf, held in rows:
            report.pending += 1
            if held is not None:
                _open(report, leaf, (held.fact, held.parties, held.salts), f"entry {held.entry_id}")
            after = seq
        if not rows:
            return
