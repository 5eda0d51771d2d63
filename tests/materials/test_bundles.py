"""Bundles: one set of answers, a case each, results passed on and never asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from authz.model import Presence
from materials.bundles import Application
from materials.catalogue import Catalogue
from materials.catalogue.bundles import PassedOn
from materials.checklist.model import LineState
from materials.errors import (
    AnswerInvalidError,
    ApplicantKindError,
    CatalogueError,
    UnknownBundleError,
    UnknownItemError,
)
from materials.model import Outcome
from materials.openings import Decision, Opening
from tests.materials.reuse import ReuseWorld

if TYPE_CHECKING:
    from ledger.db import Database
    from ledger.objects import ObjectStore
    from materials.model import Case

REGISTRATION = "11310118XX00000B0W4310700201000"
FOOD = "11310118XX00000B0W4310100101000"
ANSWERS = {
    "tenure": "lease", "agent": "no", "corporate": "no", "business": "restaurant", "commitment": "no", "drain": "no",
    "fire": "no",
}  # fmt: skip


@pytest.fixture
def world(database: Database, offline: ObjectStore) -> ReuseWorld:
    """A firm, its people and checklists on an empty database."""
    return ReuseWorld(database, offline)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


def apply(world: ReuseWorld, **changes: Any) -> tuple[str, list[Case]]:
    opening = Opening("", "", world.firm, "organisation", Presence.id_card_read, None, None, "qp-103")
    whole: dict[str, Any] = {"bundle_code": "open-restaurant", "opening": opening, "answers": ANSWERS}
    with world.database.unit() as db:
        return world.bundles.open(db, world.qingpu, Application(**(whole | changes)))


class TestOpen:
    def test_opens_a_case_for_each_member_in_order(self, world: ReuseWorld) -> None:
        run_id, cases = apply(world)
        assert [case.item_code for case in cases] == list(world.catalogue.bundle("open-restaurant").items)
        assert {case.bundle_run_id for case in cases} == {run_id}
        with world.database.unit() as db:
            assert [case.case_no for case in world.bundles.get(db, world.qingpu, run_id)[1]] == [
                case.case_no for case in cases
            ]

    def test_hides_it_from_others(self, world: ReuseWorld) -> None:
        run_id, _ = apply(world)
        with world.database.unit() as db, pytest.raises(UnknownBundleError):
            world.bundles.get(db, world.baoshan, run_id)

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"bundle_code": "none"}, UnknownBundleError),
            ({"items": ("none",)}, UnknownItemError),
            ({"answers": ANSWERS | {"colour": "red"}}, AnswerInvalidError),
            ({"bundle_code": "birth", "answers": {"married": "no"}}, ApplicantKindError),
        ],
    )
    def test_refuses_and_leaves_nothing(
        self, world: ReuseWorld, change: dict[str, Any], error: type[Exception]
    ) -> None:
        with pytest.raises(error):
            apply(world, **change)
        assert world.count("materials.case_") == 0
        assert world.count("materials.bundle_run") == 0


class TestPassingOn:
    def test_waits_for_the_earlier_case_and_then_has_its_result(self, world: ReuseWorld) -> None:
        _, (registration, food, *_) = apply(world)
        waiting = world.line(food, "CL001")
        assert (waiting.state, waiting.offer.evidence["case"]) == (LineState.waiting, registration.case_no)
        licence = world.issue()
        with world.database.unit() as db:  # accepted by hand: the checklist of a registration is another test's
            db.exec_driver_sql(
                "UPDATE materials.case_ SET accepted_at = now(), due_at = now(), statutory_due_at = now(),"
                " acceptance_entry_id = entry_id WHERE case_no = %(no)s",
                {"no": registration.case_no},
            )
        with world.database.unit() as db:
            decision = Decision(Outcome.granted, licence.id)
            world.handling.close(db, world.qingpu, registration.case_no, "qp-103", decision)
        there = world.line(food, "CL001")
        assert (there.state, there.offer.evidence) == (
            LineState.supplied,
            {"case": registration.case_no, "result": licence.id},
        )

    def test_asks_as_ever_where_the_earlier_case_gave_nothing(self, world: ReuseWorld) -> None:
        _, (registration, food, *_) = apply(world)
        with world.database.unit() as db:
            world.handling.close(db, world.qingpu, registration.case_no, "qp-103", Decision(Outcome.withdrawn))
        assert world.line(food, "CL001").state is LineState.missing

    def test_asks_as_ever_where_that_member_was_left_out(self, world: ReuseWorld) -> None:
        _, (food,) = apply(
            world, items=(FOOD,), answers={k: ANSWERS[k] for k in ("business", "tenure", "agent", "commitment")}
        )
        world.issue()
        assert world.line(food, "CL001").state is LineState.offered


class TestSet:
    def test_names_each_material_once_and_nothing_that_is_passed_on(self, catalogue: Catalogue) -> None:
        bundle = catalogue.bundle("open-restaurant")
        demands = bundle.demands(catalogue.items, ANSWERS)
        keys = [(demand.type_code, demand.whose) for demand, _ in demands]
        assert len(keys) == len(set(keys))
        assert ("CL001", "applicant") not in keys
        assert ("CL025", "applicant") in keys

    def test_asks_each_question_and_field_once(self, catalogue: Catalogue) -> None:
        for bundle in catalogue.bundles.values():
            for rows in (bundle.questions(catalogue.items), bundle.fields(catalogue.items)):
                codes = [row.code for row in rows]
                assert len(codes) == len(set(codes))

    @pytest.mark.parametrize(
        "passed",
        [
            PassedOn(FOOD, "CL029", REGISTRATION),
            PassedOn(REGISTRATION, "CL029", FOOD),
            PassedOn(REGISTRATION, "CL001", "none"),
        ],
        ids=["backwards", "not given", "to a stranger"],
    )
    def test_refuses_what_cannot_be_passed_on(self, catalogue: Catalogue, passed: PassedOn) -> None:
        bundle = replace(catalogue.bundle("open-restaurant"), passes=(passed,))
        with pytest.raises(CatalogueError):
            bundle.check(catalogue.items)
