"""Commitments in time: what is owed, overdue, taken late, breached, and who gets no other."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from authz.errors import HolidaysUnknownError, SignerNotHolderError
from authz.model import Role
from authz.workdays import Workdays, Year
from ledger.steps import run
from materials.checklist import rows as checklist
from materials.commitmentrows import Commitment
from materials.commitments import Commitments
from materials.errors import (
    CommitmentBarredError,
    CommitmentNotOfferedError,
    CommitmentNotSignedError,
    CommitmentSignedError,
    FulfilmentRefusedError,
)
from materials.model import Case
from tests.materials.world import World

DAY = 24 * 3600


class Desk:
    """Commitments in a world, each act in a unit of its own."""

    def __init__(self, world: World, workdays: Workdays | None = None) -> None:
        self.world = world
        days = workdays or Workdays({2027: Year(frozenset(), frozenset())})
        self.commitments = Commitments(world.catalogue, world.cases, world.signatures, days, world.desk)
        with world.database.unit() as db:
            world.parties.register_operator(db, world.qingpu.party_id, "qp-204", {Role.reviewer})

    def propose(self, case: Case, *types: str, kind: str = "commitment") -> Commitment:
        letter = self.world.deposit(self.world.qingpu, type_code="CL020")
        with self.world.database.unit() as db:
            found = self.commitments.plan(db, self.world.qingpu, case.case_no, kind, types or ["CL040"], "qp-103")
            return self.commitments.propose(db, self.world.qingpu, found, letter)

    def sign(self, held: Commitment, subject: str = "chen") -> Commitment:
        with self.world.database.unit() as db:
            _, digest = self.commitments.terms(db, held.id)
        token = self.world.token(digest, subject)
        with self.world.database.unit() as db:
            return self.commitments.sign(db, held.id, token)

    def fulfil(self, held: Commitment, type_code: str = "CL040", **changes: str) -> Commitment:
        material = self.world.deposit(self.world.qingpu, **({"type_code": type_code} | changes))
        with self.world.database.unit() as db:
            return self.commitments.fulfil(db, self.world.qingpu, held.id, type_code, material.id, "qp-103")

    def check(self, held: Commitment, result: str) -> Commitment:
        with self.world.database.unit() as db:
            return self.commitments.check(db, self.world.qingpu, held.id, result, "现场核查", "qp-204")

    def sweep(self) -> int:
        with self.world.database.unit() as db:
            return self.commitments.sweep(db)

    def state(self, held: Commitment) -> str:
        with self.world.database.unit() as db:
            return self.commitments.get(db, self.world.qingpu, held.id)[0].state


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


class TestSign:
    def test_binds_letter_days_and_holder(self, desk: Desk) -> None:
        case = desk.world.open_case()
        held = desk.sign(desk.propose(case))
        terms = json.loads(held.terms)
        assert terms["case"] == case.case_no
        assert [each["type"] for each in terms["owed"]] == ["CL040"]
        assert terms["owed"][0]["due"] == "2026-12-18T16:00:00.000Z"  # 20 working days after Saturday 21 November
        fact, parties = desk.world.opened(held.entry_id or "")
        assert (fact["type"], parties["letter"]) == ("commitment.signed", held.letter_id)
        with desk.world.database.unit() as db:
            facts = run(db, checklist.routes(case.case_no, case.applicant_holder_id, desk.world.clock.now()))
        assert facts.owed["CL040", case.applicant_holder_id].state == "owed"

    def test_refuses_a_stranger(self, desk: Desk) -> None:
        with pytest.raises(SignerNotHolderError):
            desk.sign(desk.propose(desk.world.open_case()), "xu")

    def test_signature_of_another_commitment_is_none(self, desk: Desk) -> None:
        first, second = desk.propose(desk.world.open_case()), desk.propose(desk.world.open_case())
        with desk.world.database.unit() as db:
            _, digest = desk.commitments.terms(db, first.id)
        token = desk.world.token(digest)
        with desk.world.database.unit() as db, pytest.raises(Exception, match="nonce"):
            desk.commitments.sign(db, second.id, token)

    def test_kept_signature_is_encrypted(self, desk: Desk) -> None:
        held = desk.sign(desk.propose(desk.world.open_case()))
        with desk.world.database.unit() as db:
            kept = db.execute(
                text("SELECT signature FROM materials.commitment WHERE id = :id"), {"id": held.id}
            ).scalar()
        assert b"eyJ" not in bytes(kept)

    def test_of_two_that_owe_the_same_one_is_signed(self, desk: Desk) -> None:
        case = desk.world.open_case()
        first, second = desk.propose(case), desk.propose(case)
        desk.sign(first)
        with pytest.raises(CommitmentSignedError):
            desk.sign(second)


class TestOverdue:
    def test_is_found_told_and_bars_until_it_is_there(self, desk: Desk) -> None:
        held = desk.sign(desk.propose(desk.world.open_case()))
        desk.world.clock.pass_(27 * DAY)
        assert desk.sweep() == 0
        desk.world.clock.pass_(1 * DAY)
        assert desk.sweep() == 1
        assert desk.sweep() == 0
        assert desk.state(held) == "overdue"
        with desk.world.database.unit() as db:
            told = [each.kind.value for each in desk.world.notices.of_holder(db, desk.world.chen)]
        assert "commitment-overdue" in told
        with pytest.raises(CommitmentBarredError):
            desk.propose(desk.world.open_case())
        assert desk.fulfil(held).state == "signed"
        assert desk.propose(desk.world.open_case()).state == "proposed"

    def test_what_is_there_in_time_is_not(self, desk: Desk) -> None:
        held = desk.sign(desk.propose(desk.world.open_case()))
        desk.fulfil(held)
        desk.world.clock.pass_(60 * DAY)
        assert desk.sweep() == 0
        assert desk.check(held, "kept").state == "kept"

    def test_unsigned_owes_nothing(self, desk: Desk) -> None:
        held = desk.propose(desk.world.open_case())
        desk.world.clock.pass_(60 * DAY)
        assert desk.sweep() == 0
        assert desk.state(held) == "proposed"


class TestBreach:
    def test_bars_for_the_items_time(self, desk: Desk) -> None:
        held = desk.sign(desk.propose(desk.world.open_case()))
        broken = desk.check(held, "breached")
        assert broken.barred_until is not None
        days = (broken.barred_until - desk.world.clock.now()).days
        assert days == desk.world.catalogue.item(held.item_code).commitment.barred_days - 1
        with pytest.raises(CommitmentBarredError):
            desk.propose(desk.world.open_case())
        with pytest.raises(CommitmentNotSignedError):
            desk.fulfil(held)
        assert desk.world.opened(broken.check_entry_id or "")[1]["missing"] == ["CL040"]

    def test_another_holder_is_not_barred(self, desk: Desk) -> None:
        desk.check(desk.sign(desk.propose(desk.world.open_case())), "breached")
        other = desk.world.open_case(applicant=desk.world.xu)
        assert desk.propose(other).state == "proposed"

    def test_one_proposed_before_is_not_taken_after(self, desk: Desk) -> None:
        waiting = desk.propose(desk.world.open_case())
        desk.check(desk.sign(desk.propose(desk.world.open_case())), "breached")
        with pytest.raises(CommitmentBarredError):
            desk.sign(waiting)


class TestFulfil:
    def test_after_the_case_is_closed(self, desk: Desk) -> None:
        case = desk.world.open_case()
        held = desk.sign(desk.propose(case))
        desk.world.close(case)
        assert desk.fulfil(held).state == "signed"

    def test_not_twice_and_not_of_another_holder(self, desk: Desk) -> None:
        held = desk.sign(desk.propose(desk.world.open_case()))
        with pytest.raises(FulfilmentRefusedError, match="material"):
            desk.fulfil(held, holder_id=desk.world.xu)
        desk.fulfil(held)
        with pytest.raises(FulfilmentRefusedError, match="nothing"):
            desk.fulfil(held)


class TestPlan:
    def test_not_twice_in_a_case(self, desk: Desk) -> None:
        case = desk.world.open_case()
        desk.sign(desk.propose(case))
        with pytest.raises(CommitmentNotOfferedError):
            desk.propose(case)

    def test_not_into_a_year_nobody_told(self, world: World) -> None:
        desk = Desk(world, Workdays())
        desk.world.clock.pass_(20 * DAY)
        with pytest.raises(HolidaysUnknownError):
            desk.propose(desk.world.open_case())
