"""A log recomputed from its entry bundles alone."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from ledger.audit import Audit
from ledger.errors import ProofError
from ledger.merkle import EMPTY_ROOT, LeafNodes, leaf_hash, root
from ledger.model import Checkpoint
from ledger.tiles import WIDTH, decode_entries, encode_entries, hash_entries

LEAVES = [b"leaf %d" % number for number in range(1400)]


def bundles(leaves: list[bytes]) -> list[bytes]:
    """Entry bundles as a log serves them."""
    return [encode_entries(leaves[at : at + WIDTH]) for at in range(0, len(leaves), WIDTH)]


def audited(served: list[bytes]) -> Audit:
    """An audit that took in all of them."""
    audit = Audit()
    for bundle in served:
        audit.add(bundle)
    return audit


class TestRoot:
    @pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 511, 512, 513, 767, 1023, 1024, 1025, 1279, 1400])
    def test_is_that_of_the_tree(self, size: int) -> None:
        audit = audited(bundles(LEAVES[:size]))
        assert audit.size == size
        assert audit.root() == root(LeafNodes([leaf_hash(leaf) for leaf in LEAVES[:size]]), size)

    def test_of_nothing(self) -> None:
        assert Audit().root() == EMPTY_ROOT


class TestHashEntries:
    @pytest.mark.parametrize(
        "leaves",
        [
            [],
            [b""],
            [b"", b""],
            [b"one"],
            [b"one", b"two"],
            [b"one", b"three"],
            [b"\0\3one", b"\0\3two"],
            [b"x" * 300] * 256,
            [b"x" * 255, b"y" * 256],
            [bytes([each]) * 57 for each in range(256)],
        ],
    )
    def test_agrees_with_hashing_one_by_one(self, leaves: list[bytes]) -> None:
        assert hash_entries(encode_entries(leaves)) == [leaf_hash(leaf) for leaf in leaves]
        assert decode_entries(encode_entries(leaves)) == leaves

    @given(st.lists(st.binary(max_size=4), max_size=6))
    def test_agrees_on_any_leaves(self, leaves: list[bytes]) -> None:
        assert hash_entries(encode_entries(leaves)) == [leaf_hash(leaf) for leaf in leaves]

    @given(st.binary(max_size=24))
    def test_refuses_what_the_reader_refuses(self, bundle: bytes) -> None:
        try:
            leaves = decode_entries(bundle)
        except ProofError:
            with pytest.raises(ProofError):
                hash_entries(bundle)
        else:
            assert hash_entries(bundle) == [leaf_hash(leaf) for leaf in leaves]


class TestAdd:
    def test_refuses_a_bundle_after_the_last(self) -> None:
        audit = audited(bundles(LEAVES[:10]))
        with pytest.raises(ProofError, match="after the last"):
            audit.add(encode_entries(LEAVES[10:20]))

    @pytest.mark.parametrize("bundle", [b"\0", b"\0\x05leaf", encode_entries(LEAVES[:257])])
    def test_refuses_a_malformed_bundle(self, bundle: bytes) -> None:
        with pytest.raises(ProofError, match="entry bundle"):
            Audit().add(bundle)


class TestCheck:
    def head(self, size: int) -> Checkpoint:
        return Checkpoint("log.test", size, root(LeafNodes([leaf_hash(leaf) for leaf in LEAVES[:size]]), size))

    def test_holds(self) -> None:
        audited(bundles(LEAVES[:600])).check(self.head(600))

    @pytest.mark.parametrize(
        ("leaves", "reason"),
        [
            (LEAVES[:599], "another number"),
            (LEAVES[:601], "another number"),
            (LEAVES[:300] + LEAVES[301:601], "another root"),
            ([*LEAVES[:5], b"changed", *LEAVES[6:600]], "another root"),
            ([LEAVES[1], LEAVES[0], *LEAVES[2:600]], "another root"),
        ],
    )
    def test_notices_what_was_dropped_changed_or_moved(self, leaves: list[bytes], reason: str) -> None:
        with pytest.raises(ProofError, match=reason):
            audited(bundles(leaves)).check(self.head(600))
