"""The consistency proof on the chain against the recursive words of RFC 9162, and against every way to break a proof."""

from __future__ import annotations

import random
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from tests.contracts.conftest import Refused
from tests.contracts.reference import Tree

if TYPE_CHECKING:
    from tests.contracts.conftest import Contract, Deployment

SMALL = [(old, new) for new in range(2, 71) for old in range(1, new)]
"""All m < n <= 70; m = n is no proof, the contract wants it empty (test_anchor.py)."""

LARGEST = 1 << 24


@pytest.fixture(scope="module")
def anchor(deployment: Deployment) -> Contract:
    """The anchor contract."""
    return deployment.anchor


def verdicts(anchor: Contract, cases: list[tuple[Any, ...]]) -> list[str]:
    """Name of the error for each (old size, old root, new size, new root, proof), "" when accepted."""
    calls = [
        [{"to": anchor.address, "data": anchor.interface.call("checkConsistency", *case)}, "latest"] for case in cases
    ]
    answers = anchor.node.batch("eth_call", calls)
    return [anchor.interface.refusal(answer["error"]["data"]).error if "error" in answer else "" for answer in answers]


@cache
def case(old: int, new: int) -> tuple[int, bytes, int, bytes, tuple[bytes, ...]]:
    """A right call."""
    tree = Tree(old, new)
    return old, tree.root(old), new, tree.root(new), tuple(tree.proof(old, new))


def random_large() -> list[tuple[int, int]]:
    """Pairs up to 2^24: uniform, close together, and next to powers of two."""
    source = random.Random(20261121)
    pairs = []
    for _ in range(150):
        new = source.randint(2, LARGEST)
        pairs += [(source.randint(1, new - 1), new), (max(1, new - source.randint(1, 300)), new)]
        power = 1 << source.randint(1, 23)
        old = max(1, power + source.randint(-1, 1))
        pairs.append((old, source.randint(old + 1, LARGEST)))
    return pairs


class TestReference:
    """The reference itself, against the test tree of Certificate Transparency."""

    def test_roots_of_the_certificate_transparency_tree(self) -> None:
        leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]

        class Known(Tree):
            def hash(self, start: int, end: int) -> bytes:
                if end - start == 1:
                    return sha256(b"\x00" + bytes.fromhex(leaves[start])).digest()
                return super().hash(start, end)

        tree = Known(*range(1, 9))
        assert tree.root(1).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        assert tree.root(8).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        assert [node.hex()[:8] for node in tree.proof(6, 8)] == ["0ebc5d34", "ca854ea1", "d37ee418"]


class TestAccepts:
    """Right proofs."""

    def test_every_pair_up_to_70(self, anchor: Contract) -> None:
        assert len(SMALL) + 70 == 2485
        assert verdicts(anchor, [case(old, new) for old, new in SMALL]) == [""] * len(SMALL)

    def test_random_sizes_up_to_2_to_the_24(self, anchor: Contract) -> None:
        pairs = random_large()
        assert verdicts(anchor, [case(old, new) for old, new in pairs]) == [""] * len(pairs)


class TestRefuses:
    """Broken proofs, each by the error that names what is wrong."""

    def test_every_mutated_element(self, anchor: Contract) -> None:
        cases = []
        source = random.Random(1)
        for pair in [*SMALL, *random_large()[:60]]:
            old, old_root, new, new_root, proof = case(*pair)
            for place in range(len(proof)):
                flipped = bytearray(proof[place])
                flipped[source.randrange(32)] ^= 1 << source.randrange(8)
                cases.append((old, old_root, new, new_root, (*proof[:place], bytes(flipped), *proof[place + 1 :])))
        assert len(cases) > 10_000
        assert set(verdicts(anchor, cases)) == {"OldRootMismatch", "NewRootMismatch"}

    def test_every_truncation(self, anchor: Contract) -> None:
        cases = [
            (old, old_root, new, new_root, proof[:length])
            for old, old_root, new, new_root, proof in (case(*pair) for pair in SMALL)
            for length in range(len(proof))
        ]
        assert set(verdicts(anchor, cases)) == {"ProofTooShort"}

    def test_every_extension(self, anchor: Contract) -> None:
        cases = [
            (old, old_root, new, new_root, (*proof, proof[-1]))
            for old, old_root, new, new_root, proof in (case(*pair) for pair in SMALL)
        ]
        assert set(verdicts(anchor, cases)) == {"ProofTooLong"}

    def test_missing_first_element(self, anchor: Contract) -> None:
        rights = [case(*pair) for pair in SMALL]
        cases = [(*right[:4], right[4][1:]) for right in rights]
        assert set(verdicts(anchor, cases)) == {"ProofTooShort"}

    def test_swapped_elements(self, anchor: Contract) -> None:
        rights = [right for right in (case(*pair) for pair in SMALL) if len(right[4]) > 1]
        cases = [(*right[:4], (right[4][1], right[4][0], *right[4][2:])) for right in rights]
        assert set(verdicts(anchor, cases)) <= {"OldRootMismatch", "NewRootMismatch"}

    def test_another_old_root(self, anchor: Contract) -> None:
        cases = [(right[0], Tree(seed=b"other").root(1), *right[2:]) for right in (case(*pair) for pair in SMALL)]
        # where the old size is a power of two the old root is the start of the path, so the new root is what fails
        wanted = ["OldRootMismatch" if old & (old - 1) else "NewRootMismatch" for old, _ in SMALL]
        assert verdicts(anchor, cases) == wanted

    def test_another_new_root(self, anchor: Contract) -> None:
        cases = [(*right[:3], Tree(seed=b"other").root(1), right[4]) for right in (case(*pair) for pair in SMALL)]
        assert set(verdicts(anchor, cases)) == {"NewRootMismatch"}

    def test_rewritten_history(self, anchor: Contract) -> None:
        """The old tree is ours, the new tree and the proof belong to another log: what an operator would try."""
        other = {pair: Tree(*pair, seed=b"rewritten") for pair in SMALL}
        cases = [
            (old, case(old, new)[1], new, other[old, new].root(new), tuple(other[old, new].proof(old, new)))
            for old, new in SMALL
        ]
        assert "" not in verdicts(anchor, cases)

    @pytest.mark.parametrize(("old", "new"), [(0, 5), (5, 5), (5, 4), (0, 0)])
    def test_sizes_that_do_not_grow(self, anchor: Contract, old: int, new: int) -> None:
        with pytest.raises(Refused) as refused:
            anchor.view("checkConsistency", old, bytes(32), new, bytes(32), [bytes(32)])
        assert (refused.value.error, refused.value.arguments) == ("SizesOutOfOrder", (old, new))

    def test_errors_carry_what_was_computed(self, anchor: Contract) -> None:
        old, old_root, new, new_root, proof = case(6, 8)
        with pytest.raises(Refused) as refused:
            anchor.view("checkConsistency", old, old_root, new, bytes(32), proof)
        assert refused.value.arguments == (new_root, bytes(32))
        with pytest.raises(Refused) as refused:
            anchor.view("checkConsistency", old, old_root, new, new_root, (*proof, proof[0]))
        assert refused.value.arguments == (4,)

    def test_one_proof_fits_several_sizes(self, anchor: Contract) -> None:
        """Known limit of RFC 9162 proofs, which verifiers close by the signed checkpoint (PROTOCOLS 5.1)."""
        old, old_root, new, new_root, proof = case(10_000_000, 10_000_256)
        sizes = [10_000_128, 10_000_129, 10_000_384, 10_000_385]
        cases = [(old, old_root, size, new_root, proof) for size in sizes]
        assert [not error for error in verdicts(anchor, cases)] == [False, True, True, False]
        assert new in range(sizes[1], sizes[2])
