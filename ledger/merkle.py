"""The Merkle tree of RFC 6962 section 2.1 (same as RFC 9162 section 2.1), pure and without I/O.

Every function that makes something works over `Nodes`, a way to ask for the hash of a *complete* subtree: in memory
(`LeafNodes`) or from tiles (`ledger.tiles`). All incomplete subtrees are folded from complete ones, so a proof over a
log of 10 million entries asks for a few dozen hashes.
"""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING, Final, Protocol

from ledger.errors import ProofError

if TYPE_CHECKING:
    from collections.abc import Sequence

EMPTY_ROOT: Final = sha256(b"").digest()
"""Root of the empty tree (RFC 6962 2.1: MTH({}) = SHA-256())."""
_SIZE: Final = len(EMPTY_ROOT)


class Nodes(Protocol):
    """Hashes of the complete subtrees of one tree."""

    def __call__(self, level: int, index: int) -> bytes:
        """Hash of the subtree over leaves [index * 2^level, (index + 1) * 2^level)."""
        ...


def leaf_hash(leaf: bytes) -> bytes:
    """MTH({d}) = SHA-256(0x00 || d)."""
    return sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right). The prefixes keep a node from passing as a leaf (second preimage attack)."""
    return sha256(b"\1" + left + right).digest()


def fold_complete(hashes: Sequence[bytes]) -> bytes:
    """Root of a complete subtree given the hashes of its 2^k parts."""
    row = list(hashes)
    while len(row) > 1:
        nodes = iter(row)
        row = [sha256(b"\1" + left + right).digest() for left, right in zip(nodes, nodes, strict=True)]
    return row[0]


class LeafNodes:
    """Subtree hashes over leaf hashes held in memory; for tests and small trees (rows are kept)."""

    def __init__(self, leaf_hashes: Sequence[bytes]) -> None:
        self._rows = [list(leaf_hashes)]

    def __call__(self, level: int, index: int) -> bytes:
        """See `Nodes`."""
        while len(self._rows) <= level:
            below = self._rows[-1]
            self._rows.append([node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)])
        return self._rows[level][index]


def root(nodes: Nodes, size: int) -> bytes:
    """MTH over the first `size` leaves."""
    return subtree(nodes, 0, size) if size else EMPTY_ROOT


def subtree(nodes: Nodes, low: int, high: int) -> bytes:
    """MTH(D[low:high]) for a range that occurs in the tree, i.e. `low` is a multiple of the next power of two."""
    level = (high - low).bit_length() - 1
    if high - low == 1 << level:
        return nodes(level, low >> level)
    middle = low + (1 << level)
    return node_hash(nodes(level, low >> level), subtree(nodes, middle, high))


def _split(size: int) -> int:
    """The largest power of two smaller than `size` (RFC 6962 2.1, k)."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_proof(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962 2.1.1, from the leaf's sibling up.

    Raises:
        ValueError: no such leaf in a tree of that size.
    """
    if not 0 <= index < size:
        msg = f"no leaf {index} in a tree of {size}"
        raise ValueError(msg)
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(subtree(nodes, middle, high))
            high = middle
        else:
            path.append(subtree(nodes, low, middle))
            low = middle
    path.reverse()
    return path


def inclusion_proofs(leaf_hashes: Sequence[bytes]) -> list[list[bytes]]:
    """The paths of all leaves of a small tree at once; each equals `inclusion_proof`, far cheaper together.

    A level's odd last node moves up unchanged, which is the same tree as RFC 6962's recursive split.
    """
    proofs: list[list[bytes]] = [[] for _ in leaf_hashes]
    row, width = list(leaf_hashes), 1
    while len(row) > 1:
        for at in range(len(row) // 2):
            left, right = 2 * at, 2 * at + 1
            for proof in proofs[left * width : right * width]:
                proof.append(row[right])
            for proof in proofs[right * width : (right + 1) * width]:
                proof.append(row[left])
        above = [node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
        row = above + row[len(above) * 2 :]
        width *= 2
    return proofs


def consistency_proof(nodes: Nodes, old: int, new: int) -> list[bytes]:
    """PROOF(old, D[new]) of RFC 6962 2.1.2. Empty when `old` is 0 or equals `new`.

    Raises:
        ValueError: `old` is greater than `new`.
    """
    if not 0 <= old <= new:
        msg = f"no proof from {old} to {new}"
        raise ValueError(msg)
    if old in (0, new):
        return []
    path: list[bytes] = []
    low, high, whole = 0, new, True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(subtree(nodes, middle, high))
            high = middle
        else:
            path.append(subtree(nodes, low, middle))
            low, whole = middle, False
    if not whole:
        path.append(subtree(nodes, low, high))
    path.reverse()
    return path


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check a proof by the algorithm of RFC 9162 2.1.3.2.

    Args:
        leaf: the leaf's hash, from `leaf_hash`.
        index: its 0-based place.
        size: the tree's size.
        proof: sibling hashes, leaf to root.
        root: what the checkpoint says.

    Raises:
        ProofError: the proof does not lead from leaf to root.
    """
    if not 0 <= index < size:
        raise ProofError(reason="index outside the tree")
    # The RFC's loop in two parts. As long as the place and the last place lie in different subtrees, the lowest bit of
    # the place says on which side the sibling is; above that every sibling is on the left, and only the set bits have
    # one. The number of hashes follows from place and size alone, so it is checked before anything is hashed.
    below = (index ^ (size - 1)).bit_length()
    if len(proof) != below + (index >> below).bit_count() or set(map(len, proof)) - {_SIZE}:
        raise ProofError(reason="proof of another shape")
    value, place = leaf, index
    for sibling in proof[:below]:
        value = sha256(b"\1" + sibling + value if place & 1 else b"\1" + value + sibling).digest()
        place >>= 1
    for sibling in proof[below:]:
        value = sha256(b"\1" + sibling + value).digest()
    if not compare_digest(value, root):
        raise ProofError(reason="proof leads to another root")


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Check by RFC 9162 2.1.4.2 that the tree of size `new` only adds to the tree of size `old`.

    Raises:
        ProofError: it is not shown.
    """
    if not 0 <= old <= new:
        raise ProofError(reason="sizes out of order")
    if old in (0, new):
        if proof or not compare_digest(old_root, EMPTY_ROOT if old == 0 else new_root):
            raise ProofError(reason="proof of another shape")
        return
    # Step 3 of the RFC: the old tree is one complete subtree, whose hash the proof leaves out.
    hashes = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    first, second = consistency_roots(old, new, hashes)
    if not compare_digest(first, old_root) or not compare_digest(second, new_root):
        raise ProofError(reason="proof leads to another root")


def consistency_roots(old: int, new: int, hashes: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The roots a consistency proof leads to (RFC 9162 2.1.4.2, steps 4 to 6), the old tree's and the new tree's.

    Given that the second is the root of the new tree, the first is the root of that tree's first `old` leaves,
    whatever a log says about them.

    Args:
        old, new: sizes, 0 < old < new.
        hashes: the proof; where `old` is a power of two, behind the hash of the complete subtree over the old leaves.

    Raises:
        ProofError: a proof between these sizes has another shape.
    """
    if not 0 < old < new or not hashes or any(len(each) != len(EMPTY_ROOT) for each in hashes):
        raise ProofError(reason="proof of another shape")
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = hashes[0]
    for sibling in hashes[1:]:
        if sn == 0:
            raise ProofError(reason="proof of another shape")
        if fn & 1 or fn == sn:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node_hash(second, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise ProofError(reason="proof of another shape")
    return first, second
