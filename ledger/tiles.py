"""Tiles of the tree in the layout of C2SP tlog-tiles: 256 hashes each, level L over subtrees of 256^L leaves.

`Edge` is the right edge of the tree, one row of hashes per level. Appending touches nothing else: a tile that fills up
is written for the last time and its hash goes one level up. The root is always computed from the edge, so that what
was loaded from the database is what gets compared with the head before anything is signed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ledger.errors import LogDivergedError, ProofError, TileNotFoundError
from ledger.merkle import EMPTY_ROOT, fold_complete, leaf_hash, node_hash
from ledger.model import HASH_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

WIDTH: Final = 256
"""Hashes in a full tile (tlog-tiles: tile height 8)."""
HEIGHT: Final = 8
ENTRIES: Final = "entries"
_LENGTH: Final = 2
"""Bytes of a leaf's length in an entry bundle (tlog-tiles, "Log entries")."""
_MAX_LEVEL: Final = 7
"""256^8 leaves exceed a 64-bit size, so no tile lies higher than this."""

_PATH: Final = re.compile(r"(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True)
class TileAddress:
    """A tile's place.

    Attributes:
        level: 0 to 63, or None for an entry bundle.
        n: place in its level.
        width: hashes or entries in it, 1 to 256; below 256 it is a partial tile.
    """

    level: int | None
    n: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Below `tile/`: e.g. `0/x001/x234/067`, `entries/000.p/17`."""
        digits = f"{self.n:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        part = "" if self.width == WIDTH else f".p/{self.width}"
        return f"{ENTRIES if self.level is None else self.level}/{name}{part}"

    @classmethod
    def parse(cls, path: str) -> TileAddress:
        """Read a path below `tile/`.

        Raises:
            TileNotFoundError: no tile can have this path; each tile has exactly one spelling.
        """
        match = _PATH.fullmatch(path)
        if match is None or len(path) > 64:
            raise TileNotFoundError
        level, name, width = match.groups()
        address = cls(
            None if level == ENTRIES else int(level),
            int(name.replace("x", "").replace("/", "")),
            WIDTH if width is None else int(width),
        )
        if address.path != path or address.width > WIDTH:
            raise TileNotFoundError
        return address


def encode_entries(leaves: Iterable[bytes]) -> bytes:
    """An entry bundle: each leaf behind its length as a big-endian uint16 (tlog-tiles, "Log entries")."""
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)


def decode_entries(bundle: bytes) -> list[bytes]:
    """The leaves of an entry bundle.

    Raises:
        ProofError: it ends inside a leaf, or holds more than 256.
    """
    leaves: list[bytes] = []
    place, end = 0, len(bundle)
    while place < end:
        start = place + _LENGTH
        place = start + int.from_bytes(bundle[place:start], "big")
        if start > end or place > end or len(leaves) == WIDTH:
            raise ProofError(reason="entry bundle")
        leaves.append(bundle[start:place])
    return leaves


def hash_entries(bundle: bytes) -> list[bytes]:
    """The leaf hashes of an entry bundle.

    Raises:
        ProofError: see `decode_entries`.
    """
    step = _LENGTH + int.from_bytes(bundle[:_LENGTH], "big")
    count, rest = divmod(len(bundle), step)
    if rest or count > WIDTH or (bundle[::step], bundle[1::step]) != (bundle[:1] * count, bundle[1:2] * count):
        return [leaf_hash(leaf) for leaf in decode_entries(bundle)]
    # Leaves of one length, as nearly all are: the byte before each becomes the 0x00 of RFC 6962, and nothing is copied
    # one by one. An audit of a whole log spends its time here.
    prefixed = bytearray(bundle)
    prefixed[1::step] = bytes(count)
    whole = bytes(prefixed)
    return [sha256(whole[at : at + step - 1]).digest() for at in range(1, len(whole), step)]


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile as stored: `hashes` is 32 * width bytes."""

    level: int
    n: int
    hashes: bytes

    @property
    def width(self) -> int:
        """Hashes in it."""
        return len(self.hashes) // HASH_SIZE


def split_hashes(hashes: bytes) -> list[bytes]:
    """The single hashes of a tile."""
    return [hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE)]


def edge_addresses(size: int) -> list[TileAddress]:
    """The partial tiles of a tree, lowest level first; levels whose last tile is full have none."""
    parts = ((level, size >> HEIGHT * level) for level in range(_MAX_LEVEL + 1))
    return [TileAddress(level, count // WIDTH, count % WIDTH) for level, count in parts if count % WIDTH]


class Edge:
    """The right edge of a tree of `size` leaves.

    Args:
        size: leaves in the tree.
        tiles: the hashes of every tile of `edge_addresses(size)`, by level. Stored tiles may be wider than asked for.

    Raises:
        LogDivergedError: a tile of the edge is missing or too narrow.
    """

    def __init__(self, size: int, tiles: Mapping[int, bytes]) -> None:
        self.size = size
        self._rows: dict[int, list[bytes]] = {}
        for address in edge_addresses(size):
            row = split_hashes(tiles.get(address.level or 0, b""))[: address.width]
            if len(row) != address.width:
                raise LogDivergedError(reason="tile missing at the right edge", tile=address.path)
            self._rows[address.level or 0] = row

    def append(self, leaf_hashes: Sequence[bytes]) -> list[Tile]:
        """Add leaves.

        Returns:
            every tile that changed: new full ones, and the new right edge.
        """
        changed: list[Tile] = []
        added: Sequence[bytes] = leaf_hashes
        level, first = 0, self.size
        while added:
            row = self._rows.get(level, [])
            n = first // WIDTH
            row.extend(added)
            up = []
            while len(row) >= WIDTH:
                full, row = row[:WIDTH], row[WIDTH:]
                changed.append(Tile(level, n, b"".join(full)))
                up.append(fold_complete(full))
                n += 1
            if row:
                changed.append(Tile(level, n, b"".join(row)))
            self._rows[level] = row
            level, first, added = level + 1, first >> HEIGHT, up
        self.size += len(leaf_hashes)
        return changed

    def tiles(self) -> list[Tile]:
        """The partial tiles that make the edge."""
        places = edge_addresses(self.size)
        return [Tile(at.level or 0, at.n, b"".join(self._rows[at.level or 0])) for at in places]

    def root(self) -> bytes:
        """The tree's root: complete subtrees of the edge, joined from the smallest (rightmost) up."""
        value: bytes | None = None
        for level in sorted(self._rows):
            row = self._rows[level]
            end = len(row)
            while end:
                count = end & -end
                hash_ = fold_complete(row[end - count : end])
                value = hash_ if value is None else node_hash(hash_, value)
                end -= count
        return EMPTY_ROOT if value is None else value


class TileNodes:
    """`merkle.Nodes` over tiles of a tree.

    Args:
        read: gives the hashes of the tile (level, n); at least as wide as the tree needs.
    """

    def __init__(self, read: Callable[[int, int], bytes]) -> None:
        self._read = read

    def __call__(self, level: int, index: int) -> bytes:
        """See `merkle.Nodes`."""
        tile_level, above = divmod(level, HEIGHT)
        first = index << above
        n, place = divmod(first, WIDTH)
        hashes = self._read(tile_level, n)[place * HASH_SIZE : (place + (1 << above)) * HASH_SIZE]
        if len(hashes) != HASH_SIZE << above:
            raise LogDivergedError(reason="tile too narrow", tile=TileAddress(tile_level, n).path)
        return fold_complete(split_hashes(hashes))
