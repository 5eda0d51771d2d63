"""The tree of RFC 6962: known vectors, every small size, a second implementation, and broken proofs."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pymerkle
import pytest
from hypothesis import given, strategies as st

from ledger import merkle
from ledger.errors import ProofError
from ledger.merkle import LeafNodes

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/ledger/merkle.json").read_text())
HASHES = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in VECTORS["leaves"]]
MANY = [merkle.leaf_hash(number.to_bytes(4, "big")) for number in range(1 << 12)]
NODES = LeafNodes(MANY)


def unhex(path: list[str]) -> list[bytes]:
    return [bytes.fromhex(each) for each in path]


class TestRoot:
    def test_agrees_with_certificate_transparency(self) -> None:
        roots = [merkle.root(LeafNodes(HASHES), size).hex() for size in range(9)]
        assert roots == VECTORS["roots"]

    def test_agrees_with_pymerkle(self) -> None:
        tree = pymerkle.InmemoryTree(algorithm="sha256")
        for number in range(300):
            tree.append_entry(number.to_bytes(4, "big"))
            assert merkle.root(NODES, number + 1) == tree.get_root()

    def test_tells_a_leaf_from_a_node(self) -> None:
        left, right = HASHES[:2]
        assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)


class TestInclusion:
    @pytest.mark.parametrize("case", VECTORS["inclusion"])
    def test_agrees_with_certificate_transparency(self, case: dict) -> None:
        proof = merkle.inclusion_proof(LeafNodes(HASHES), case["index"], case["size"])
        assert proof == unhex(case["path"])

    def test_every_leaf_of_every_size_up_to_130(self) -> None:
        for size in range(1, 131):
            root = merkle.root(NODES, size)
            together = merkle.inclusion_proofs(MANY[:size])
            for index in range(size):
                proof = merkle.inclusion_proof(NODES, index, size)
                assert proof == together[index]
                merkle.verify_inclusion(MANY[index], index, size, proof, root)

    def test_refuses_every_other_index_and_leaf(self) -> None:
        for size in range(2, 40):
            root = merkle.root(NODES, size)
            for index in range(size):
                proof = merkle.inclusion_proof(NODES, index, size)
                for other in range(size + 2):
                    if other != index:
                        with pytest.raises(ProofError):
                            merkle.verify_inclusion(MANY[index], other, size, proof, root)
                        with pytest.raises(ProofError):
                            merkle.verify_inclusion(MANY[other], index, size, proof, root)

    @pytest.mark.parametrize(("index", "size"), [(-1, 4), (4, 4), (0, 0)])
    def test_has_no_proof_outside_the_tree(self, index: int, size: int) -> None:
        with pytest.raises(ValueError, match="no leaf"):
            merkle.inclusion_proof(NODES, index, size)

    @given(st.data())
    def test_refuses_any_flipped_bit(self, data: st.DataObject) -> None:
        size = data.draw(st.integers(2, len(MANY)))
        index = data.draw(st.integers(0, size - 1))
        proof = merkle.inclusion_proof(NODES, index, size)
        broken = flip(proof, data)
        with pytest.raises(ProofError):
            merkle.verify_inclusion(MANY[index], index, size, broken, merkle.root(NODES, size))

    @given(st.data())
    def test_refuses_a_proof_cut_or_lengthened(self, data: st.DataObject) -> None:
        size = data.draw(st.integers(2, len(MANY)))
        index = data.draw(st.integers(0, size - 1))
        proof, root = merkle.inclusion_proof(NODES, index, size), merkle.root(NODES, size)
        for broken in (proof[:-1], proof[1:], [*proof, proof[0]], [proof[0], *proof], [b"", *proof]):
            with pytest.raises(ProofError):
                merkle.verify_inclusion(MANY[index], index, size, broken, root)


class TestConsistency:
    @pytest.mark.parametrize("case", VECTORS["consistency"])
    def test_agrees_with_certificate_transparency(self, case: dict) -> None:
        assert merkle.consistency_proof(LeafNodes(HASHES), case["old"], case["new"]) == unhex(case["path"])

    def test_every_pair_of_sizes_up_to_130(self) -> None:
        roots = [merkle.root(NODES, size) for size in range(131)]
        for new in range(131):
            for old in range(new + 1):
                proof = merkle.consistency_proof(NODES, old, new)
                merkle.verify_consistency(old, new, proof, roots[old], roots[new])

    def test_random_larger_sizes(self) -> None:
        chance = random.Random(6962)
        for _ in range(200):
            new = chance.randint(1, len(MANY))
            old = chance.randint(0, new)
            proof = merkle.consistency_proof(NODES, old, new)
            merkle.verify_consistency(old, new, proof, merkle.root(NODES, old), merkle.root(NODES, new))

    def test_refuses_a_rewritten_history(self) -> None:
        forged = LeafNodes([merkle.leaf_hash(b"forged"), *MANY[1:130]])
        for new in range(1, 130):
            for old in range(1, new + 1):
                proof = merkle.consistency_proof(forged, old, new)
                with pytest.raises(ProofError):
                    merkle.verify_consistency(old, new, proof, merkle.root(NODES, old), merkle.root(forged, new))

    def test_refuses_sizes_out_of_order(self) -> None:
        with pytest.raises(ProofError):
            merkle.verify_consistency(3, 2, [], merkle.root(NODES, 3), merkle.root(NODES, 2))
        with pytest.raises(ValueError, match="no proof"):
            merkle.consistency_proof(NODES, 3, 2)

    def test_refuses_another_root_of_the_empty_tree(self) -> None:
        with pytest.raises(ProofError):
            merkle.verify_consistency(0, 2, [], MANY[0], merkle.root(NODES, 2))

    @given(st.data())
    def test_refuses_any_flipped_bit_and_other_lengths(self, data: st.DataObject) -> None:
        new = data.draw(st.integers(2, len(MANY)))
        old = data.draw(st.integers(1, new - 1))
        proof = merkle.consistency_proof(NODES, old, new)
        roots = merkle.root(NODES, old), merkle.root(NODES, new)
        for broken in (flip(proof, data), proof[:-1], [*proof, proof[0]], [proof[0], *proof]):
            with pytest.raises(ProofError):
                merkle.verify_consistency(old, new, broken, *roots)


def flip(proof: list[bytes], data: st.DataObject) -> list[bytes]:
    at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
    changed = bytearray(proof[at])
    changed[bit // 8] ^= 1 << bit % 8
    return [*proof[:at], bytes(changed), *proof[at + 1 :]]
