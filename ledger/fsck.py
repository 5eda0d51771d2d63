"""The whole log recomputed from raw bytes, with every defect named (DESIGN 6, RELIABILITY D8).

From the leaves as stored: leaf hashes, every tile, the root at every checkpoint, every anchor and the head. Roots are
made by a stack of subtrees, tiles by the sequencer's own code, so one mistake in either shows against the other.
Beside the tree: every checkpoint's signature, every record against its leaf, and every object against S3.

Reading only, in short units, so that it runs beside a working exchange: it looks at the log as long as it was at the
start. Where a leaf and its tile differ, the signed checkpoint says which of the two is wrong.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from ledger import merkle, proofs, store
from ledger.clear import is_clear, read_clear
from ledger.errors import (
    ClearLeafError,
    CommitmentError,
    LogDivergedError,
    LogMissingError,
    NoteError,
    ObjectMissingError,
    ProofError,
)
from ledger.note import open_checkpoint
from ledger.record import LEAF_SIZE, Opening, open_leaf
from ledger.tiles import WIDTH, Edge, TileAddress, edge_addresses, split_hashes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

    from ledger.db import Database
    from ledger.model import Checkpoint, LogHead, PublishedCheckpoint, StoredRecord
    from ledger.note import NoteVerifier
    from ledger.tiles import Tile

_PAGE: Final = 16 * WIDTH
_MAX_DEFECTS: Final = 1000
"""More say nothing new; the count goes on."""


class ObjectAudit(Protocol):
    """What the object store tells about a stored object without its key."""

    def held_size(self, key: str, version_id: str) -> int:
        """Bytes of ciphertext under this key and version.

        Raises:
            ObjectMissingError: there is no such object.
        """
        ...


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is not as it must be: a kebab-case code and the place, e.g. `tile 0/000`."""

    code: str
    place: str


@dataclass(slots=True)
class FsckReport:
    """What was looked at, and what is wrong.

    Attributes:
        entries: leaves hashed, pending ones not counted.
        pending: entries without an index.
        records: records opened against their leaf.
        erased: indexed entries whose record was destroyed.
        clear: entries in clear, which have no record (`ledger.clear`).
        tiles: tiles compared.
        checkpoints: signatures and roots checked.
        anchors: confirmed anchors compared.
        objects: objects found in S3.
        defect_count: all defects; `defects` holds the first 1000.
        root: root over `entries`, hex.
    """

    entries: int = 0
    pending: int = 0
    records: int = 0
    erased: int = 0
    clear: int = 0
    tiles: int = 0
    checkpoints: int = 0
    anchors: int = 0
    objects: int = 0
    defect_count: int = 0
    root: str = ""
    defects: list[Defect] = field(default_factory=list)

    def defect(self, code: str, place: str) -> None:
        """Note a defect."""
        self.defect_count += 1
        if len(self.defects) < _MAX_DEFECTS:
            self.defects.append(Defect(code, place))

    def as_json(self) -> dict[str, Any]:
        """The report as JSON; `defects` as `code: place`."""
        figures = {name: getattr(self, name) for name in self.__slots__ if name != "defects"}
        return {**figures, "defects": [f"{each.code}: {each.place}" for each in self.defects]}


def fsck(
    database: Database,
    log: NoteVerifier,
    *,
    retired: Sequence[tuple[NoteVerifier, int]] = (),
    objects: ObjectAudit | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> FsckReport:
    """Recompute everything.

    Args:
        database: of the node.
        log: the key checkpoints must be signed with; from settings or a trust file, not from the database.
        retired: keys of the same log that sign no more, each with the size up to which it is good.
        objects: S3, or None to leave objects out.
        progress: called with entries done and entries in all.

    Raises:
        LogMissingError: there is no log to check.
    """
    report = FsckReport()
    with database.unit() as db:
        head = store.log_head(db)
    if head is None:
        raise LogMissingError
    if (head.origin, head.key_id) != (log.name, log.key_id):
        report.defect("log-identity", head.origin)
    tree = _Tree(database, report, head)
    marks = _marks(database, [*retired, (log, None)], head, report)
    mark = next(marks, None)
    for page in tree.pages(progress):
        for index, leaf_hash in page:
            tree.stack.append(leaf_hash)
            while mark is not None and mark[0] == index + 1:
                if mark[1] != tree.stack.root():
                    report.defect(mark[2], f"size {mark[0]}")
                mark = next(marks, None)
    tree.finish()
    _pending(database, report)
    _halves(database, report)
    if objects is not None:
        _objects(database, objects, report)
    return report


class _Stack:
    """RFC 6962 root over leaves added one by one: the complete subtrees from left to right, largest first."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self.size = 0

    def append(self, leaf_hash: bytes) -> None:
        self._nodes.append(leaf_hash)
        self.size += 1
        for _ in range((self.size & -self.size).bit_length() - 1):
            right = self._nodes.pop()
            self._nodes[-1] = merkle.node_hash(self._nodes[-1], right)

    def root(self) -> bytes:
        value: bytes | None = None
        for node in reversed(self._nodes):
            value = node if value is None else merkle.node_hash(node, value)
        return merkle.EMPTY_ROOT if value is None else value


class _Tree:
    """Leaves, records and tiles, page by page."""

    def __init__(self, database: Database, report: FsckReport, head: LogHead) -> None:
        self._database = database
        self._report = report
        self._head = head
        self._edge = Edge(0, {})
        self.stack = _Stack()

    def pages(self, progress: Callable[[int, int], None] | None) -> Iterator[list[tuple[int, bytes]]]:
        """(index, leaf hash) of every entry; where a leaf is damaged, the hash its intact tile holds."""
        for low in range(0, self._head.size, _PAGE):
            high = min(low + _PAGE, self._head.size)
            with self._database.unit() as db:
                leaves = dict(store.indexed_leaves(db, low, high))
                self._records(leaves, list(store.records_between(db, low, high)))
                hashes = self._leaf_hashes(db, low, high, leaves)
                self._tiles(db, self._edge.append(hashes), last=high == self._head.size)
            self._report.entries += len(leaves)
            yield list(enumerate(hashes, low))
            if progress:
                progress(high, self._head.size)

    def finish(self) -> None:
        """The head, and tiles that should not be there."""
        self._report.root = self.stack.root().hex()
        if self.stack.root() != self._head.root:
            self._report.defect("head-root", f"size {self._head.size}")
        with self._database.unit() as db:
            size = (store.log_head(db) or self._head).size
            for level, last in store.tile_extents(db):
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

    def _records(self, leaves: dict[int, bytes], records: list[tuple[int, StoredRecord]]) -> None:
        for index, held in records:
            if index in leaves:
                _open(self._report, leaves[index], held, f"index {index}")
        sealed = sum(not is_clear(leaf) for leaf in leaves.values())
        self._report.erased += sealed - len(records)

    def _clear(self, leaf: bytes, index: int) -> None:
        """A leaf in clear opens to itself; it never had a record."""
        self._report.clear += 1
        try:
            read_clear(leaf)
        except ClearLeafError:
            self._report.defect("leaf-malformed", f"index {index}")


def _open(report: FsckReport, leaf: bytes, held: StoredRecord, place: str) -> None:
    report.records += 1
    try:
        open_leaf(leaf, Opening.of(held.fact, held.parties, held.salts))
    except (CommitmentError, ValueError):
        report.defect("record-does-not-open", place)


def _marks(
    database: Database, keys: Sequence[tuple[NoteVerifier, int | None]], head: LogHead, report: FsckReport
) -> Iterator[tuple[int, bytes, str]]:
    """(size, root, code if it is wrong) of checkpoints and anchors in order of size; checks signatures on the way."""
    at, anchors = 0, _anchors(database, head, report)
    anchor = next(anchors, None)
    while True:
        with database.unit() as db:
            page = store.checkpoints(db, at_least=at + 1)
        for published in page:
            size = published.head.size
            if size > head.size:
                _beyond(database, head, published, report)
                continue
            while anchor is not None and anchor[0] <= size:
                yield anchor
                anchor = next(anchors, None)
            report.checkpoints += 1
            signed = _opened(published.note, [key for key, until in keys if until is None or size <= until])
            if signed is None:
                report.defect("checkpoint-signature", f"size {size}")
            elif (signed.size, signed.root) != (size, published.head.root):
                report.defect("checkpoint-row", f"size {size}")
            yield size, published.head.root, "checkpoint-root"
        if not page:
            break
        at = page[-1].head.size
    while anchor is not None:
        yield anchor
        anchor = next(anchors, None)


def _opened(note: str, keys: Sequence[NoteVerifier]) -> Checkpoint | None:
    """The checkpoint of a note that one of the keys signed; None where none did."""
    for key in keys:
        with suppress(NoteError):
            return open_checkpoint(note, key)
    return None


def _beyond(database: Database, head: LogHead, published: PublishedCheckpoint, report: FsckReport) -> None:
    """A checkpoint past the log: signed while we looked, or left over from a newer database (RELIABILITY D9)."""
    with database.unit() as db:
        now = store.log_head(db)
    if published.head.size > (now or head).size:
        report.defect("checkpoint-beyond-log", f"size {published.head.size}")


def _anchors(database: Database, head: LogHead, report: FsckReport) -> Iterator[tuple[int, bytes, str]]:
    with database.unit() as db:
        rows = store.confirmed_anchors(db)
    for size, root in rows:
        report.anchors += 1
        if size <= head.size:
            yield size, root, "anchor-root"


def _pending(database: Database, report: FsckReport) -> None:
    after = 0
    while True:
        with database.unit() as db:
            rows = store.pending_records(db, after, _PAGE)
        for seq, leaf, held in rows:
            report.pending += 1
            if held is not None:
                _open(report, leaf, held, f"entry {held.entry_id}")
            after = seq
        if not rows:
            return


def _halves(database: Database, report: FsckReport) -> None:
    """Erasure takes record and salts together: one without the other was lost, not erased."""
    with database.unit() as db:
        halves = store.half_records(db, _MAX_DEFECTS)
    for entry_id, has_record in halves:
        report.defect("salts-missing" if has_record else "record-missing", f"entry {entry_id}")


def _objects(database: Database, objects: ObjectAudit, report: FsckReport) -> None:
    after = ""
    while True:
        with database.unit() as db:
            rows = store.living_objects(db, after, 500)
        for object_id, key, version_id, cipher_size in rows:
            after = object_id
            try:
                size = objects.held_size(key, version_id)
            except ObjectMissingError:
                report.defect("object-missing", f"object {object_id}")
                continue
            report.objects += 1
            if size != cipher_size:
                report.defect("object-size", f"object {object_id}")
        if not rows:
            return
