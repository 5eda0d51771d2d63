"""The decision on one line, on plain facts: the order of routes, every reason, nothing passed in silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from authz.reasons import Reason
from materials.catalogue.items import CommitmentRule, Demand
from materials.checklist.deciding import CURABLE, decide
from materials.checklist.facts import AssistFact, CheckFact, Facts, LineFacts, OwedFact, PassedOn, Thing
from materials.checklist.model import Confirm, Line, LineState, Route
from materials.checklist.reasons import ROUTES, WhyNot, condition_wording, wording
from materials.model import Condition, Obstacle

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
EVERYTHING = Demand(
    "CL040",
    routes=tuple(Route),
    check="health.staff-certified",
    generate="staff-list",
    owed_days=20,
    assist="11310118XX00000B0W",
)
FACTS = Facts(
    NOW,
    "commitment",
    CommitmentRule((), 40, 730, 3),
    {},
    frozenset({"health.staff-certified"}),
    frozenset({"staff-list"}),
)
HELD = LineFacts("holder", "LT23", check_basis="duty")
GOOD = Thing("a", "grant", None, evidence={"material": "a"})
CHECK = CheckFact("c", "answered", "yes", None, LATER, "market", "e")
ASSIST = AssistFact("r", "asked", None, LATER, None)
OWED = OwedFact("o", "owed", LATER, None)


def line(held: LineFacts = HELD, demand: Demand = EVERYTHING, **facts: Any) -> Line:
    return decide(demand, held, replace(FACTS, **facts))


def why(decided: Line) -> dict[str, str]:
    return {each.route.value: each.reason for each in decided.refused}


class TestOrder:
    def test_takes_the_best_that_holds(self) -> None:
        held = replace(HELD, licences=(GOOD,), materials=(GOOD,))
        assert line(held).offer.route is Route.licence
        held = replace(HELD, materials=(GOOD,))
        assert line(held).offer.route is Route.check
        assert line(held, sources=frozenset()).offer.route is Route.reuse
        assert line(HELD, sources=frozenset()).offer.route is Route.assistance
        held = replace(HELD, assist=replace(ASSIST, state="refused"))
        assert line(held, sources=frozenset()).offer.route is Route.generated
        assert line(held, sources=frozenset(), templates=frozenset()).offer.route is Route.commitment
        last = line(held, sources=frozenset(), templates=frozenset(), rule=None)
        assert (last.offer.route, last.state, len(last.refused)) == (Route.upload, LineState.missing, 6)

    @given(st.data())
    def test_leaves_no_better_route_without_a_reason(self, data: st.DataObject) -> None:
        """Whatever the facts: an offer and a reason for each better route, in order; or every route's reason."""
        thing = st.builds(
            Thing,
            st.just("t"),
            st.sampled_from([None, "grant"]),
            st.sampled_from([None, *Reason]),
            verify_level=st.integers(1, 4),
            obstacles=st.sampled_from([(), ("expired",), ("superseded", "disputed")]),
            conditions=st.sampled_from([(), ("same-premises",)]),
            use_id=st.sampled_from([None, "u"]),
            here=st.booleans(),
            made=st.booleans(),
        )
        held = LineFacts(
            data.draw(st.sampled_from([None, "holder"])),
            data.draw(st.sampled_from([None, "LT23"])),
            licences=tuple(data.draw(st.lists(thing, max_size=2))),
            materials=tuple(data.draw(st.lists(thing, max_size=3))),
            check_basis=data.draw(st.sampled_from([None, "duty"])),
            check_said=data.draw(st.sampled_from([None, Reason.ask_holder.value, Reason.share_denied.value])),
            check=data.draw(
                st.sampled_from([None, CHECK, replace(CHECK, result="no"), replace(CHECK, state="failed")])
            ),
            assist=data.draw(st.sampled_from([None, ASSIST, replace(ASSIST, state="overdue")])),
            owed=data.draw(st.sampled_from([None, OWED, replace(OWED, state="breached")])),
        )
        routes = tuple(route for route in Route if route is Route.upload or data.draw(st.booleans()))
        demand = Demand(
            "CL040",
            routes=routes,
            check="health.staff-certified" if Route.check in routes else None,
            generate="staff-list" if Route.generated in routes else None,
            owed_days=20 if Route.commitment in routes else None,
            assist="x" if Route.assistance in routes else None,
            min_level=data.draw(st.integers(1, 4)),
        )
        decided = line(held, demand)
        assert decided.offer is not None
        better = list(Route)[: list(Route).index(decided.offer.route)]
        refused = [each.route for each in decided.refused]
        assert refused == sorted(refused, key=list(Route).index)
        if decided.state not in {LineState.supplied, LineState.owed}:
            assert refused == better
        for each in decided.refused:
            assert all(wording(each.reason))


class TestWhatIsThere:
    def test_counts_a_use_that_delivered(self) -> None:
        held = replace(HELD, licences=(replace(GOOD, use_id="u"),))
        assert (line(held).state, line(held).offer.evidence["use"]) == (LineState.supplied, "u")

    @pytest.mark.parametrize("obstacle", ["status-suspended", "status-superseded"])
    def test_counts_nothing_that_stopped_standing(self, obstacle: str) -> None:
        gone = replace(GOOD, use_id="u", basis=None, said=obstacle, obstacles=(obstacle,))
        assert why(line(replace(HELD, licences=(gone,))))["licence"] == obstacle

    def test_counts_an_answer_while_it_stands(self) -> None:
        held = replace(HELD, check=CHECK)
        assert (line(held).state, line(held).offer.route) == (LineState.supplied, Route.check)
        over = line(held, at=LATER)
        assert (over.state, over.offer.conditions) == (LineState.offered, (Confirm.ask,))

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"result": "no"}, "source-denies"),
            ({"result": "unknown"}, "source-unknowing"),
            ({"state": "failed", "failure": "source-timeout"}, "source-unavailable"),
            ({"state": "failed", "failure": "source-signature"}, "source-unavailable"),
            ({"state": "failed", "failure": "source-contradicts"}, "source-contradicts"),
        ],
    )
    def test_goes_on_by_the_next_route_where_a_source_fails(self, change: dict[str, Any], reason: str) -> None:
        decided = line(replace(HELD, check=replace(CHECK, **change), materials=(GOOD,)))
        assert (decided.offer.route, why(decided)["check"]) == (Route.reuse, reason)

    def test_waits_for_a_department_and_goes_on_when_it_is_late(self) -> None:
        waiting = line(replace(HELD, assist=ASSIST), sources=frozenset())
        assert (waiting.state, waiting.offer.evidence["due"]) == (LineState.waiting, "2026-11-22")
        late = line(replace(HELD, assist=replace(ASSIST, state="overdue")), sources=frozenset())
        assert (late.offer.route, why(late)["assistance"]) == (Route.generated, "department-overdue")

    def test_takes_a_departments_yes_and_not_its_no(self) -> None:
        yes = replace(HELD, assist=replace(ASSIST, state="answered", result="yes"))
        no = replace(HELD, assist=replace(ASSIST, state="answered", result="no"))
        assert line(yes).state is LineState.supplied
        assert why(line(no, sources=frozenset()))["assistance"] == "department-refused"

    @pytest.mark.parametrize("state", ["owed", "overdue"])
    def test_is_owed_while_promised(self, state: str) -> None:
        assert line(replace(HELD, owed=replace(OWED, state=state))).state is LineState.owed

    def test_reuses_only_where_the_item_foresees_it(self) -> None:
        used = replace(HELD, materials=(replace(GOOD, use_id="u", confirmed=frozenset({"unchanged"})),))
        plain = replace(
            EVERYTHING, routes=(Route.licence, Route.upload), check=None, generate=None, owed_days=None, assist=None
        )
        assert line(used).offer.route is Route.reuse
        assert line(used, plain).state is LineState.missing

    def test_takes_what_a_department_handed_in_once_it_was_used(self) -> None:
        answered = replace(ASSIST, state="answered", result="material", material_id="a")
        demand = replace(EVERYTHING, routes=(Route.assistance, Route.upload), check=None, generate=None, owed_days=None)
        offered = line(replace(HELD, assist=answered, materials=(GOOD,)), demand)
        assert (offered.state, offered.offer.route) == (LineState.offered, Route.assistance)
        assert offered.offer.conditions == (Confirm.unchanged, Confirm.fetch)
        used = replace(GOOD, use_id="u", confirmed=frozenset({"unchanged"}))
        supplied = line(replace(HELD, assist=answered, materials=(used,)), demand)
        assert (supplied.state, supplied.offer.evidence["use"]) == (LineState.supplied, "u")
        gone = line(replace(HELD, assist=answered, materials=(replace(used, obstacles=("withdrawn",)),)), demand)
        assert (gone.state, why(gone)["assistance"]) == (LineState.missing, "withdrawn")

    @pytest.mark.parametrize(
        ("change", "reason"),
        [({"obstacles": ("withdrawn",)}, "withdrawn"), ({"verify_level": 1}, "level-too-low")],
        ids=["withdrawn", "level"],
    )
    def test_counts_what_was_promised_while_it_stands(self, change: dict[str, Any], reason: str) -> None:
        plain = replace(
            EVERYTHING, routes=(Route.commitment, Route.upload), check=None, generate=None, assist=None, min_level=2
        )
        kept = replace(HELD, owed=replace(OWED, state="fulfilled", material_id="a"), materials=(GOOD,))
        assert (line(kept, plain).state, line(kept, plain).offer.route) == (LineState.supplied, Route.commitment)
        gone = line(replace(kept, materials=(replace(GOOD, **change),)), plain)
        assert (gone.state, why(gone)["commitment"]) == (LineState.missing, reason)

    def test_takes_no_second_promise_after_a_breach(self) -> None:
        plain = replace(EVERYTHING, routes=(Route.commitment, Route.upload), check=None, generate=None, assist=None)
        broken = replace(HELD, owed=replace(OWED, state="breached"))
        assert why(line(broken, plain))["commitment"] == "commitment-breached"
        assert why(line(HELD, plain, barred_until=LATER))["commitment"] == "commitment-barred"
        assert line(HELD, plain, barred_until=NOW).offer.route is Route.commitment

    def test_waits_for_a_result_of_the_bundle(self) -> None:
        waiting = line(replace(HELD, passed=PassedOn("C-1", None, None)))
        assert (waiting.state, waiting.offer.evidence) == (LineState.waiting, {"case": "C-1", "gives": "CL040"})

    def test_takes_a_result_of_the_bundle_while_it_stands(self) -> None:
        passed = PassedOn("C-1", "granted", "r", stands=True)
        assert line(replace(HELD, passed=passed)).offer.evidence == {"case": "C-1", "result": "r"}
        assert line(replace(HELD, passed=replace(passed, stands=False))).state is not LineState.supplied


class TestConsent:
    def test_says_the_same_of_something_and_of_nothing(self) -> None:
        nothing = replace(HELD, licence_said="ask-holder", material_said="ask-holder")
        hidden = Thing("a", None, "ask-holder", evidence={"material": "a"}, conditions=("same-premises",))
        for route in (Route.licence, Route.reuse):
            demand = Demand("CL040", routes=(route, Route.upload))
            for each in (hidden, replace(hidden, obstacles=("expired",)), replace(hidden, verify_level=1)):
                held = replace(nothing, licences=(each,), materials=(each,))
                assert line(held, demand) == line(nothing, demand)

    def test_is_not_asked_again_where_it_was_taken_back(self) -> None:
        demand = Demand("CL040", routes=(Route.licence, Route.upload))
        held = replace(HELD, licences=(Thing("a", None, "grant-withdrawn"),))
        assert (line(held, demand).state, why(line(held, demand))["licence"]) == (LineState.missing, "grant-withdrawn")
        assert Reason.grant_withdrawn not in CURABLE


class TestHandedIn:
    PLAIN = Demand("CL041", routes=(Route.reuse, Route.upload), min_level=2)

    def test_is_told_apart_from_what_was_made(self) -> None:
        for made, route in ((False, Route.upload), (True, Route.generated)):
            held = replace(HELD, materials=(replace(GOOD, here=True, made=made),))
            assert line(held).offer.route is route

    def test_letter_counts_once_its_commitment_is_signed(self) -> None:
        demand = Demand("CL020", routes=(Route.generated, Route.upload), generate="staff-list")
        letter = replace(GOOD, here=True, made=True, signed=False, evidence={"commitment": "o"})
        unsigned = line(replace(HELD, letter=True, materials=(letter,)), demand)
        assert (unsigned.state, unsigned.offer.conditions) == (LineState.offered, (Confirm.sign,))
        assert unsigned.offer.evidence == {"template": "staff-list", "commitment": "o"}
        signed = line(replace(HELD, letter=True, materials=(replace(letter, signed=True),)), demand)
        assert (signed.state, signed.offer.route) == (LineState.supplied, Route.generated)
        barred = line(replace(HELD, letter=True), demand, barred_until=LATER)
        assert (barred.state, why(barred)["generated"]) == (LineState.missing, "commitment-barred")

    def test_waits_for_staff_where_it_was_checked_too_little(self) -> None:
        held = replace(HELD, materials=(replace(GOOD, here=True, verify_level=1),))
        assert (line(held, self.PLAIN).state, line(held, self.PLAIN).offer.conditions) == (
            LineState.waiting,
            ("verify",),
        )

    def test_is_missing_again_once_it_was_withdrawn(self) -> None:
        held = replace(HELD, materials=(replace(GOOD, here=True, obstacles=("withdrawn",)),))
        assert line(held, self.PLAIN).state is LineState.missing


class TestWords:
    def test_are_there_for_everything_that_can_be_said(self) -> None:
        for reason in (*WhyNot, *Obstacle, *Reason):
            assert all(wording(reason.value))
        for condition in (*Confirm, *Condition):
            assert all(condition_wording(condition.value))
        assert ROUTES.keys() == {route.value for route in Route}

    def test_no_word_is_in_two_vocabularies(self) -> None:
        assert not {each.value for each in WhyNot} & {each.value for each in Reason}
        assert not {each.value for each in WhyNot} & {each.value for each in Obstacle}

    def test_refuses_an_unknown_code(self) -> None:
        with pytest.raises(KeyError):
            wording("because")
