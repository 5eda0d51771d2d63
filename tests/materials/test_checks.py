"""Checks at the source: an answer is a use; a source that contradicts itself is not believed; nothing stays open."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from api.checking import Checking
from authz.errors import UseRefusedError
from authz.limits import Meter
from authz.model import Mode, Presence
from ledger.steps import run
from materials import checkrows
from materials.checklist import rows as checklist
from materials.checklist.facts import CheckFact
from materials.checks import Asking, Checks
from materials.connectors.errors import CheckGivenError, SourceContradictsError, UnknownCheckError
from materials.connectors.port import Answer, Question, Result
from materials.connectors.register import ConnectorRegister
from materials.errors import CaseClosedError, RoleInvalidError
from materials.model import Case
from tests.materials.world import World

SOURCE = {"name": "market", "kind": "http", "zh": "源", "en": "Source", "timeout": 1}
QUESTION = {"zh": "问", "en": "Asked", "source": "market", "kind": "yes-no", "valid_hours": 24}
REGISTER = ConnectorRegister.read(
    {
        "sources": [SOURCE],
        "questions": [
            QUESTION | {"code": "market.food-safety-manager", "types": ["CL041"]},
            QUESTION | {"code": "police.identity-valid", "types": ["CL006"]},
            QUESTION
            | {
                "code": "housing.lease-registered",
                "types": ["CL022"],
                "given": [{"name": "address", "zh": "地址", "en": "Address"}],
            },
        ],
    }
)
REGISTRATION = "11310118XX00000B0W4310700201000"
SCENARIO = "default"
YES = Answer(Result.yes, {}, None, "signed yes")
NO = Answer(Result.no, {}, None, "signed no")


class Desk:
    """Checks in a world, each act in a unit of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.checks = Checks(REGISTER, world.catalogue, world.cases, world.authz, world.desk)

    def begin(self, case: Case, type_code: str = "CL041", **given: str) -> Question:
        asking = Asking(case.case_no, type_code, "食品经营许可新办审查", "qp-103", None, given)
        with self.world.database.unit() as db:
            return self.checks.begin(db, self.world.qingpu, asking)

    def keep(self, question: Question, answer: Answer = YES) -> checkrows.Check:
        with self.world.database.unit() as db:
            return self.checks.answered(db, self.world.qingpu, question, answer)

    def fact(self, case: Case) -> CheckFact:
        """What the checklist goes by."""
        with self.world.database.unit() as db:
            facts = run(db, checklist.routes(case.case_no, case.applicant_holder_id, self.world.clock.now()))
        return facts.checks["CL041", case.applicant_holder_id, "market.food-safety-manager"]

    def fail(self, question: Question, code: str, answer: Answer | None = None) -> checkrows.Check:
        with self.world.database.unit() as db:
            return self.checks.failed(db, question.id, code, answer)


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


@pytest.fixture
def case(world: World) -> Case:
    """A case whose applicant allowed checks of two types."""
    case = world.open_case()
    world.grant(case, types=["CL041"], mode=Mode.verify, max_uses=10)
    world.grant(case, types=["CL022"], mode=Mode.verify, max_uses=10)
    return case


class TestAnswered:
    def test_is_kept_as_a_use_and_says_no_value_in_the_log(self, desk: Desk, case: Case) -> None:
        held = desk.keep(desk.begin(case))
        assert (held.state, held.result) == ("answered", "yes")
        fact, parties = desk.world.opened(held.entry_id or "")
        assert (fact["type"], parties["result"], parties["use"]) == ("check.answered", "yes", held.use_id)
        with desk.world.database.unit() as db:
            use = desk.world.authz.get(db, desk.world.qingpu, held.use_id or "")
        assert (use.state.value, use.sha256) == ("delivered", fact["digests"]["sha256"])

    def test_stands_for_its_time(self, desk: Desk, case: Case) -> None:
        held = desk.keep(desk.begin(case))
        now = desk.world.clock.now()
        assert held.stands(now)
        assert held.valid_until is not None
        assert not held.stands(held.valid_until)
        assert desk.fact(case).id == held.id

    def test_stands_whatever_attempt_came_to_nothing_since(self, desk: Desk, case: Case) -> None:
        held = desk.keep(desk.begin(case))
        desk.fail(desk.begin(case), "source-timeout")
        desk.begin(case)
        assert desk.fact(case).id == held.id
        desk.world.clock.pass_(25 * 3600)
        assert desk.fact(case).state == "asked"

    def test_newest_answer_counts(self, desk: Desk, case: Case) -> None:
        desk.keep(desk.begin(case))
        desk.world.clock.pass_(23 * 3600)
        newest = desk.keep(desk.begin(case), NO)
        assert desk.fact(case).id == newest.id

    def test_closing_waits_until_it_is_kept(self, desk: Desk, case: Case) -> None:
        question, database = desk.begin(case), desk.world.database
        close = "SELECT 1 FROM materials.case_ WHERE case_no = %(case)s FOR UPDATE NOWAIT"
        with database.unit() as db:
            desk.checks.answered(db, desk.world.qingpu, question, YES)
            with pytest.raises(OperationalError, match="could not obtain lock"), database.engine.connect() as other:
                other.exec_driver_sql(close, {"case": case.case_no})

    def test_proof_is_encrypted(self, desk: Desk, case: Case) -> None:
        held = desk.keep(desk.begin(case, "CL022", address="上海市示例路 88 号"))
        assert held.answer is not None
        assert b"signed" not in held.answer
        assert "示例路".encode() not in bytes(held.given)

    def test_is_kept_once(self, desk: Desk, case: Case) -> None:
        question = desk.begin(case)
        desk.keep(question)
        with pytest.raises(UnknownCheckError):
            desk.keep(question)

    def test_grant_withdrawn_meanwhile(self, desk: Desk, world: World) -> None:
        case = world.open_case()
        grant = world.grant(case, types=["CL041"], mode=Mode.verify)
        question = desk.begin(case)
        with world.database.unit() as db:
            world.grants.withdraw(db, grant, world.token(world.grants.withdrawal_of(grant)[1]))
        with pytest.raises(UseRefusedError):
            desk.keep(question)
        assert desk.fail(question, "grant-withdrawn").state == "failed"

    def test_case_closed_meanwhile(self, desk: Desk, case: Case) -> None:
        question = desk.begin(case)
        desk.world.close(case)
        with pytest.raises(CaseClosedError):
            desk.keep(question)


class TestContradiction:
    def test_is_not_believed_on_the_same_day_nor_a_third_time(self, desk: Desk, case: Case) -> None:
        desk.keep(desk.begin(case))
        second = desk.begin(case)
        with pytest.raises(SourceContradictsError):
            desk.keep(second, NO)
        failed = desk.fail(second, SourceContradictsError.code, NO)
        assert (failed.state, failed.failure) == ("failed", "source-contradicts")
        assert desk.fact(case).id == failed.id
        third = desk.begin(case)
        with pytest.raises(SourceContradictsError):
            desk.keep(third, YES)

    def test_next_day_it_may_be_otherwise(self, desk: Desk, case: Case) -> None:
        desk.keep(desk.begin(case))
        desk.world.clock.pass_(24 * 3600)
        assert desk.keep(desk.begin(case), NO).result == "no"

    def test_another_question_is_another_answer(self, desk: Desk, case: Case) -> None:
        desk.keep(desk.begin(case, "CL022", address="示例路 88 号"))
        assert desk.keep(desk.begin(case, "CL022", address="示例路 89 号"), NO).result == "no"


class TestBegin:
    def test_refuses_without_consent_or_presence(self, desk: Desk, world: World) -> None:
        with pytest.raises(UseRefusedError):
            desk.begin(world.open_case())
        absent = world.open_case(presence=Presence.none, evidence=None)
        with pytest.raises(UseRefusedError) as refused:
            desk.begin(absent)
        assert refused.value.code == "presence-required"
        assert world.count("materials.data_check") == 0

    @pytest.mark.parametrize("given", [{}, {"address": ""}, {"address": "a\nb"}, {"address": "x" * 501}, {"a": "b"}])
    def test_refuses_what_the_question_does_not_take(self, desk: Desk, case: Case, given: dict[str, Any]) -> None:
        with pytest.raises(CheckGivenError):
            desk.begin(case, "CL022", **given)


class TestRefused:
    def test_stands_in_the_holders_ledger(self, desk: Desk, world: World) -> None:
        case = world.open_case()
        checking = Checking(world.database, desk.checks, {}, Meter(world.clock))
        asking = Asking(case.case_no, "CL041", "食品经营许可新办审查", "qp-103")
        with pytest.raises(UseRefusedError):
            checking.ask(world.qingpu, asking, lambda _db, _check: None)
        with world.database.unit() as db:
            told = db.execute(text("SELECT holder_id::text, case_no, mode, said FROM authz.refusal")).one()
        assert tuple(told) == (world.chen, case.case_no, "verify", "grant-required")

    def test_while_the_source_was_thinking_too(self, desk: Desk, world: World) -> None:
        case = world.open_case()
        grant = world.grant(case, types=["CL041"], mode=Mode.verify)

        class Slow:
            def ask(self, _: Question) -> Answer:
                with world.database.unit() as db:
                    world.grants.withdraw(db, grant, world.token(world.grants.withdrawal_of(grant)[1]))
                return YES

        kept: list[checkrows.Check] = []
        checking = Checking(world.database, desk.checks, {"market": Slow()}, Meter(world.clock))
        asking = Asking(case.case_no, "CL041", "食品经营许可新办审查", "qp-103")
        checking.ask(world.qingpu, asking, lambda _db, check: kept.append(check))
        assert [each.failure for each in kept] == ["grant-withdrawn"]
        assert world.count("authz.refusal") == 1


class TestWhom:
    def test_is_asked_about_another_of_the_case(self, desk: Desk, world: World) -> None:
        case = world.open_case(item_code=REGISTRATION, scenario=SCENARIO, people={"shareholder": [world.xu]})
        world.grant(case, world.xu, types=["CL006"], mode=Mode.verify)
        asking = Asking(case.case_no, "CL006", "企业设立登记审查", "qp-103", of="shareholder.0")
        with world.database.unit() as db:
            question = desk.checks.begin(db, world.qingpu, asking)
        assert question.subject.code == "31019919900128027X"
        assert desk.keep(question).holder_id == world.xu

    def test_nobody_of_that_role(self, desk: Desk, case: Case) -> None:
        asking = Asking(case.case_no, "CL041", "食品经营许可新办审查", "qp-103", of="seller.1")
        with desk.world.database.unit() as db, pytest.raises(RoleInvalidError):
            desk.checks.begin(db, desk.world.qingpu, asking)


class TestSweep:
    def test_fails_what_nobody_waits_for(self, desk: Desk, case: Case) -> None:
        question = desk.begin(case)
        with desk.world.database.unit() as db:
            assert desk.checks.sweep(db) == 0
        desk.world.clock.pass_(180)
        with desk.world.database.unit() as db:
            assert desk.checks.sweep(db) == 1
            held = desk.checks.get(db, desk.world.qingpu, question.id)
        assert (held.state, held.failure) == ("failed", "source-interrupted")
        assert desk.world.opened(held.entry_id or "")[1]["requester"] == desk.world.qingpu.org_code
