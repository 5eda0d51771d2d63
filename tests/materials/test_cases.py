"""Cases and projects: opened for an applicant, seen by one organisation, closed once."""

from __future__ import annotations

from hashlib import sha256

import pytest
from sqlalchemy import text

from authz.errors import NotPermittedError, UnknownOperatorError
from authz.model import Presence
from materials.errors import (
    ApplicantKindError,
    CaseClosedError,
    ItemNotYoursError,
    ProjectExistsError,
    UnknownCaseError,
    UnknownItemError,
    UnknownProjectError,
    UnknownScenarioError,
)
from materials.model import CaseState
from tests.materials.world import CHEN_CODE, HYGIENE, World


class TestOpen:
    def test_gives_each_case_its_own_number_of_20_digits(self, world: World) -> None:
        first, second = world.open_case(), world.open_case()
        assert first.case_no != second.case_no
        assert first.case_no.startswith("31011820261121")
        assert first.case_no.isdigit()
        assert len(first.case_no) == 20
        assert first.state is CaseState.open

    def test_dates_the_number_by_the_day_in_shanghai(self, world: World) -> None:
        world.clock.at = world.clock.at.replace(hour=20)
        assert world.open_case().case_no.startswith("31011820261122")

    def test_writes_an_entry_that_says_who_and_what(self, world: World) -> None:
        case = world.open_case()
        fact, parties = world.opened(case.entry_id)
        assert set(fact) == {"type", "time"}
        assert fact["type"] == "case.opened"
        assert parties["case"] == case.case_no
        assert parties["requester"] == world.qingpu.org_code
        assert parties["presence"] == "id_card_read"
        assert parties["holder"] == world.holders.pairwise(world.chen, world.qingpu.party_id)

    def test_keeps_of_what_the_terminal_read_only_a_keyed_digest(self, world: World) -> None:
        case = world.open_case(evidence=CHEN_CODE)
        with world.database.unit() as db:
            row = db.execute(
                text(
                    "SELECT c::text || convert_from(r.parties, 'UTF8') || convert_from(r.fact, 'UTF8'), presence_digest"
                    " FROM materials.case_ c JOIN ledger.record r USING (entry_id) WHERE case_no = :no"
                ),
                {"no": case.case_no},
            ).one()
        assert CHEN_CODE not in row[0]
        assert sha256(CHEN_CODE.encode()).hexdigest() not in row[0]
        assert row[1]
        assert world.opened(case.entry_id)[1]["presence_evidence"] == row[1]

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"item_code": "nothing"}, UnknownItemError),
            ({"item_code": HYGIENE}, ItemNotYoursError),
            ({"scenario": "other"}, UnknownScenarioError),
            ({"applicant_kind": "animal"}, ApplicantKindError),
            ({"operator": "bs-017"}, UnknownOperatorError),
            ({"operator": "qp-900"}, NotPermittedError),
            ({"project_code": "none"}, UnknownProjectError),
        ],
    )
    def test_refuses_and_leaves_nothing(self, world: World, change: dict[str, str], error: type[Exception]) -> None:
        with pytest.raises(error):
            world.open_case(**change)
        assert world.count("materials.case_") == 0
        assert world.count("ledger.entry") == 0

    def test_refuses_a_project_the_applicant_does_not_belong_to(self, world: World) -> None:
        world.project(world.firm, world.xu)
        with pytest.raises(UnknownProjectError):
            world.open_case(project_code="P-1")
        assert world.open_case(applicant=world.xu, project_code="P-1").project_id


class TestGet:
    def test_shows_another_organisations_case_as_no_case(self, world: World) -> None:
        case = world.open_case()
        said = []
        for number in (case.case_no, "31011820261121999999"):
            with world.database.unit() as db, pytest.raises(UnknownCaseError) as refused:
                world.cases.get(db, world.baoshan, number)
            said.append((str(refused.value), refused.value.fields))
        assert said[0] == said[1]
        with world.database.unit() as db:
            assert world.cases.get(db, world.qingpu, case.case_no) == case


class TestClose:
    def test_closes_with_an_entry(self, world: World) -> None:
        case = world.open_case()
        closed = world.close(case)
        assert closed.state is CaseState.closed
        assert closed.closed_at is not None
        with world.database.unit() as db:
            entry = db.execute(text("SELECT closing_entry_id::text FROM materials.case_")).scalar_one()
        assert world.opened(entry)[0]["type"] == "case.closed"

    def test_refuses_to_close_twice(self, world: World) -> None:
        case = world.open_case()
        world.close(case)
        with pytest.raises(CaseClosedError):
            world.close(case)
        assert world.count("ledger.entry") == 2

    def test_refuses_another_organisation(self, world: World) -> None:
        with pytest.raises(UnknownCaseError):
            world.close(world.open_case(), world.baoshan)


class TestOpenOne:
    def test_refuses_a_closed_case(self, world: World) -> None:
        case = world.open_case()
        world.close(case)
        with world.database.unit() as db, pytest.raises(CaseClosedError):
            world.cases.open_one(db, world.qingpu, case.case_no)


class TestFacts:
    def test_says_nothing_of_a_case_that_is_not_ones_own(self, world: World) -> None:
        facts = world.cases.facts(None, "1", "CL022", None)
        assert not facts.exists
        assert not facts.open
        assert not facts.own_org
        assert not facts.demanded
        assert facts.presence is Presence.none

    def test_demands_only_what_the_item_lists(self, world: World) -> None:
        case = world.open_case()
        assert world.cases.facts(case, case.case_no, "CL022", None).demanded
        assert not world.cases.facts(case, case.case_no, "CL015", None).demanded
        assert not world.cases.facts(case, case.case_no, None, None).demanded


class TestProjects:
    def test_makes_the_lead_a_member(self, world: World) -> None:
        project = world.project(world.chen, world.xu)
        assert world.open_case(project_code="P-1").project_id == project.id

    def test_refuses_a_code_twice(self, world: World) -> None:
        world.project(world.chen)
        with pytest.raises(ProjectExistsError):
            world.project(world.xu)
        assert world.count("materials.project") == 1
        assert world.count("materials.project_member") == 1
