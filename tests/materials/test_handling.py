"""Handling cases: drafts, amendments, acceptance with a kept checklist, send-backs, decisions, again from an old case."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from authz.errors import NotPermittedError
from authz.model import Presence
from certs.model import Operation
from ledger.record import canonical
from materials.catalogue import Catalogue
from materials.catalogue.items import Limits
from materials.checklist.model import LineState
from materials.errors import (
    AnswerInvalidError,
    AnswersIncompleteError,
    CaseAcceptedError,
    CaseClosedError,
    CaseIncompleteError,
    CaseNotAcceptedError,
    CaseNotDraftError,
    CaseNotSubmittedError,
    ResultInvalidError,
    RoleInvalidError,
    UnknownCaseError,
    UnknownLineError,
)
from materials.handling import Again
from materials.model import CaseState, Outcome
from materials.openings import Amendment, Decision
from tests.certs.world import OTHER_FIRM
from tests.materials.reuse import RESTAURANT, ReuseWorld
from tests.materials.world import FOOD, HYGIENE

if TYPE_CHECKING:
    from ledger.db import Database
    from ledger.objects import ObjectStore
    from materials.model import Case

VENUE = {"central_air": "no", "staff_contact": "yes", "agent": "no"}
LIMITS = sorted({(each.limits.promised, each.limits.statutory) for each in Catalogue.load().items.values()})
LIST = ("CL025", "CL053", "CL051", "CL041", "CL040", "CL022")


@pytest.fixture
def world(database: Database, offline: ObjectStore) -> ReuseWorld:
    """A firm, its people and checklists on an empty database."""
    return ReuseWorld(database, offline)


def ready(world: ReuseWorld, **changes: Any) -> Case:
    """A case with everything handed in."""
    case = world.firm_case(**changes)
    world.issue()
    card = world.issue("LT05")
    world.grant(case, world.chen, types=["CL006"])
    world.deliver(case, world.line(case, "CL001").offer.evidence["licence"])
    world.deliver(case, card.id)
    for code in LIST:
        world.deposit(world.qingpu, holder_id=world.firm, type_code=code, origin_case_no=case.case_no)
    return case


def act(world: ReuseWorld, verb: str, *args: Any) -> Any:
    """One act of handling in a unit."""
    with world.database.unit() as db:
        return getattr(world.handling, verb)(db, world.qingpu, *args)


class TestAccept:
    def test_keeps_the_checklist_and_counts_working_days(self, world: ReuseWorld) -> None:
        case = ready(world)
        accepted, shown = act(world, "accept", case.case_no, "qp-103")
        assert (accepted.stage, shown.open_lines) == ("accepted", ())
        # Saturday 21 November 2026: five working days end with Friday 27, ten with Friday 4 December.
        assert accepted.due_at.isoformat() == "2026-11-27T16:00:00+00:00"
        assert accepted.statutory_due_at.isoformat() == "2026-12-04T16:00:00+00:00"
        with world.database.unit() as db:
            kept = world.checklists.kept(db, case.case_no)
            entry, body = db.exec_driver_sql(
                "SELECT acceptance_entry_id::text, body FROM materials.case_ JOIN materials.kept_checklist USING (case_no)"
            ).one()
        fact, parties = world.opened(entry)
        plain = {name: value for name, value in kept.items() if name not in {"sha256", "entry_id", "kept_at"}}
        assert (fact["type"], parties["uploads"]) == ("case.accepted", 6)
        assert parties["checklist"] == kept["sha256"] == sha256(canonical(plain)).hexdigest()
        assert b"CL006" not in bytes(body)

    @pytest.mark.parametrize(("promised", "statutory"), LIMITS)
    def test_counts_the_limits_of_every_item(self, world: ReuseWorld, promised: int, statutory: int) -> None:
        limited = replace(world.catalogue.item(FOOD), limits=Limits(statutory, promised))
        world.catalogue.items[FOOD] = limited
        accepted, _ = act(world, "accept", ready(world).case_no, "qp-103")
        assert world.clock.now() < accepted.due_at <= accepted.statutory_due_at
        if promised == 0:  # on the spot: by the end of this very day
            assert accepted.due_at.isoformat() == "2026-11-21T16:00:00+00:00"

    def test_refuses_while_something_is_outstanding_and_names_it(self, world: ReuseWorld) -> None:
        case = world.firm_case()
        with pytest.raises(CaseIncompleteError) as refused:
            act(world, "accept", case.case_no, "qp-103")
        assert "CL022" in str(refused.value.fields["lines"])
        assert world.count("materials.kept_checklist") == 0

    def test_refuses_twice(self, world: ReuseWorld) -> None:
        case = ready(world)
        act(world, "accept", case.case_no, "qp-103")
        with pytest.raises(CaseAcceptedError):
            act(world, "accept", case.case_no, "qp-103")

    def test_refuses_who_oversees(self, world: ReuseWorld) -> None:
        with pytest.raises(NotPermittedError):
            act(world, "accept", world.firm_case().case_no, "qp-900")


class TestSendBack:
    def test_counts_and_tells_the_applicant_each_time(self, world: ReuseWorld) -> None:
        case = world.firm_case()
        for count in (1, 2):
            assert act(world, "send_back", case.case_no, ["CL022", "CL041"], "qp-103").send_backs == count
        with world.database.unit() as db:
            told = db.exec_driver_sql("SELECT count(*) FROM authz.notice WHERE kind = 'case-sent-back'").scalar_one()
        assert told == 2

    def test_refuses_what_is_there_or_unknown(self, world: ReuseWorld) -> None:
        case = ready(world)
        for lines in (["CL001"], ["CL099"], []):
            with pytest.raises(UnknownLineError):
                act(world, "send_back", case.case_no, lines, "qp-103")


class TestDecide:
    def test_grants_with_the_licence_that_was_issued(self, world: ReuseWorld) -> None:
        case = ready(world)
        act(world, "accept", case.case_no, "qp-103")
        licence = world.issue("LT12")
        closed = act(world, "close", case.case_no, "qp-103", Decision(Outcome.granted, licence.id))
        assert (closed.state, closed.stage, closed.result_id) == (CaseState.closed, "granted", licence.id)

    def test_refuses_another_result(self, world: ReuseWorld) -> None:
        case = ready(world)
        act(world, "accept", case.case_no, "qp-103")
        plan = world.deposit(holder_id=world.firm, type_code="CL025")
        for result in (plan.id, world.line(case, "CL001").offer.evidence["licence"], case.entry_id):
            with pytest.raises(ResultInvalidError):
                act(world, "close", case.case_no, "qp-103", Decision(Outcome.granted, result))

    def test_refuses_a_result_that_stands_no_more_or_is_anothers(self, world: ReuseWorld) -> None:
        case = ready(world)
        act(world, "accept", case.case_no, "qp-103")
        suspended, theirs = world.issue("LT12"), world.issue("LT12", holders=(OTHER_FIRM,))
        world.change(suspended, Operation.suspend)
        for result in (suspended.id, theirs.id):
            with pytest.raises(ResultInvalidError):
                act(world, "close", case.case_no, "qp-103", Decision(Outcome.granted, result))

    def test_refuses_a_result_of_its_own_for_a_stranger(self, world: ReuseWorld) -> None:
        """Whose licence it issued itself says nothing of whose case it is."""
        case = world.firm_case(item_code=HYGIENE, caller=world.baoshan, answers=VENUE)
        theirs = world.issue("LT14", holders=(OTHER_FIRM,))
        with world.database.unit() as db, pytest.raises(ResultInvalidError):
            world.handling.close(db, world.baoshan, case.case_no, "bs-017", Decision(Outcome.granted, theirs.id))

    def test_refuses_what_was_there_before_the_case(self, world: ReuseWorld) -> None:
        old = world.issue("LT12")
        world.clock.pass_(2 * 86_400)
        case = ready(world)
        act(world, "accept", case.case_no, "qp-103")
        with pytest.raises(ResultInvalidError):
            act(world, "close", case.case_no, "qp-103", Decision(Outcome.granted, old.id))

    def test_decides_nothing_that_was_not_accepted_but_lets_it_be_withdrawn(self, world: ReuseWorld) -> None:
        case = world.firm_case()
        for outcome in (Outcome.granted, Outcome.refused):
            with pytest.raises(CaseNotAcceptedError):
                act(world, "close", case.case_no, "qp-103", Decision(outcome))
        assert act(world, "close", case.case_no, "qp-103", Decision(Outcome.withdrawn)).stage == "withdrawn"


class TestDraft:
    def test_is_open_once_handed_in(self, world: ReuseWorld) -> None:
        case = world.firm_case(draft=True)
        assert (case.state, case.stage) == (CaseState.draft, "draft")
        with pytest.raises(CaseNotSubmittedError):
            act(world, "accept", case.case_no, "qp-103")
        with world.database.unit() as db:
            assert world.cases.submit(db, world.qingpu, case.case_no, "qp-103").state is CaseState.open
        with world.database.unit() as db, pytest.raises(CaseNotDraftError):
            world.cases.submit(db, world.qingpu, case.case_no, "qp-103")


class TestAmend:
    def amend(self, world: ReuseWorld, case: Case, **changes: Any) -> Case:
        with world.database.unit() as db:
            return world.cases.amend(db, world.qingpu, case.case_no, Amendment("qp-103", **changes))

    def test_moves_the_case_to_another_scenario(self, world: ReuseWorld) -> None:
        case = world.firm_case()
        assert self.amend(world, case, answers=RESTAURANT | {"commitment": "yes"}).scenario == "commitment"

    def test_refuses_answers_that_do_not_fit(self, world: ReuseWorld) -> None:
        case = world.firm_case()
        for answers, error in (
            ({"business": "restaurant"}, AnswersIncompleteError),
            (RESTAURANT | {"tenure": "stolen"}, AnswerInvalidError),
            (RESTAURANT | {"colour": "red"}, AnswerInvalidError),
        ):
            with pytest.raises(error):
                self.amend(world, case, answers=answers)

    def test_refuses_a_role_the_item_does_not_have(self, world: ReuseWorld) -> None:
        with pytest.raises(RoleInvalidError):
            self.amend(world, world.firm_case(), people={"shareholder": [world.xu]})
        with pytest.raises(RoleInvalidError):
            world.firm_case(people={"legal_rep": [world.xu]})

    def test_comes_too_late_after_acceptance_and_closing(self, world: ReuseWorld) -> None:
        case = ready(world)
        act(world, "accept", case.case_no, "qp-103")
        with pytest.raises(CaseAcceptedError):
            self.amend(world, case, answers=RESTAURANT)
        world.close(case)
        with pytest.raises(CaseClosedError):
            self.amend(world, case, answers=RESTAURANT)

    def test_keeps_answers_encrypted(self, world: ReuseWorld) -> None:
        case = world.firm_case()
        with world.database.unit() as db:
            sealed = bytes(db.exec_driver_sql("SELECT answers FROM materials.case_").scalar_one())
            assert b"restaurant" not in sealed
            assert world.cases.answers(db, case)[0] == RESTAURANT


class TestAgain:
    def test_makes_a_draft_with_the_same_answers(self, world: ReuseWorld) -> None:
        old = world.close(world.firm_case(answers=RESTAURANT | {"tenure": "own"}))
        terms = Again("qp-103", Presence.id_card_read)
        made = act(world, "again", old.case_no, terms)
        assert (made.state, made.from_case_no, made.applicant_holder_id) == (CaseState.draft, old.case_no, world.firm)
        with world.database.unit() as db:
            assert world.cases.answers(db, made)[0] == RESTAURANT | {"tenure": "own"}

    def test_is_of_ones_own_cases_only(self, world: ReuseWorld) -> None:
        case = world.open_case(world.baoshan, item_code=HYGIENE)
        with pytest.raises(UnknownCaseError):
            act(world, "again", case.case_no, Again("qp-103", Presence.id_card_read))


class TestPeople:
    def test_are_told_pairwise_only(self, world: ReuseWorld) -> None:
        case = world.firm_case()
        _, parties = world.opened(case.entry_id)
        assert parties["people"].keys() == {"legal_rep"}
        assert world.chen not in json.dumps(parties)

    def test_lead_to_a_line_each(self, world: ReuseWorld) -> None:
        code = "11310118XX00000B0W4310700201000"
        answers = {"tenure": "lease", "agent": "no", "corporate": "no"}
        case = world.firm_case(item_code=code, answers=answers, people={"shareholder": [world.chen, world.xu]})
        lines = {line.key: line for line in world.checklist(case).lines}
        assert lines["CL006.shareholder.0"].holder_id == world.chen
        assert lines["CL006.shareholder.1"].holder_id == world.xu
        nobody = lines["CL006.officer.0"]
        assert (nobody.state, nobody.refused[0].reason) == (LineState.missing, "holder-unknown")
