"""Merkle trees and consistency proofs by the recursive words of RFC 9162 2.1.1 and 2.1.4.1: slow, short, independent.

A `Tree` may be larger than memory: a perfect subtree that none of the sizes asked about cuts is opaque, and its hash is
drawn from a seed. For those sizes the tree is a proper one, and no 2^24 leaves need be hashed.
"""

from __future__ import annotations

from hashlib import sha256


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def _split(size: int) -> int:
    """The largest power of two below a size."""
    return 1 << ((size - 1).bit_length() - 1)


class Tree:
    """A tree that can be asked about the given sizes.

    Args:
        sizes: every size `root` and `proof` will be called with.
        seed: trees of different seeds differ everywhere.
    """

    def __init__(self, *sizes: int, seed: bytes = b"cailian") -> None:
        self._sizes = sizes
        self._seed = seed

    def hash(self, start: int, end: int) -> bytes:
        """MTH(D[start:end]), RFC 9162 2.1.1."""
        width = end - start
        if width & (width - 1) == 0 and not any(start < size < end for size in self._sizes):
            return sha256(self._seed + start.to_bytes(8, "big") + end.to_bytes(8, "big")).digest()
        middle = start + _split(width)
        return _node(self.hash(start, middle), self.hash(middle, end))

    def root(self, size: int) -> bytes:
        """The root over the first `size` leaves."""
        return self.hash(0, size)

    def proof(self, old: int, new: int) -> list[bytes]:
        """PROOF(old, D[new]), RFC 9162 2.1.4.1."""
        return [] if old == new else self._subproof(old, 0, new, whole=True)

    def _subproof(self, old: int, start: int, end: int, *, whole: bool) -> list[bytes]:
        """SUBPROOF(old - start, D[start:end], whole)."""
        if old == end:
            return [] if whole else [self.hash(start, end)]
        middle = start + _split(end - start)
        if old <= middle:
            return [*self._subproof(old, start, middle, whole=whole), self.hash(middle, end)]
        return [*self._subproof(old, middle, end, whole=False), self.hash(start, middle)]
