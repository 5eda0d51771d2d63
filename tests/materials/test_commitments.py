"""Commitments in time: what is owed, overdue, taken late, breached, and who gets no other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from authz.errors import HolidaysUnknownError, SignerNotHolderError
from authz.model import Caller, Role
from authz.workdays import Workdays, Year
from ledger.db import Database
from ledger.objects import ObjectStore
from ledger.steps import run
from materials.checklist import rows as checklist
from materials.checklist.model import LineState, Route
from materials.commitmentrows import Commitment
from materials.commitments import Commitments
from materials.errors import (
    CaseClosedError,
    CommitmentBarredError,
    CommitmentNotOfferedError,
    CommitmentNotSignedError,
    CommitmentSignedError,
    FulfilmentRefusedError,
)
from materials.model import Case
from materials.openings import Amendment
from tests.materials.reuse import RESTAURANT, ReuseWorld
from tests.materials.world import HYGIENE, World

DAY = 24 * 3600
FIRE = "11310118XX00000B0W4310101301000"
VENUE = {"central_air": "no", "staff_contact": "yes", "agent": "no"}


class Desk:
    """Commitments in a world, each act in a unit of its own."""

    def __init__(self, world: World, workdays: Workdays | None = None, caller: Caller | None = None) -> None:
        self.world, self.caller = world, caller or world.qingpu
        self.operator = world.operator(self.caller)
        days = workdays or Workdays({2027: Year(frozenset(), frozenset())})
        self.commitments = Commitments(world.catalogue, world.cases, world.signatures, days, world.desk)
        with world.database.unit() as db:
            world.parties.register_operator(db, world.qingpu.party_id, "qp-204", {Role.reviewer})

    def propose(self, case: Case, *types: str, kind: str = "commitment") -> Commitment:
        return self.propose_all(case, types or ("CL040",), kind)

    def propose_all(self, case: Case, types: Sequence[str], kind: str = "commitment") -> Commitment:
        """A letter as the system makes it, and the commitment it is of."""
        made = {"channel": "system", "origin_case_no": case.case_no, "holder_id": case.applicant_holder_id}
        with self.world.database.unit() as db:
            found = self.commitments.plan(db, self.caller, case.case_no, kind, types, self.operator)
        letter = self.world.deposit(self.caller, type_code="CL020", verify_level="self_declared", **made)
        with self.world.database.unit() as db:
            return self.commitments.propose(db, self.caller, found, letter)

    def sign(self, held: Commitment, subject: str = "chen") -> Commitment:
        with self.world.database.unit() as db:
            _, digest = self.commitments.terms(db, held.id)
        token = self.world.token(digest, subject)
        with self.world.database.unit() as db:
            return self.commitments.sign(db, held.id, token)

    def fulfil(self, held: Commitment, type_code: str = "CL040", **changes: str) -> Commitment:
        material = self.world.deposit(self.caller, **({"type_code": type_code} | changes))
        with self.world.database.unit() as db:
            return self.commitments.fulfil(db, self.caller, held.id, type_code, material.id, self.operator)

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


@pytest.fixture
def venue(world: World) -> Desk:
    """Of the department that permits public venues."""
    return Desk(world, caller=world.baoshan)


@pytest.fixture
def reuse(database: Database, offline: ObjectStore) -> ReuseWorld:
    """With checklists."""
    return ReuseWorld(database, offline)


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

    def test_not_after_the_case_is_closed(self, desk: Desk) -> None:
        case = desk.world.open_case()
        held = desk.propose(case)
        desk.world.close(case)
        with pytest.raises(CaseClosedError):
            desk.sign(held)

    def test_not_once_a_day_in_it_has_passed(self, desk: Desk) -> None:
        held = desk.propose(desk.world.open_case())
        desk.world.clock.pass_(40 * DAY)
        with pytest.raises(CommitmentNotOfferedError, match="due"):
            desk.sign(held)
        assert desk.state(held) == "proposed"

    def test_not_what_the_case_takes_no_more(self, desk: Desk) -> None:
        case = desk.world.open_case()
        held = desk.propose(case)
        answers = {"business": "restaurant", "tenure": "lease", "agent": "no", "commitment": "no"}
        with desk.world.database.unit() as db:
            desk.world.cases.amend(db, desk.world.qingpu, case.case_no, Amendment("qp-103", answers))
        with pytest.raises(CommitmentNotOfferedError, match="scenario"):
            desk.sign(held)

    def test_of_those_that_owe_too_much_together_one_is_signed(self, venue: Desk) -> None:
        case = venue.world.open_case(venue.caller, answers=VENUE, scenario="")
        first, second = venue.propose(case, "CL052"), venue.propose(case, "CL044")
        item = venue.world.catalogue.item(HYGIENE)
        venue.world.catalogue.items[HYGIENE] = replace(item, commitment=replace(item.commitment, most_owed=1))
        venue.sign(first)
        with pytest.raises(CommitmentNotOfferedError, match="number"):
            venue.sign(second)

    def test_waits_for_another_signature_in_the_case_and_for_its_closing(self, desk: Desk) -> None:
        held, database = desk.propose(desk.world.open_case()), desk.world.database
        with database.unit() as db:
            token = desk.world.token(desk.commitments.terms(db, held.id)[1])
        lock = "SELECT 1 FROM materials.case_ WHERE case_no = %(case)s FOR SHARE NOWAIT"
        with database.unit() as db:
            desk.commitments.sign(db, held.id, token)
            with pytest.raises(OperationalError, match="could not obtain lock"), database.engine.connect() as other:
                other.exec_driver_sql(lock, {"case": held.case_no})


class TestLetter:
    def test_counts_once_it_is_signed(self, reuse: ReuseWorld) -> None:
        reuse.serve(templates=frozenset({"commitment-letter"}))
        desk = Desk(reuse)
        case = reuse.firm_case(item_code=FIRE, answers={"tenure": "lease", "fire": "no"})
        before = reuse.line(case, "CL020")
        assert (before.offer.route, before.offer.conditions) == (Route.generated, ("sign",))
        held = desk.propose_all(case, ())
        proposed = reuse.line(case, "CL020")
        assert (proposed.state, proposed.offer.evidence["commitment"]) == (LineState.offered, held.id)
        desk.sign(held)
        signed = reuse.line(case, "CL020")
        assert (signed.state, signed.offer.evidence["material"]) == (LineState.supplied, held.letter_id)
        desk.check(held, "breached")
        assert reuse.line(case, "CL020").state is LineState.missing

    def test_owes_something_where_the_letter_itself_is_not_demanded(self, desk: Desk) -> None:
        with pytest.raises(CommitmentNotOfferedError, match="number"):
            desk.propose_all(desk.world.open_case(), ())


class TestOverdue:
    def test_is_found_told_and_bars_until_it_is_there(self, desk: Desk) -> None:
        held = desk.sign(desk.propose(desk.world.open_case()))
        desk.world.clock.pass_(27 * DAY)
        assert desk.sweep() == 0
        desk.world.clock.pass_(1 * DAY)
        assert desk.sweep() == 1
        assert desk.sweep() == 0
        assert desk.state(held) == "overdue"
        with desk.world.database.unit() as db:  # and in the very case it was made in
            ways = run(db, checklist.routes(held.case_no, held.holder_id, desk.world.clock.now()))
        assert ways.barred_until is not None
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
        with pytest.raises(FulfilmentRefusedError, match="level"):
            desk.fulfil(held, verify_level="self_declared")
        desk.fulfil(held)
        with pytest.raises(FulfilmentRefusedError, match="nothing"):
            desk.fulfil(held)

    def test_supplies_the_line_while_it_stands(self, reuse: ReuseWorld) -> None:
        desk = Desk(reuse)
        case = reuse.firm_case(answers=RESTAURANT | {"commitment": "yes"})
        held = desk.sign(desk.propose(case))
        assert reuse.line(case, "CL040").state is LineState.owed
        desk.fulfil(held, holder_id=reuse.firm)
        there = reuse.line(case, "CL040")
        assert (there.state, there.offer.route) == (LineState.supplied, Route.commitment)
        with reuse.database.unit() as db:
            reuse.deposits.withdraw(db, reuse.qingpu, there.offer.evidence["material"], "qp-103")
        assert reuse.line(case, "CL040").state is LineState.offered  # from the holder, as for anybody


class TestPlan:
    def test_not_twice_in_a_case(self, desk: Desk) -> None:
        case = desk.world.open_case()
        desk.sign(desk.propose(case))
        with pytest.raises(CommitmentNotOfferedError):
            desk.propose(case)

    def test_not_twice_behind_ever_so_many_proposals(self, desk: Desk) -> None:
        case = desk.world.open_case()
        desk.sign(desk.propose(case))
        with desk.world.database.unit() as db:
            db.exec_driver_sql(
                "INSERT INTO materials.commitment (id, case_no, party_id, holder_id, item_code, kind, operator,"
                " letter_id, terms, state, proposed_at) SELECT gen_random_uuid(), case_no, party_id, holder_id,"
                " item_code, kind, operator, letter_id, terms, 'proposed', proposed_at"
                " FROM materials.commitment, generate_series(1, 300)"
            )
        with pytest.raises(CommitmentNotOfferedError):
            desk.propose(case)

    def test_not_what_the_answers_do_not_ask_for(self, venue: Desk) -> None:
        case = venue.world.open_case(venue.caller, answers=VENUE, scenario="")
        with pytest.raises(CommitmentNotOfferedError, match="CL045"):
            venue.propose(case, "CL045")

    def test_not_into_a_year_nobody_told(self, world: World) -> None:
        desk = Desk(world, Workdays())
        desk.world.clock.pass_(20 * DAY)
        with pytest.raises(HolidaysUnknownError):
            desk.propose(desk.world.open_case())
