"""The anchor contract: what it keeps, what it refuses, what it costs."""

from __future__ import annotations

import random
import secrets
from operator import mul
from typing import TYPE_CHECKING, Any

import pytest
from eth_hash.auto import keccak

from tests.contracts.conftest import Refused
from tests.contracts.reference import Tree

if TYPE_CHECKING:
    from tests.contracts.conftest import Deployment, Node

OPEN, FROZEN = 1, 2
LARGEST = 1 << 24


class OpenLog:
    """A registered log and its operator."""

    def __init__(self, deployment: Deployment) -> None:
        self.contract = deployment.anchor
        self.operator = deployment.anchor.node.account()
        self.id = deployment.open_log(self.operator)

    def anchor(self, old: int, new: int, tree: Tree, *, sender: str | None = None) -> dict[str, Any]:
        """Anchor a tree by its operator; returns the receipt."""
        proof = tree.proof(old, new) if old else []
        return self.send(old, new, tree.root(new), proof, sender=sender)

    def send(self, old: int, new: int, root: bytes, proof: list[bytes], *, sender: str | None = None) -> dict[str, Any]:
        """Anchor anything."""
        return self.contract.act(sender or self.operator, "anchor", self.id, old, new, root, proof)

    def head(self) -> tuple[Any, ...]:
        """(operator, size, time, state, root)."""
        return self.contract.view("headOf", self.id)

    def refusal(
        self, old: int, new: int, root: bytes, proof: list[bytes], **options: str
    ) -> tuple[str, tuple[Any, ...]]:
        """The error an anchor is refused with."""
        with pytest.raises(Refused) as refused:
            self.send(old, new, root, proof, **options)
        return refused.value.error, refused.value.arguments


@pytest.fixture
def log(deployment: Deployment) -> OpenLog:
    """A fresh log."""
    return OpenLog(deployment)


class TestAnchor:
    """`anchor`, from the first to the next."""

    def test_keeps_root_and_time_under_log_and_size(self, log: OpenLog, node: Node) -> None:
        tree = Tree(5, 9)
        kept = {}
        for old, new in ((0, 5), (5, 9)):
            receipt = log.anchor(old, new, tree)
            time = int(node.rpc("eth_getBlockByHash", receipt["blockHash"], False)["timestamp"], 16)
            assert log.contract.interface.events(receipt) == [("Anchored", (log.id, new, tree.root(new), time))]
            assert log.head() == (log.operator, new, time, OPEN, tree.root(new))
            kept[new] = keccak(tree.root(new) + time.to_bytes(32, "big"))
        assert {size: log.contract.view("commitmentOf", log.id, size) for size in kept} == kept
        assert log.contract.view("commitmentOf", log.id, 6) == bytes(32)

    def test_same_root_again_changes_nothing(self, log: OpenLog) -> None:
        tree = Tree(5)
        log.anchor(0, 5, tree)
        head = log.head()
        receipt = log.send(5, 5, tree.root(5), [])
        assert log.contract.interface.events(receipt) == []
        assert log.head() == head
        log.send(0, 5, tree.root(5), [])  # a resent first anchor is as good
        assert log.head() == head

    def test_refuses_same_root_with_a_proof(self, log: OpenLog) -> None:
        tree = Tree(5)
        log.anchor(0, 5, tree)
        assert log.refusal(5, 5, tree.root(5), [bytes(32)]) == ("ProofTooLong", (1,))

    def test_refuses_another_root_at_the_same_size(self, log: OpenLog) -> None:
        tree = Tree(5)
        log.anchor(0, 5, tree)
        wanted = ("RootConflict", (log.id, 5, tree.root(5), bytes(32)))
        assert log.refusal(5, 5, bytes(32), []) == wanted
        assert log.refusal(0, 5, bytes(32), [bytes(32)]) == wanted

    def test_refuses_a_smaller_size(self, log: OpenLog) -> None:
        tree = Tree(4, 5)
        log.anchor(0, 5, tree)
        assert log.refusal(5, 4, tree.root(4), tree.proof(4, 5)) == ("SizeNotGrown", (5, 4))

    def test_refuses_a_proof_from_another_size(self, log: OpenLog) -> None:
        tree = Tree(4, 5, 9)
        log.anchor(0, 5, tree)
        assert log.refusal(4, 9, tree.root(9), tree.proof(4, 9)) == ("OldSizeMismatch", (5, 4))
        assert log.refusal(0, 9, tree.root(9), []) == ("OldSizeMismatch", (5, 0))

    def test_refuses_growth_without_a_proof(self, log: OpenLog) -> None:
        tree = Tree(5, 9)
        log.anchor(0, 5, tree)
        assert log.refusal(5, 9, tree.root(9), []) == ("ProofTooShort", (0,))

    def test_refuses_a_rewritten_history(self, log: OpenLog) -> None:
        log.anchor(0, 5, Tree(5, 9))
        rewritten = Tree(5, 9, seed=b"rewritten")
        error, arguments = log.refusal(5, 9, rewritten.root(9), rewritten.proof(5, 9))
        assert error == "OldRootMismatch"
        assert arguments == (rewritten.root(5), Tree(5, 9).root(5))

    def test_refuses_a_first_anchor_with_a_proof(self, log: OpenLog) -> None:
        assert log.refusal(0, 5, Tree(5).root(5), [bytes(32)]) == ("ProofTooLong", (1,))

    @pytest.mark.parametrize("size", [0, 1 << 48, 1 << 64, (1 << 256) - 1])
    def test_refuses_sizes_out_of_range(self, log: OpenLog, size: int) -> None:
        assert log.refusal(0, size, bytes(32), []) == ("SizeOutOfRange", (size,))

    def test_takes_the_largest_size(self, log: OpenLog) -> None:
        log.send(0, (1 << 48) - 1, bytes(32), [])
        assert log.head()[1] == (1 << 48) - 1

    def test_refuses_strangers(self, log: OpenLog, deployment: Deployment) -> None:
        for stranger in (log.contract.node.account(), deployment.members[0], OpenLog(deployment).operator):
            assert log.refusal(0, 5, bytes(32), [], sender=stranger) == ("NotOperator", (log.id, stranger))

    def test_refuses_strangers_even_what_changes_nothing(self, log: OpenLog) -> None:
        tree = Tree(5)
        log.anchor(0, 5, tree)
        stranger = log.contract.node.account()
        assert log.refusal(5, 5, tree.root(5), [], sender=stranger)[0] == "NotOperator"

    def test_refuses_unknown_logs(self, deployment: Deployment) -> None:
        unknown = secrets.token_bytes(32)
        with pytest.raises(Refused) as refused:
            deployment.anchor.view("anchor", unknown, 0, 1, bytes(32), [], sender="0x" + "00" * 20)
        assert (refused.value.error, refused.value.arguments) == ("UnknownLog", (unknown,))

    def test_refuses_a_frozen_log(self, log: OpenLog, deployment: Deployment) -> None:
        tree = Tree(5, 9)
        log.anchor(0, 5, tree)
        for member in deployment.members[:2]:
            deployment.registry.act(member, "closeLog", log.id)
        assert log.head()[3:] == (FROZEN, tree.root(5))
        assert log.refusal(5, 9, tree.root(9), tree.proof(5, 9)) == ("FrozenLog", (log.id,))

    def test_logs_do_not_mix(self, log: OpenLog, deployment: Deployment) -> None:
        other = OpenLog(deployment)
        log.anchor(0, 5, Tree(5))
        assert other.head() == (other.operator, 0, 0, OPEN, bytes(32))
        assert other.contract.view("commitmentOf", other.id, 5) == bytes(32)


class TestRegistryOnly:
    """`open` and `freeze` belong to the registry."""

    @pytest.mark.parametrize("act", ["open", "freeze"])
    def test_refuses_everybody_else(self, log: OpenLog, deployment: Deployment, act: str) -> None:
        arguments = (log.id, log.operator) if act == "open" else (log.id,)
        for caller in (log.operator, deployment.members[0]):
            with pytest.raises(Refused) as refused:
                log.contract.act(caller, act, *arguments)
            assert (refused.value.error, refused.value.arguments) == ("NotRegistry", (caller,))

    def test_knows_its_registry(self, deployment: Deployment) -> None:
        assert deployment.anchor.view("registry") == deployment.registry.address


def work(old: int, new: int) -> tuple[int, int]:
    """Elements of a proof and hashes its check takes (RFC 9162 2.1.4.2, counted)."""
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    elements, hashes = (1, 0) if fn else (0, 0)
    while sn:
        elements += 1
        if fn & 1 or fn == sn:
            hashes += 2
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            hashes += 1
        fn, sn = fn >> 1, sn >> 1
    return elements, hashes


def heaviest_pairs(count: int) -> list[tuple[int, int]]:
    """The pairs up to 2^24 whose check takes most work, of all near powers of two and 20,000 at random."""
    source = random.Random(24)
    near = {value for power in range(1, 25) for value in range((1 << power) - 3, (1 << power) + 4)}
    sizes = sorted(size for size in near if 0 < size <= LARGEST)
    pairs = [(old, new) for old in sizes for new in sizes if old < new]
    for _ in range(20_000):
        new = source.randint(2, LARGEST)
        pairs.append((source.randint(1, new - 1), new))
    return sorted(pairs, key=lambda pair: sum(map(mul, (615, 447), work(*pair))))[-count:]  # gas, PROTOCOLS 5.1


class TestGas:
    """Ceilings of issue 2: at most 80,000 at ten million entries, never above 100,000 up to 2^24."""

    def cost(self, deployment: Deployment, old: int, new: int) -> int:
        """Gas used by the transaction old -> new."""
        log, tree = OpenLog(deployment), Tree(old, new)
        log.anchor(0, old, tree)
        return int(log.anchor(old, new, tree)["gasUsed"], 16)

    def test_ten_million_entries(self, deployment: Deployment) -> None:
        assert self.cost(deployment, 10_000_000, 10_000_256) <= 80_000

    def test_first_anchor(self, deployment: Deployment) -> None:
        log = OpenLog(deployment)
        assert int(log.anchor(0, 10_000_000, Tree(10_000_000))["gasUsed"], 16) <= 80_000

    def test_worst_case_up_to_2_to_the_24(self, deployment: Deployment) -> None:
        pairs = heaviest_pairs(25)
        assert work(*pairs[-1]) == (25, 47)  # 25 elements is the longest path; all but one hashed twice
        assert max(self.cost(deployment, *pair) for pair in pairs) <= 100_000

    def test_work_is_counted_right(self) -> None:
        for old, new in ((10_000_000, 10_000_256), (6, 8), (1, 2), (LARGEST - 1, LARGEST), (3, 70)):
            assert work(old, new)[0] == len(Tree(old, new).proof(old, new))
