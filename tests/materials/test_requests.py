"""Requests between departments in time: due, overdue, answered late."""

from __future__ import annotations

from hashlib import sha256

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from authz.errors import UseRefusedError
from authz.model import Mode
from authz.workdays import Workdays
from ledger.ids import new_id
from ledger.steps import run
from materials import requestrows
from materials.checklist import rows as checklist
from materials.errors import AssistClosedError, UnknownAssistError
from materials.model import Case
from materials.requestforms import Ask, Reply
from materials.requestrows import AssistRequest
from materials.requests import OUTBOX, AssistRequests, evidence
from tests.materials.world import World

DAY = 24 * 3600


class Desk:
    """Requests in a world, each act in a unit of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.requests = AssistRequests(world.catalogue, world.cases, world.authz, Workdays(), world.desk)

    def ask(self, case: Case) -> AssistRequest:
        asked = Ask(
            case.case_no, "CL022", "租约是否备案", 2, "食品经营许可新办审查", "qp-103", self.world.baoshan.org_code
        )
        with self.world.database.unit() as db:
            return self.requests.ask(db, self.world.qingpu, asked)

    def reply(self, held: AssistRequest, result: str | None = "yes", material: str | None = None) -> AssistRequest:
        with self.world.database.unit() as db:
            return self.requests.reply(db, self.world.baoshan, held.id, Reply(result, "已备案", "bs-017", material))

    def sweep(self) -> int:
        with self.world.database.unit() as db:
            return self.requests.sweep(db)

    def told(self) -> list[str]:
        with self.world.database.unit() as db:
            found = db.execute(
                text("SELECT body->>'state' FROM ledger.outbox WHERE kind = :k ORDER BY id"), {"k": OUTBOX}
            )
            return [str(row[0]) for row in found]


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


@pytest.fixture
def case(world: World) -> Case:
    case = world.open_case()
    world.grant(case, types=["CL022"], mode=Mode.verify)
    return case


class TestDue:
    def test_counts_working_days_and_escalates_once(self, desk: Desk, case: Case) -> None:
        held = desk.ask(case)
        assert held.due_at.isoformat() == "2026-11-24T16:00:00+00:00"  # Tuesday; asked on a Saturday
        desk.world.clock.pass_(3 * DAY)
        assert desk.sweep() == 0
        desk.world.clock.pass_(DAY)
        assert desk.sweep() == 1
        assert desk.sweep() == 0
        assert desk.told() == ["asked", "overdue"]
        with desk.world.database.unit() as db:
            held = desk.requests.get(db, desk.world.qingpu, held.id).request
            facts = run(db, checklist.routes(case.case_no, case.applicant_holder_id, desk.world.clock.now()))
        assert facts.assists["CL022", case.applicant_holder_id].state == "overdue"
        assert desk.world.opened(held.overdue_entry_id or "")[0]["type"] == "assistance.overdue"

    def test_late_answer_counts_and_says_so(self, desk: Desk, case: Case) -> None:
        held = desk.ask(case)
        desk.world.clock.pass_(5 * DAY)
        desk.sweep()
        done = desk.reply(held)
        assert (done.state, done.result) == ("answered", "yes")
        assert desk.world.opened(done.ended_entry_id or "")[1]["late"] is True
        with pytest.raises(AssistClosedError):
            desk.reply(held)

    def test_answer_in_time(self, desk: Desk, case: Case) -> None:
        done = desk.reply(desk.ask(case), None)
        assert (done.state, done.result) == ("refused", None)
        assert desk.world.opened(done.ended_entry_id or "")[1]["late"] is False
        desk.world.clock.pass_(9 * DAY)
        assert desk.sweep() == 0


class TestUse:
    def test_a_statement_is_a_use_of_who_asked(self, desk: Desk, case: Case) -> None:
        done = desk.reply(desk.ask(case), "no")
        with desk.world.database.unit() as db:
            use = desk.world.authz.get(db, desk.world.qingpu, done.use_id or "")
        assert (use.mode.value, use.state.value, use.operator, use.case_no) == (
            *("verify", "delivered", "qp-103"),
            case.case_no,
        )
        assert use.sha256 == sha256(evidence(done.id, "no", "已备案")).hexdigest()
        assert desk.world.opened(done.ended_entry_id or "")[1]["use"] == use.id

    def test_spends_the_grant(self, desk: Desk, world: World) -> None:
        case = world.open_case()
        world.grant(case, types=["CL022"], mode=Mode.verify, max_uses=1)
        desk.reply(desk.ask(case))
        with pytest.raises(UseRefusedError) as refused:
            desk.ask(case)
        assert refused.value.code == "grant-used-up"

    @pytest.mark.parametrize("result", ["yes", "material"])
    def test_nothing_is_taken_once_the_grant_was_withdrawn(self, desk: Desk, world: World, result: str) -> None:
        case = world.open_case()
        grant = world.grant(case, types=["CL022"], mode=Mode.verify)
        held = desk.ask(case)
        with world.database.unit() as db:
            world.grants.withdraw(db, grant, world.token(world.grants.withdrawal_of(grant)[1]))
        done = desk.reply(held, result, world.deposit().id if result == "material" else None)
        assert (done.state, done.result, done.answer, done.material_id) == ("withdrawn", None, None, None)
        assert desk.world.opened(done.ended_entry_id or "")[1]["why"] == "grant-withdrawn"
        with world.database.unit() as db:
            told = db.execute(text("SELECT holder_id::text, party_id::text, case_no FROM authz.refusal")).one()
        assert tuple(told) == (world.chen, world.qingpu.party_id, case.case_no)

    def test_nothing_is_taken_once_the_case_is_closed(self, desk: Desk, case: Case) -> None:
        held = desk.ask(case)
        desk.world.close(case)
        done = desk.reply(held)
        assert (done.state, done.answer) == ("withdrawn", None)
        assert desk.world.opened(done.ended_entry_id or "")[1]["why"] == "case-closed"

    def test_a_material_is_only_named(self, desk: Desk, case: Case) -> None:
        done = desk.reply(desk.ask(case), "material", desk.world.deposit().id)
        assert (done.state, done.use_id) == ("answered", None)
        assert desk.world.count("authz.use_") == 0

    def test_a_refusal_to_ask_stands_in_the_holders_ledger(self, desk: Desk, world: World) -> None:
        case = world.open_case()
        with pytest.raises(UseRefusedError) as refused:
            desk.ask(case)
        asked = Ask(case.case_no, "CL022", "租约是否备案", 2, "食品经营许可新办审查", "qp-103")
        with world.database.unit() as db:
            desk.requests.refuse(db, world.qingpu, asked, refused.value)
            told = db.execute(text("SELECT holder_id::text, said FROM authz.refusal")).one()
        assert tuple(told) == (world.chen, refused.value.code)


class TestOnce:
    def test_the_same_is_asked_once_at_a_time(self, desk: Desk, case: Case) -> None:
        held = desk.ask(case)
        row = "INSERT INTO materials.assist_request SELECT (jsonb_populate_record(r, %(id)s::jsonb)).* FROM"
        with pytest.raises(IntegrityError) as second, desk.world.database.unit() as db:
            db.exec_driver_sql(f"{row} materials.assist_request r", {"id": f'{{"id": "{new_id()}"}}'})
        assert requestrows.is_second(second.value)
        desk.reply(held)
        assert desk.ask(case).state == "asked"


class TestShown:
    def test_whom_it_is_about_only_to_who_was_asked_and_until_it_ends(self, desk: Desk, case: Case) -> None:
        held = desk.ask(case)
        with desk.world.database.unit() as db:
            assert desk.requests.get(db, desk.world.qingpu, held.id).subject is None
            subject = desk.requests.get(db, desk.world.baoshan, held.id).subject
        assert subject is not None
        assert subject[0].id == desk.world.chen
        desk.reply(held)
        with desk.world.database.unit() as db:
            assert desk.requests.get(db, desk.world.baoshan, held.id).subject is None

    def test_holder_is_told(self, desk: Desk, case: Case) -> None:
        desk.ask(case)
        with desk.world.database.unit() as db:
            told = [each.kind.value for each in desk.world.notices.of_holder(db, desk.world.chen)]
        assert "assistance-asked" in told

    def test_question_and_answer_are_encrypted(self, desk: Desk, case: Case) -> None:
        done = desk.reply(desk.ask(case))
        assert "备案".encode() not in bytes(done.question) + bytes(done.answer or b"")

    def test_third_party_sees_nothing(self, desk: Desk, case: Case) -> None:
        held = desk.ask(case)
        with desk.world.database.unit() as db:
            stranger = desk.world.department(db, "材链运营中心", "11310199XX00000C94", "310199", "op-001")
            with pytest.raises(UnknownAssistError):
                desk.requests.get(db, stranger, held.id)
