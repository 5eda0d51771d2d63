"""The register: k of n for every act, nothing for strangers, nothing changed behind a log's back."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest
from eth_hash.auto import keccak

from tests.contracts.conftest import Deployment, Refused, deploy
from tests.contracts.reference import Tree

if TYPE_CHECKING:
    from tests.contracts.conftest import Node

NONE = bytes(32)
ACTIVE, SUSPENDED = 1, 2
CODE = b"310113".ljust(32, b"\0")
OWNER = b"11310113XX00000A2R".ljust(32, b"\0")
DUTIES = b"310199/duties".ljust(32, b"\0")


@pytest.fixture
def fresh(node: Node) -> Deployment:
    """A registry of its own: 3 members, 2 needed."""
    return deploy(node, 3, 2)


def refusal(deployment: Deployment, sender: str, function: str, *arguments: Any) -> tuple[str, tuple[Any, ...]]:
    """The error a call is refused with."""
    with pytest.raises(Refused) as refused:
        deployment.registry.act(sender, function, *arguments)
    return refused.value.error, refused.value.arguments


def action(deployment: Deployment, function: str, *arguments: Any) -> bytes:
    """Identity of an act."""
    return keccak(bytes.fromhex(deployment.registry.interface.call(function, *arguments)[2:]))


def new_log(operator: str, predecessor: bytes = NONE, size: int = 0, root: bytes = NONE) -> tuple[Any, ...]:
    """Arguments of `registerLog` for a fresh log."""
    return secrets.token_bytes(32), operator, secrets.token_bytes(32), predecessor, size, root


def together(deployment: Deployment, function: str, *arguments: Any) -> None:
    """An act of the first two members."""
    for member in deployment.members[:2]:
        deployment.registry.act(member, function, *arguments)


class TestConstructor:
    """Founding."""

    def test_seats_the_founders(self, fresh: Deployment) -> None:
        assert fresh.registry.view("members") == fresh.members
        assert fresh.registry.view("threshold") == 2

    @pytest.mark.parametrize(("members", "threshold"), [(1, 1), (3, 1), (3, 3)])
    def test_takes_any_k_of_n(self, node: Node, members: int, threshold: int) -> None:
        deployment = deploy(node, members, threshold)
        log = deployment.open_log(deployment.members[0])
        assert deployment.registry.view("logOf", log)[0] == deployment.members[0]

    @pytest.mark.parametrize(("members", "threshold"), [(2, 0), (2, 3)])
    def test_refuses_an_impossible_k(self, node: Node, members: int, threshold: int) -> None:
        with pytest.raises(Refused) as refused:
            deploy(node, members, threshold)
        assert (refused.value.error, refused.value.arguments) == ("ThresholdOutOfRange", (threshold, members))


class TestApproval:
    """The rule k of n, by the example of `registerLog`."""

    def test_k_minus_one_approvals_do_nothing(self, fresh: Deployment) -> None:
        log = new_log(fresh.members[0])
        receipt = fresh.registry.act(fresh.members[0], "registerLog", *log)
        identity = action(fresh, "registerLog", *log)
        call = bytes.fromhex(fresh.registry.interface.call("registerLog", *log)[2:])
        assert fresh.registry.interface.events(receipt) == [
            ("Proposed", (identity, call)),
            ("Approved", (identity, fresh.members[0], 1, 2)),
        ]
        assert fresh.registry.view("approvalsOf", identity) == 1
        assert fresh.registry.view("logOf", log[0])[0] == "0x" + "00" * 20
        assert fresh.anchor.view("headOf", log[0])[3] == 0

    def test_the_kth_approval_acts_at_once(self, fresh: Deployment) -> None:
        log = new_log(fresh.anchor.node.account())
        together(fresh, "registerLog", *log)
        assert fresh.registry.view("logOf", log[0]) == log[1:]
        assert fresh.anchor.view("headOf", log[0])[:4] == (log[1], 0, 0, 1)
        assert fresh.registry.view("approvalsOf", action(fresh, "registerLog", *log)) == 0

    def test_other_arguments_are_another_act(self, fresh: Deployment) -> None:
        log = new_log(fresh.members[0])
        fresh.registry.act(fresh.members[0], "registerLog", *log)
        fresh.registry.act(fresh.members[1], "registerLog", log[0], fresh.members[1], *log[2:])
        assert fresh.registry.view("logOf", log[0])[0] == "0x" + "00" * 20

    def test_one_member_counts_once(self, fresh: Deployment) -> None:
        log = new_log(fresh.members[0])
        fresh.registry.act(fresh.members[0], "registerLog", *log)
        identity = action(fresh, "registerLog", *log)
        wanted = ("AlreadyApproved", (identity, fresh.members[0]))
        assert refusal(fresh, fresh.members[0], "registerLog", *log) == wanted

    def test_a_withdrawn_approval_does_not_count(self, fresh: Deployment) -> None:
        log = new_log(fresh.members[0])
        first, second, third = fresh.members
        identity = action(fresh, "registerLog", *log)
        fresh.registry.act(first, "registerLog", *log)
        assert refusal(fresh, second, "withdrawApproval", identity) == ("NotApproved", (identity, second))
        fresh.registry.act(first, "withdrawApproval", identity)
        fresh.registry.act(second, "registerLog", *log)
        assert fresh.registry.view("logOf", log[0])[0] == "0x" + "00" * 20
        fresh.registry.act(third, "registerLog", *log)
        assert fresh.registry.view("logOf", log[0])[0] == first

    def test_a_removed_member_does_not_count_even_when_back(self, fresh: Deployment) -> None:
        log = new_log(fresh.members[0])
        first, second, third = fresh.members
        fresh.registry.act(third, "registerLog", *log)
        together(fresh, "removeMember", third, 2)
        assert fresh.registry.view("approvalsOf", action(fresh, "registerLog", *log)) == 0
        together(fresh, "addMember", third, 2)
        fresh.registry.act(first, "registerLog", *log)
        assert fresh.registry.view("logOf", log[0])[0] == "0x" + "00" * 20
        fresh.registry.act(second, "registerLog", *log)
        assert fresh.registry.view("logOf", log[0])[0] == first

    @pytest.mark.parametrize(
        ("function", "arguments"),
        [
            ("registerLog", new_log("0x" + "11" * 20)),
            ("closeLog", (NONE,)),
            ("addMember", ("0x" + "11" * 20, 1)),
            ("removeMember", ("0x" + "11" * 20, 1)),
            ("changeThreshold", (1,)),
            ("recordNode", (CODE, "https://node.example", NONE, ACTIVE)),
            ("publishRegister", (b"310199/duties".ljust(32, b"\0"), 1, b"h" * 32, OWNER)),
            ("withdrawApproval", (NONE,)),
        ],
    )
    def test_refuses_strangers(self, fresh: Deployment, function: str, arguments: tuple[Any, ...]) -> None:
        stranger = fresh.registry.node.account()
        assert refusal(fresh, stranger, function, *arguments) == ("NotMember", (stranger,))

    def test_nobody_can_do_more(self, fresh: Deployment) -> None:
        """Every function that writes is in the list above, or open to an operator (`anchor`) or the registry only."""
        writing = {
            entry["name"]
            for contract in (fresh.registry, fresh.anchor)
            for entry in contract.interface.abi
            if entry["type"] == "function" and entry["stateMutability"] not in {"view", "pure"}
        }
        assert writing == {
            "registerLog", "closeLog", "addMember", "removeMember", "changeThreshold", "recordNode", "withdrawApproval",
            "publishRegister", "anchor", "open", "freeze",
        }  # fmt: skip


class TestMembers:
    """`addMember`, `removeMember`, `changeThreshold`."""

    def test_a_new_member_votes(self, fresh: Deployment) -> None:
        member = fresh.registry.node.account()
        together(fresh, "addMember", member, 3)
        assert fresh.registry.view("members") == (*fresh.members, member)
        assert fresh.registry.view("threshold") == 3
        log = new_log(member)
        for voter in (member, *fresh.members[:2]):
            fresh.registry.act(voter, "registerLog", *log)
        assert fresh.registry.view("logOf", log[0])[0] == member

    def test_a_removed_member_is_a_stranger(self, fresh: Deployment) -> None:
        first, second, third = fresh.members
        together(fresh, "removeMember", third, 1)
        assert fresh.registry.view("members") == (first, second)
        assert refusal(fresh, third, "changeThreshold", 1) == ("NotMember", (third,))

    def test_a_lower_threshold_needs_one_more_voice(self, fresh: Deployment) -> None:
        together(fresh, "changeThreshold", 1)
        log = new_log(fresh.members[2])
        fresh.registry.act(fresh.members[2], "registerLog", *log)
        assert fresh.registry.view("logOf", log[0])[0] == fresh.members[2]

    @pytest.mark.parametrize("threshold", [0, 4])
    def test_refuses_an_impossible_threshold(self, fresh: Deployment, threshold: int) -> None:
        fresh.registry.act(fresh.members[0], "changeThreshold", threshold)
        wanted = ("ThresholdOutOfRange", (threshold, 3))
        assert refusal(fresh, fresh.members[1], "changeThreshold", threshold) == wanted

    def test_refuses_to_lose_its_quorum(self, fresh: Deployment) -> None:
        together(fresh, "changeThreshold", 2)
        fresh.registry.act(fresh.members[0], "removeMember", fresh.members[2], 3)
        wanted = ("ThresholdOutOfRange", (3, 2))
        assert refusal(fresh, fresh.members[1], "removeMember", fresh.members[2], 3) == wanted

    def test_refuses_members_twice_and_nobody(self, fresh: Deployment) -> None:
        member, stranger = fresh.members[0], fresh.registry.node.account()
        assert refusal(fresh, member, "addMember", member, 2) == ("MemberExists", (member,))
        assert refusal(fresh, member, "addMember", "0x" + "00" * 20, 2) == ("ZeroAddress", ())
        assert refusal(fresh, member, "removeMember", stranger, 2) == ("NotMember", (stranger,))


class TestNodes:
    """`recordNode`."""

    def test_records_and_changes(self, fresh: Deployment) -> None:
        keys = secrets.token_bytes(32)
        together(fresh, "recordNode", CODE, "https://baoshan.example", keys, ACTIVE)
        assert fresh.registry.view("nodeOf", CODE) == (keys, ACTIVE, "https://baoshan.example")
        together(fresh, "recordNode", CODE, "https://baoshan.example", keys, SUSPENDED)
        assert fresh.registry.view("nodeOf", CODE)[1] == SUSPENDED
        assert fresh.registry.view("nodeCodes") == (CODE,)

    def test_refuses_a_late_approval_of_what_is_done(self, fresh: Deployment) -> None:
        node = (CODE, "https://baoshan.example", NONE, ACTIVE)
        together(fresh, "recordNode", *node)
        assert refusal(fresh, fresh.members[2], "recordNode", *node) == ("NodeUnchanged", (CODE,))

    def test_refuses_a_node_without_status(self, fresh: Deployment) -> None:
        assert refusal(fresh, fresh.members[0], "recordNode", CODE, "", NONE, 0) == ("NodeWithoutStatus", (CODE,))


class TestRegisters:
    """`publishRegister`."""

    def test_publishes_versions_one_after_another(self, fresh: Deployment) -> None:
        assert fresh.registry.view("registerVersionOf", DUTIES) == 0
        for version in (1, 2):
            together(fresh, "publishRegister", DUTIES, version, bytes([version]) * 32, OWNER)
            assert fresh.registry.view("registerVersionOf", DUTIES) == version
        for version in (1, 2):
            held = fresh.registry.view("registerOf", DUTIES, version)
            assert held[:2] == (bytes([version]) * 32, OWNER)
            assert held[2] > 0
        assert fresh.registry.view("registerOf", DUTIES, 3) == (NONE, NONE, 0)

    def test_one_member_publishes_nothing(self, fresh: Deployment) -> None:
        receipt = fresh.registry.act(fresh.members[0], "publishRegister", DUTIES, 1, b"h" * 32, OWNER)
        assert [name for name, _ in fresh.registry.interface.events(receipt)] == ["Proposed", "Approved"]
        assert fresh.registry.view("registerVersionOf", DUTIES) == 0
        receipt = fresh.registry.act(fresh.members[1], "publishRegister", DUTIES, 1, b"h" * 32, OWNER)
        assert fresh.registry.interface.events(receipt)[-1] == ("RegisterPublished", (DUTIES, 1, OWNER, b"h" * 32))

    def test_of_two_proposals_for_a_version_one_wins(self, fresh: Deployment) -> None:
        first, second, third = fresh.members
        fresh.registry.act(first, "publishRegister", DUTIES, 1, b"a" * 32, OWNER)
        fresh.registry.act(second, "publishRegister", DUTIES, 1, b"b" * 32, OWNER)
        fresh.registry.act(third, "publishRegister", DUTIES, 1, b"b" * 32, OWNER)
        wanted = ("VersionNotNext", (DUTIES, 2, 1))
        assert refusal(fresh, second, "publishRegister", DUTIES, 1, b"a" * 32, OWNER) == wanted
        assert fresh.registry.view("registerOf", DUTIES, 1)[0] == b"b" * 32

    @pytest.mark.parametrize("version", [0, 1, 3, 2**256 - 1])
    def test_refuses_another_version_than_the_next(self, fresh: Deployment, version: int) -> None:
        together(fresh, "publishRegister", DUTIES, 1, b"a" * 32, OWNER)
        wanted = ("VersionNotNext", (DUTIES, 2, version))
        assert refusal(fresh, fresh.members[0], "publishRegister", DUTIES, version, b"c" * 32, OWNER) == wanted

    @pytest.mark.parametrize(
        "arguments", [(NONE, 1, b"h" * 32, OWNER), (DUTIES, 1, NONE, OWNER), (DUTIES, 1, OWNER, NONE)]
    )
    def test_refuses_what_is_incomplete(self, fresh: Deployment, arguments: tuple[Any, ...]) -> None:
        assert refusal(fresh, fresh.members[0], "publishRegister", *arguments) == ("RegisterIncomplete", ())

    def test_registers_do_not_touch_each_other(self, fresh: Deployment) -> None:
        together(fresh, "publishRegister", DUTIES, 1, b"a" * 32, OWNER)
        other = b"310113/duties".ljust(32, b"\0")
        together(fresh, "publishRegister", other, 1, b"b" * 32, OWNER)
        assert fresh.registry.view("registerOf", DUTIES, 1)[0] == b"a" * 32

    def test_gas_of_a_version(self, node: Node) -> None:
        """The call that completes the act; contracts/README.md names the figure."""
        alone = deploy(node, 1, 1)
        gas = [
            int(alone.registry.act(alone.members[0], "publishRegister", DUTIES, each, b"h" * 32, OWNER)["gasUsed"], 16)
            for each in (1, 2)
        ]
        assert gas[0] <= 135_000
        assert gas[1] <= 120_000


class TestLogs:
    """`registerLog` and `closeLog`, successors included."""

    def anchored(self, deployment: Deployment) -> tuple[bytes, str, bytes]:
        """A log with an anchor of size 5: (id, operator, root)."""
        operator = deployment.registry.node.account()
        log, root = deployment.open_log(operator), Tree(5).root(5)
        deployment.anchor.act(operator, "anchor", log, 0, 5, root, [])
        return log, operator, root

    def test_a_log_is_registered_once(self, deployment: Deployment) -> None:
        log = new_log(deployment.members[0])
        together(deployment, "registerLog", *log)
        for operator in deployment.members[:2]:
            wanted = ("LogAlreadyRegistered", (log[0],))
            assert refusal(deployment, deployment.members[2], "registerLog", log[0], operator, *log[2:]) == wanted

    def test_refuses_a_log_without_operator(self, deployment: Deployment) -> None:
        log = new_log("0x" + "00" * 20)
        assert refusal(deployment, deployment.members[0], "registerLog", *log) == ("ZeroAddress", ())

    def test_a_successor_names_the_frozen_size_and_root(self, deployment: Deployment) -> None:
        log, _, root = self.anchored(deployment)
        together(deployment, "closeLog", log)
        successor = new_log(deployment.registry.node.account(), log, 5, root)
        together(deployment, "registerLog", *successor)
        assert deployment.registry.view("logOf", successor[0]) == successor[1:]
        assert deployment.registry.view("successorOf", log) == successor[0]

    def test_refuses_a_successor_of_an_open_log(self, deployment: Deployment) -> None:
        log, operator, root = self.anchored(deployment)
        successor = new_log(operator, log, 5, root)
        assert refusal(deployment, deployment.members[0], "registerLog", *successor) == ("PredecessorOpen", (log,))

    @pytest.mark.parametrize(("size", "other_root"), [(4, False), (6, False), (5, True)])
    def test_refuses_another_size_or_root(self, deployment: Deployment, size: int, other_root: bool) -> None:
        log, operator, root = self.anchored(deployment)
        together(deployment, "closeLog", log)
        successor = new_log(operator, log, size, NONE if other_root else root)
        wanted = ("PredecessorMismatch", (log, 5, root))
        assert refusal(deployment, deployment.members[0], "registerLog", *successor) == wanted

    def test_refuses_a_second_successor(self, deployment: Deployment) -> None:
        log, operator, root = self.anchored(deployment)
        together(deployment, "closeLog", log)
        first = new_log(operator, log, 5, root)
        together(deployment, "registerLog", *first)
        second = new_log(operator, log, 5, root)
        wanted = ("SuccessorExists", (log, first[0]))
        assert refusal(deployment, deployment.members[0], "registerLog", *second) == wanted

    def test_refuses_an_unknown_predecessor(self, deployment: Deployment) -> None:
        unknown = secrets.token_bytes(32)
        log = new_log(deployment.members[0], unknown)
        assert refusal(deployment, deployment.members[0], "registerLog", *log) == ("LogNotRegistered", (unknown,))

    def test_refuses_a_size_without_predecessor(self, deployment: Deployment) -> None:
        log = new_log(deployment.members[0], NONE, 5)
        assert refusal(deployment, deployment.members[0], "registerLog", *log) == (
            "PredecessorMismatch",
            (NONE, 0, NONE),
        )

    def test_a_log_is_closed_once(self, deployment: Deployment) -> None:
        log, _, _ = self.anchored(deployment)
        together(deployment, "closeLog", log)
        assert refusal(deployment, deployment.members[2], "closeLog", log) == ("LogAlreadyClosed", (log,))
        unknown = secrets.token_bytes(32)
        assert refusal(deployment, deployment.members[2], "closeLog", unknown) == ("LogNotRegistered", (unknown,))
