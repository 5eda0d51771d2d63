"""Bundles: one set of answers, a case each, results passed on and never asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from authz.model import Presence
from certs.codetext import CodeTexts
from certs.model import Operation
from certs.store import codes
from ledger.ids import new_id
from materials.bundles import Application
from materials.catalogue import Catalogue
from materials.catalogue.bundles import PassedOn
from materials.checklist.model import LineState
from materials.errors import (
    AnswerInvalidError,
    ApplicantKindError,
    CatalogueError,
    PresenceRefusedError,
    UnknownBundleError,
    UnknownItemError,
)
from materials.model import Outcome
from materials.openings import NO_PROOF, Decision, Opening
from materials.presence import Proof, presence_terms
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


def apply(
    world: ReuseWorld, presence: Presence = Presence.id_card_read, proof: Proof = NO_PROOF, **changes: Any
) -> tuple[str, list[Case]]:
    opening = Opening("", "", world.firm, "organisation", presence, None, None, "qp-103", proof)
    whole: dict[str, Any] = {"bundle_code": "open-restaurant", "opening": opening, "answers": ANSWERS}
    with world.database.unit() as db:
        return world.bundles.open(db, world.qingpu, Application(**(whole | changes)))


def grant(world: ReuseWorld, case: Case, result_id: str) -> None:
    """Decide a case that was accepted by hand: the checklist of a registration is another test's."""
    with world.database.unit() as db:
        db.exec_driver_sql(
            "UPDATE materials.case_ SET accepted_at = now(), due_at = now(), statutory_due_at = now(),"
            " acceptance_entry_id = entry_id WHERE case_no = %(no)s",
            {"no": case.case_no},
        )
    with world.database.unit() as db:
        world.handling.close(db, world.qingpu, case.case_no, "qp-103", Decision(Outcome.granted, result_id))


class TestOpen:
    def test_opens_a_case_for_each_member_in_order(self, world: ReuseWorld) -> None:
        run_id, cases = apply(world)
        assert [case.item_code for case in cases] == list(world.catalogue.bundle("open-restaurant").items)
        assert {case.bundle_run_id for case in cases} == {run_id}
        with world.database.unit() as db:
            assert [case.case_no for case in world.bundles.get(db, world.qingpu, run_id)[1]] == [
                case.case_no for case in cases
            ]

    def test_takes_one_login_that_names_the_bundle(self, world: ReuseWorld) -> None:
        def login(code: str) -> Proof:
            login_id = new_id()
            _, digest = presence_terms(login_id, world.qingpu.org_code, code)
            return Proof(login_id=login_id, signature=world.token(digest))

        _, cases = apply(world, presence=Presence.holder_login, proof=login("open-restaurant"))
        assert len(cases) == 5
        shown = [world.opened(case.entry_id)[1] for case in cases]
        assert {each["presence"] for each in shown} == {"holder_login"}
        assert len({each["presence_evidence"] for each in shown}) == 5  # keyed by the case
        with pytest.raises(PresenceRefusedError):
            apply(world, presence=Presence.holder_login, proof=login(FOOD))

    def test_spends_one_live_code(self, world: ReuseWorld) -> None:
        card, texts, code_id = world.issue("LT05"), CodeTexts(b"c" * 32, "310199"), new_id()
        now = world.clock.now()
        row = dict.fromkeys(("signer", "representation", "request", "id_token", "fields", "entry", "counter"))
        row |= {"id": code_id, "kind": "live", "lookup": texts.lookup(texts.of(code_id)), "holder": world.chen}
        row |= {"licence": card.id, "channel": "window", "party": world.qingpu.party_id, "operator": "qp-103"}
        row |= {"org": world.qingpu.org_code, "at": now, "expires": now + timedelta(minutes=1)}
        with world.database.unit() as db:
            codes.insert(db, row)
        proof = Proof(code=texts.of(code_id))
        assert len(apply(world, presence=Presence.live_code, proof=proof)[1]) == 5
        with pytest.raises(PresenceRefusedError):
            apply(world, presence=Presence.live_code, proof=proof)

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
        grant(world, registration, licence.id)
        there = world.line(food, "CL001")
        assert (there.state, there.offer.evidence) == (
            LineState.supplied,
            {"case": registration.case_no, "result": licence.id},
        )

    def test_passes_on_nothing_that_stands_no_more(self, world: ReuseWorld) -> None:
        _, (registration, food, *_) = apply(world)
        licence = world.issue()
        grant(world, registration, licence.id)
        assert world.line(food, "CL001").state is LineState.supplied
        world.change(licence, Operation.suspend)
        line = world.line(food, "CL001")
        assert (line.state, line.refused[0].reason) == (LineState.missing, "status-suspended")

    def test_goes_by_the_bundle_that_was_applied_for(self, world: ReuseWorld) -> None:
        bundle = world.catalogue.bundle("open-restaurant")
        world.catalogue.bundles["another"] = replace(bundle, code="another", passes=())
        _, (_, food, *_) = apply(world, bundle_code="another")
        assert world.line(food, "CL001").state is LineState.missing

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
