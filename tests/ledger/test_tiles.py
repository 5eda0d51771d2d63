"""tlog-tiles paths and the right edge, against the tree in memory."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, strategies as st

from ledger import merkle
from ledger.errors import LogDivergedError, TileNotFoundError
from ledger.merkle import LeafNodes
from ledger.tiles import Edge, TileAddress, TileNodes, edge_addresses, encode_entries

HASHES = [merkle.leaf_hash(number.to_bytes(4, "big")) for number in range(70_000)]
NODES = LeafNodes(HASHES)


class TestTileAddress:
    @pytest.mark.parametrize(
        ("address", "path"),
        [
            (TileAddress(0, 1234067), "0/x001/x234/067"),
            (TileAddress(3, 0), "3/000"),
            (TileAddress(0, 273, 112), "0/273.p/112"),
            (TileAddress(None, 1000, 1), "entries/x001/000.p/1"),
            (TileAddress(63, 999), "63/999"),
        ],
    )
    def test_has_the_path_of_the_standard(self, address: TileAddress, path: str) -> None:
        assert address.path == path
        assert TileAddress.parse(path) == address

    @given(st.none() | st.integers(0, 63), st.integers(0, 2**62), st.integers(1, 256))
    def test_comes_back(self, level: int | None, n: int, width: int) -> None:
        address = TileAddress(level, n, width)
        assert TileAddress.parse(address.path) == address

    @pytest.mark.parametrize(
        "path",
        [
            "",
            "0",
            "0/0",
            "0/0000",
            "0/x000/001",
            "0/x001/x234/67",
            "0/001.p/0",
            "0/001.p/256",
            "0/001.p/007",
            "0/001.p/300",
            "64/000",
            "00/000",
            "-1/000",
            "data/000",
            "0/../000",
            "0/000/",
            "0/" + "x999/" * 20 + "999",
            "0/٠٠٠",
        ],
    )
    def test_refuses_any_other_spelling(self, path: str) -> None:
        with pytest.raises(TileNotFoundError):
            TileAddress.parse(path)


class TestEncodeEntries:
    def test_puts_a_big_endian_length_before_each(self) -> None:
        assert encode_entries([b"a" * 57, b"", b"b" * 258]) == b"\0\x39" + b"a" * 57 + b"\0\0" + b"\1\2" + b"b" * 258


class TestEdge:
    def test_grows_in_any_steps_to_the_same_tree(self) -> None:
        chance, stored, size = random.Random(9162), {}, 0
        while size < len(HASHES):
            edge = Edge(size, {at.level or 0: stored[at.level, at.n] for at in edge_addresses(size)})
            step = min(chance.choice([1, 3, 255, 256, 257, 1000, 4096, 9000]), len(HASHES) - size)
            changed = edge.append(HASHES[size : size + step])
            stored |= {(tile.level, tile.n): tile.hashes for tile in changed}
            size += step
            assert edge.root() == merkle.root(NODES, size)
            assert {(tile.level, tile.n) for tile in edge.tiles()} <= stored.keys()
        tiles = TileNodes(lambda level, n: stored[level, n])
        for _ in range(100):
            size = chance.randint(1, len(HASHES))
            index, old = chance.randrange(size), chance.randint(0, size)
            assert merkle.inclusion_proof(tiles, index, size) == merkle.inclusion_proof(NODES, index, size)
            assert merkle.consistency_proof(tiles, old, size) == merkle.consistency_proof(NODES, old, size)
        assert len(stored) == 274 + 2 + 1

    def test_touches_only_the_right_edge(self) -> None:
        edge = Edge(0, {})
        edge.append(HASHES[:1000])
        changed = edge.append(HASHES[1000:1030])
        assert [(tile.level, tile.n, tile.width) for tile in changed] == [(0, 3, 256), (0, 4, 6), (1, 0, 4)]

    def test_takes_a_wider_tile_for_a_smaller_tree(self) -> None:
        assert Edge(3, {0: b"".join(HASHES[:9])}).root() == merkle.root(NODES, 3)

    @pytest.mark.parametrize("tiles", [{}, {0: b"".join(HASHES[:2])}])
    def test_refuses_a_missing_or_narrow_tile(self, tiles: dict[int, bytes]) -> None:
        with pytest.raises(LogDivergedError):
            Edge(3, tiles)


class TestTileNodes:
    def test_refuses_a_narrow_tile(self) -> None:
        nodes = TileNodes(lambda level, n: b"".join(HASHES[:3]))
        with pytest.raises(LogDivergedError):
            nodes(2, 0)
