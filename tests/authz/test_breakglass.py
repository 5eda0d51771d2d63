"""Emergencies: two people, minutes, told at once, reviewed by a third, warned of until then."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from authz.breakglass import APPROVE_WITHIN, LASTS, OPENED, BreakGlass, Wanted
from authz.errors import (
    BreakGlassClosedError,
    InvalidTermsError,
    NotPermittedError,
    SecondPersonError,
    UnknownBreakGlassError,
    UseRefusedError,
)
from authz.model import Basis, Mode, Presence, Role, UseRequest
from authz.noticekinds import NoticeKind
from authz.workdays import Workdays
from ledger import outbox
from ledger.steps import execute, run
from tests.authz.world import CASE, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from authz.model import CaseFacts
    from authz.store.breakglass import HeldGlass

REASON = "群体性食源性疾病处置,须立即核实经营场所"
OTHER_CASE = "31011820261121000002"


class Emergencies(World):
    """`World` with emergencies: `qp-103` opens, `qp-204` approves, 宝山 oversees by `bs-900`."""

    def __init__(self, database: Any) -> None:
        super().__init__(database)
        self.glass = BreakGlass(self.counter, self.evidence, self.holders, self.vault, Workdays(), self.clock)
        with database.unit() as db:
            for handle, roles in (("qp-204", {Role.reviewer}), ("qp-205", {Role.window, Role.reviewer})):
                self.parties.register_operator(db, self.qingpu.party_id, handle, roles)
            self.parties.register_operator(db, self.baoshan.party_id, "bs-900", {Role.auditor})
        self.overseer = self.call(self.baoshan)

    def wanted(self, **changes: Any) -> Wanted:
        whole: dict[str, Any] = {
            "case_no": CASE,
            "holder_id": self.firm,
            "types": ["CL022"],
            "mode": Mode.verify,
            "ground": "life-or-health",
            "reason": REASON,
        }
        return Wanted(**(whole | changes))

    def opened(self, operator: str = "qp-103", **changes: Any) -> HeldGlass:
        with self.database.unit() as db:
            return self.glass.open(db, self.caller, self.wanted(**changes), operator)

    def approve(self, held: HeldGlass, operator: str = "qp-204") -> HeldGlass:
        with self.database.unit() as db:
            return self.glass.approve(db, self.caller, held.emergency.id, operator)

    def review(self, held: HeldGlass, operator: str = "bs-900") -> HeldGlass:
        with self.database.unit() as db:
            return self.glass.review(
                db, self.overseer, held.emergency.id, verdict="justified", finding="与报告一致", operator=operator
            )

    def alone(self, **changes: Any) -> CaseFacts:
        """The case with nobody there, whose item demands nothing of the kind."""
        return self.facts(**({"presence": Presence.none, "demanded": False} | changes))

    def asked(self, held: HeldGlass, **changes: Any) -> UseRequest:
        return self.request(**({"mode": Mode.verify, "break_glass_id": held.emergency.id} | changes))

    def refused(self, held: HeldGlass, resource: Any = None, facts: Any = None, **changes: Any) -> str:
        whole = {"mode": Mode.verify, "break_glass_id": held.emergency.id} | changes
        with pytest.raises(UseRefusedError) as caught:
            self.use(resource, facts or self.alone(), **whole)
        return caught.value.code

    def count(self) -> tuple[int, int]:
        with self.database.unit() as db:
            return self.glass.count(db)


@pytest.fixture
def world(database: Any) -> Emergencies:
    return Emergencies(database)


class TestOpen:
    def test_is_on_the_log_without_the_reason(self, world: Emergencies) -> None:
        held = world.opened()
        fact, parties = world.record(held.entry_id)
        assert fact["type"] == "break-glass.opened"
        assert (parties["operator"], parties["types"], parties["ground"]) == ("qp-103", ["CL022"], "life-or-health")
        assert REASON not in str(parties)
        assert world.firm not in str(parties)
        assert world.glass.reason(held) == REASON

    @pytest.mark.parametrize("changes", [{"types": []}, {"types": [f"CL{n:03}" for n in range(11)]}, {"ground": "x"}])
    def test_names_types_and_a_ground(self, world: Emergencies, changes: Any) -> None:
        with pytest.raises(InvalidTermsError):
            world.opened(**changes)

    @pytest.mark.parametrize("operator", ["qp-204", "qp-900"])
    def test_is_the_windows(self, world: Emergencies, operator: str) -> None:
        with pytest.raises(NotPermittedError):
            world.opened(operator)


class TestApprove:
    def test_makes_it_stand_and_tells_the_overseers_at_once(self, world: Emergencies) -> None:
        held = world.approve(world.opened())
        assert held.emergency.stands(world.clock.now())
        assert held.emergency.ends_at == world.clock.now() + LASTS
        assert world.count() == (1, 0)
        with world.database.unit() as db:
            assert [each.emergency.id for each in world.glass.unreviewed(db)] == [held.emergency.id]
            (message,) = outbox.claim(db, 5, world.clock.now(), kinds=[OPENED])
        assert message.body["break_glass_id"] == held.emergency.id

    def test_takes_another_person_in_another_role(self, world: Emergencies) -> None:
        with pytest.raises(NotPermittedError):
            world.approve(world.opened(), "qp-103")
        with pytest.raises(SecondPersonError):
            world.approve(world.opened("qp-205"), "qp-205")
        assert world.count() == (0, 0)

    def test_takes_minutes_and_comes_once(self, world: Emergencies) -> None:
        late = world.opened()
        world.clock.pass_(APPROVE_WITHIN.total_seconds() + 1)
        with pytest.raises(BreakGlassClosedError):
            world.approve(late)
        held = world.opened()
        world.approve(held)
        with pytest.raises(BreakGlassClosedError):
            world.approve(held, "qp-205")

    def test_is_of_its_organisation(self, world: Emergencies) -> None:
        held = world.opened()
        with world.database.unit() as db:
            world.parties.register_operator(db, world.baoshan.party_id, "bs-204", {Role.reviewer})
        with world.database.unit() as db, pytest.raises(UnknownBreakGlassError):
            world.glass.approve(db, world.overseer, held.emergency.id, "bs-204")

    def test_an_administrator_who_writes_one_person_twice_is_stopped_by_the_row(self, world: Emergencies) -> None:
        held = world.opened()
        with pytest.raises(Exception, match="two_people"):
            world.run(
                "UPDATE authz.break_glass SET approved_by = opened_by, approved_at = now(), ends_at = now(),"
                " review_due_at = now(), approval_entry_id = id WHERE id = :id",
                id=held.emergency.id,
            )


class TestUse:
    def test_needs_neither_presence_nor_demand_and_tells_the_holder_at_once(self, world: Emergencies) -> None:
        held = world.approve(world.opened())
        use = world.use(None, world.alone(), mode=Mode.verify, break_glass_id=held.emergency.id)
        assert (use.basis, use.emergency_id) == (Basis.emergency, held.emergency.id)
        parties = world.record(use.intent_entry_id)[1]
        assert (parties["basis"], parties["break_glass"]) == ("emergency", held.emergency.id)
        assert parties["approved_entry"] == held.emergency.approval_entry_id
        with world.database.unit() as db:
            assert [(each.kind, each.subject) for each in world.notices.of_holder(db, world.firm)] == [
                (NoticeKind.break_glass, use.id)
            ]
            assert [each[0] for each in world.glass.uses(db, held.emergency.id)] == [use.id]

    def test_is_refused_before_the_second_person(self, world: Emergencies) -> None:
        assert world.refused(world.opened()) == "emergency-over"

    def test_is_refused_after_its_minutes(self, world: Emergencies) -> None:
        held = world.approve(world.opened())
        world.clock.pass_(LASTS.total_seconds())
        assert world.refused(held) == "emergency-over"

    def test_is_of_who_opened_it_its_case_and_its_things(self, world: Emergencies) -> None:
        held = world.approve(world.opened())
        assert world.refused(held, operator="qp-205") == "emergency-over"
        assert world.refused(held, facts=world.alone(case_no=OTHER_CASE), case_no=OTHER_CASE) == "emergency-over"
        assert world.refused(held, facts=world.alone(applicant_holder_id=world.chen)) == "emergency-over"
        elsewhere = world.alone(people=frozenset({world.chen}))
        assert world.refused(held, world.lease(holder_id=world.chen), elsewhere) == "unrelated-holder"
        assert world.refused(held, world.lease(type_code="CL025")) == "emergency-scope"
        assert world.refused(held, mode=Mode.copy) == "emergency-scope"
        assert world.refused(held, world.lease(status="suspended")) == "status-suspended"

    def test_tells_every_holder_of_the_thing(self, world: Emergencies) -> None:
        held = world.approve(world.opened())
        resource = world.lease(co_holders=frozenset({world.chen}))
        use = world.use(resource, world.alone(), mode=Mode.verify, break_glass_id=held.emergency.id)
        with world.database.unit() as db:
            for holder in (world.firm, world.chen):
                assert [(each.kind, each.subject) for each in world.notices.of_holder(db, holder)] == [
                    (NoticeKind.break_glass, use.id)
                ]

    def test_shows_refused_attempts_to_who_reviews_it(self, world: Emergencies) -> None:
        held = world.approve(world.opened())
        request = world.asked(held, mode=Mode.copy)
        with world.database.unit() as db, pytest.raises(UseRefusedError) as refused:
            run(db, world.uses.open(world.caller, request, world.lease(), world.alone(), 1, {}, "k"))
        with world.database.unit() as db:
            execute(db, world.uses.refuse(world.caller, request, refused.value))
            ((_, org, thing, mode, operator, _, reason, entry),) = world.glass.attempts(db, held.emergency.id)
        assert (org, thing, mode, operator) == ("11310118XX00000B0W", request.object_id, "copy", "qp-103")
        assert reason == "emergency-scope"
        assert world.record(entry)[1]["break_glass"] == held.emergency.id

    def test_tells_of_nothing_sensitive_whether_it_is_there(self, world: Emergencies) -> None:
        held = world.approve(world.opened())
        said = {world.refused(held, world.lease(level=3, status=each)) for each in ("suspended", "disputed")}
        with world.database.unit() as db, pytest.raises(UseRefusedError) as absent:
            run(db, world.uses.open(world.caller, world.asked(held), None, world.alone(), 0, {}, "k"))
        assert said == {absent.value.code} == {"ask-holder"}


class TestPages:
    """Emergencies of one moment: a page ends between them, and the next one begins there."""

    @pytest.fixture
    def made(self, world: Emergencies) -> set[str]:
        return {world.approve(world.opened()).emergency.id for _ in range(5)}

    def walk(self, page: Callable[[str | None], list[HeldGlass]]) -> list[str]:
        seen: list[str] = []
        while found := page(seen[-1] if seen else None):
            seen += [each.emergency.id for each in found]
        return seen

    def test_of_an_organisation_leave_none_out(self, world: Emergencies, made: set[str]) -> None:
        with world.database.unit() as db:
            seen = self.walk(lambda last: world.glass.of_party(db, world.caller, before=last, limit=2))
        assert (len(seen), set(seen)) == (5, made)

    def test_of_what_nobody_reviewed_leave_none_out(self, world: Emergencies, made: set[str]) -> None:
        with world.database.unit() as db:
            seen = self.walk(lambda last: world.glass.unreviewed(db, after=last, limit=2))
        assert (len(seen), set(seen)) == (5, made)

    def test_begin_at_one_that_there_is(self, world: Emergencies, made: set[str]) -> None:
        first = min(made)
        with world.database.unit() as db, pytest.raises(UnknownBreakGlassError):
            world.glass.of_party(db, world.overseer, before=first, limit=2)
        waiting = world.opened().emergency.id
        with world.database.unit() as db, pytest.raises(UnknownBreakGlassError):
            world.glass.unreviewed(db, after=waiting, limit=2)


class TestReview:
    def test_takes_a_third_person_and_ends_the_warning(self, world: Emergencies) -> None:
        held = world.approve(world.opened())
        done = world.review(held)
        assert (done.verdict, done.reviewed_by, world.glass.finding(done)) == ("justified", "bs-900", "与报告一致")
        assert world.count() == (0, 0)
        with pytest.raises(BreakGlassClosedError):
            world.review(held)

    def test_is_an_overseers(self, world: Emergencies) -> None:
        held = world.approve(world.opened())
        for operator in ("qp-103", "qp-204"):
            with world.database.unit() as db, pytest.raises(NotPermittedError):
                world.glass.review(
                    db, world.caller, held.emergency.id, verdict="justified", finding="x", operator=operator
                )

    def test_is_of_what_was_approved(self, world: Emergencies) -> None:
        with pytest.raises(UnknownBreakGlassError):
            world.review(world.opened())

    def test_is_overdue_after_three_working_days_until_somebody_does_it(self, world: Emergencies) -> None:
        held = world.approve(world.opened())
        assert held.review_due_at is not None
        world.clock.pass_((held.review_due_at - world.clock.now() - timedelta(seconds=1)).total_seconds())
        assert world.count() == (1, 0)
        world.clock.pass_(1)
        assert world.count() == (1, 1)
        done = world.review(held)
        assert world.count() == (0, 0)
        assert world.record(done.review_entry_id or "")[1]["overdue"] is True
