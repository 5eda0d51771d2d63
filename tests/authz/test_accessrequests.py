"""Access to conditionally shared types: asked, answered in working days by another organisation, overdue seen by all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from authz.accessrequests import AccessRequests
from authz.errors import InvalidTermsError, NotPermittedError, UnknownOperatorError, UseRefusedError
from authz.model import Role
from authz.onboardingerrors import (
    AccessNotNeededError,
    AccessRequestClosedError,
    AccessStandingError,
    UnknownAccessRequestError,
)
from authz.workdays import Workdays
from ledger.steps import run
from tests.authz.world import ITEM, World

if TYPE_CHECKING:
    from authz.accessrequests import AccessRequest
    from authz.model import Caller
    from ledger.db import Database

TYPE = "CL022"
NOBODY = "019a0000-0000-7000-8000-00000000dead"


class Desk:
    """Who asks and who answers, in a small world."""

    def __init__(self, database: Database) -> None:
        self.world = world = World(database)
        self.access = AccessRequests(world.evidence, world.parties, world.counter, Workdays(), world.clock)
        with world.database.unit() as db:
            world.parties.register_operator(db, world.baoshan.party_id, "bs-002", {Role.registrar})
            world.parties.register_operator(db, world.baoshan.party_id, "bs-900", {Role.security_officer})
        self.asker, self.provider = world.caller, world.call(world.baoshan)
        with world.database.unit() as db:
            self.access.name_provider(db, self.provider, "bs-900", TYPE, "11310113XX00000A2R")
        world.grant(max_uses=9)

    def ask(self, caller: Caller | None = None, operator: str = "qp-103", **terms: Any) -> AccessRequest:
        wanted = {"type_code": TYPE, "item_code": ITEM, "purpose": "复用租赁合同", "basis": "食品经营许可管理办法"}
        with self.world.database.unit() as db:
            return self.access.ask(db, caller or self.asker, operator, **(wanted | terms))

    def answer(
        self, held: AccessRequest, *, approve: bool = True, reason: str | None = None, **by: Any
    ) -> AccessRequest:
        who = {"caller": self.provider, "operator": "bs-002"} | by
        with self.world.database.unit() as db:
            return self.access.answer(db, who["caller"], who["operator"], held.id, approve=approve, reason=reason)

    def may_use(self) -> bool:
        """Whether a use on a good grant is allowed; looked at and really asked, which agree."""
        world = self.world
        lease = world.lease(depositor_party_id=NOBODY)
        with world.database.unit() as db:
            seen = run(db, world.uses.foresee(world.caller, world.request(), lease, world.facts(), TYPE, 2))
        if seen.said is not None:
            with pytest.raises(UseRefusedError) as raised:
                world.use(lease)
            assert (raised.value.code, raised.value.reason, seen.said) == ("access-required",) * 3
            return False
        world.use(lease)
        return True


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


class TestAsk:
    def test_is_due_in_ten_working_days(self, desk: Desk) -> None:
        held = desk.ask()
        # Saturday 21 November 2026; the tenth working day after it is Friday 4 December, which ends at 16:00 UTC.
        assert held.due_at == datetime(2026, 12, 4, 16, tzinfo=UTC)
        assert held.standing(desk.world.clock.now()) == "open"
        fact, parties = desk.world.record(held.entry_id)
        assert fact["type"] == "access.requested"
        assert (parties["provider"], parties["type"], parties["item"]) == ("11310113XX00000A2R", TYPE, ITEM)

    def test_is_one_at_a_time(self, desk: Desk) -> None:
        held = desk.ask()
        with pytest.raises(AccessStandingError):
            desk.ask()
        desk.answer(held, approve=False, reason="依据不足")
        desk.ask()

    @pytest.mark.parametrize("type_code", ["CL999", TYPE], ids=["nobody answers", "own"])
    def test_is_not_needed(self, desk: Desk, type_code: str) -> None:
        own = type_code == TYPE
        with pytest.raises(AccessNotNeededError):
            desk.ask(desk.provider if own else None, "bs-017" if own else "qp-103", type_code=type_code)

    @pytest.mark.parametrize("terms", [{"purpose": ""}, {"basis": "联系 13900000000"}], ids=["empty", "names somebody"])
    def test_refuses_terms(self, desk: Desk, terms: dict[str, str]) -> None:
        with pytest.raises(InvalidTermsError):
            desk.ask(**terms)

    def test_needs_an_operator_who_may_ask(self, desk: Desk) -> None:
        with pytest.raises(UnknownOperatorError):
            desk.ask(operator="bs-017")
        with pytest.raises(NotPermittedError):
            desk.ask(operator="qp-900")


class TestAnswer:
    def test_approval_lets_use_and_its_end_does_not(self, desk: Desk) -> None:
        assert not desk.may_use()
        held = desk.ask()
        assert not desk.may_use()
        approved = desk.answer(held)
        assert desk.may_use()
        with desk.world.database.unit() as db:
            ended = desk.access.end(db, desk.provider, "bs-002", held.id, "事项调整")
        assert not desk.may_use()
        types = [desk.world.record(str(each.answer_entry_id))[0]["type"] for each in (approved, ended)]
        assert types == ["access.answered", "access.ended"]

    def test_refusal_says_why(self, desk: Desk) -> None:
        held = desk.ask()
        with pytest.raises(InvalidTermsError):
            desk.answer(held, approve=False)
        refused = desk.answer(held, approve=False, reason="用途不明")
        assert (refused.state, refused.reason, refused.answered_by) == ("refused", "用途不明", "bs-002")
        assert not desk.may_use()

    def test_is_given_once(self, desk: Desk) -> None:
        held = desk.ask()
        desk.answer(held)
        with pytest.raises(AccessRequestClosedError):
            desk.answer(held)

    def test_never_comes_from_the_asker(self, desk: Desk) -> None:
        held = desk.ask()
        with desk.world.database.unit() as db:
            desk.world.parties.register_operator(db, desk.asker.party_id, "qp-301", {Role.registrar})
        with pytest.raises(UnknownAccessRequestError):
            desk.answer(held, caller=desk.asker, operator="qp-301")

    def test_needs_a_registrar(self, desk: Desk) -> None:
        with pytest.raises(NotPermittedError):
            desk.answer(desk.ask(), operator="bs-017")

    def test_of_another_is_not_seen(self, desk: Desk) -> None:
        held = desk.ask()
        with desk.world.database.unit() as db:
            third = desk.world.department(db, "third", "第三方", "11310113XX00001315", "310113")
        stranger = desk.world.call(third)
        with desk.world.database.unit() as db, pytest.raises(UnknownAccessRequestError):
            desk.access.get(db, stranger, held.id)


class TestOverdue:
    def test_is_seen_by_all_three_and_approved_by_none(self, desk: Desk) -> None:
        held = desk.ask()
        desk.world.clock.at = held.due_at
        with desk.world.database.unit() as db:
            seen = desk.access.overdue(db), desk.access.asked(db, desk.asker), desk.access.to_answer(db, desk.provider)
        assert [each.id for found in seen for each in found] == [held.id] * 3
        assert seen[0][0].standing(desk.world.clock.now()) == "overdue"
        assert not desk.may_use()
        desk.answer(held)
        with desk.world.database.unit() as db:
            assert desk.access.overdue(db) == []


class TestProviders:
    def test_are_named_and_taken_back(self, desk: Desk) -> None:
        with desk.world.database.unit() as db:
            assert desk.access.providers(db) == [(TYPE, "11310113XX00000A2R", "宝山区行政服务中心")]
            desk.access.name_provider(db, desk.provider, "bs-900", TYPE, None)
            assert desk.access.providers(db) == []
        assert desk.may_use()

    def name(self, desk: Desk, org_code: str | None) -> None:
        with desk.world.database.unit() as db:
            desk.access.name_provider(db, desk.provider, "bs-900", TYPE, org_code)

    def test_another_one_takes_over_what_stands(self, desk: Desk) -> None:
        approved = desk.answer(desk.ask())
        waiting = desk.ask(item_code="another-item")
        with desk.world.database.unit() as db:
            third = desk.world.department(db, "third", "第三方", "11310113XX00001315", "310113")
            desk.world.parties.register_operator(db, third.party_id, "th-002", {Role.registrar})
        successor = desk.world.call(third)
        self.name(desk, "11310113XX00001315")
        with desk.world.database.unit() as db:
            assert desk.access.to_answer(db, desk.provider) == []
        with pytest.raises(UnknownAccessRequestError):
            desk.answer(waiting)
        assert desk.answer(waiting, caller=successor, operator="th-002").state == "approved"
        assert desk.may_use()
        with desk.world.database.unit() as db:
            desk.access.end(db, successor, "th-002", approved.id, "事项调整")
        assert not desk.may_use()

    def test_who_asked_needs_nothing_of_itself(self, desk: Desk) -> None:
        approved, waiting = desk.answer(desk.ask()), desk.ask(item_code="another-item")
        self.name(desk, "11310118XX00000B0W")
        with desk.world.database.unit() as db:
            held = [desk.access.get(db, desk.asker, each.id) for each in (approved, waiting)]
        assert [(each.state, each.answered_by) for each in held] == [("ended", "bs-900")] * 2
        assert desk.world.record(held[1].answer_entry_id or "")[1]["asked_entry"] == waiting.entry_id
        assert desk.may_use()

    def test_where_nobody_answers_nothing_waits(self, desk: Desk) -> None:
        approved, waiting = desk.answer(desk.ask()), desk.ask(item_code="another-item")
        self.name(desk, None)
        with desk.world.database.unit() as db:
            held = [desk.access.get(db, desk.asker, each.id).state for each in (approved, waiting)]
        assert held == ["approved", "ended"]
        with pytest.raises(AccessRequestClosedError):
            desk.answer(waiting)

    def test_are_on_the_log_with_who_named_them(self, desk: Desk) -> None:
        self.name(desk, "11310118XX00000B0W")
        self.name(desk, None)
        rows = desk.world.run("SELECT entry_id::text FROM ledger.record WHERE fact LIKE '%provider-named%'")
        named = [desk.world.record(each)[1] for (each,) in rows]
        seen = sorted((str(each["former"]), str(each["provider"]), each["type"], each["operator"]) for each in named)
        assert seen == [
            ("11310113XX00000A2R", "11310118XX00000B0W", TYPE, "bs-900"),
            ("11310118XX00000B0W", "None", TYPE, "bs-900"),
            ("None", "11310113XX00000A2R", TYPE, "bs-900"),
        ]

    def test_take_an_overseer(self, desk: Desk) -> None:
        with desk.world.database.unit() as db, pytest.raises(NotPermittedError):
            desk.access.name_provider(db, desk.provider, "bs-017", TYPE, None)
