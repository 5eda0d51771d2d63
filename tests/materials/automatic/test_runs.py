"""Cases decided without a person: from the application to the receipt, and whatever leaves them to somebody."""

from __future__ import annotations

import json
import random
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import pytest

from authz.errors import SignerNotHolderError
from certs.model import Operation
from ledger.steps import run
from materials.automatic.errors import (
    AutomaticNotOfferedError,
    InquiryClosedError,
    InquiryTogetherError,
    RunExistsError,
    RunMovedError,
    RunStateError,
    UnknownRunError,
)
from materials.errors import CaseClosedError, RoleInvalidError
from tests.certs.world import FIRM
from tests.materials.automatic.world import FUND, STAFF, AutoWorld

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from ledger.db import Database
    from ledger.objects import ObjectStore
    from materials.automatic.runrows import Run
    from materials.model import Case

FUND_TYPES = ("CL048", "CL049", "CL050")
WORKER = ("林知微", "111", "31019919991231002X")


@pytest.fixture
def world(database: Database, offline: ObjectStore) -> AutoWorld:
    return AutoWorld(database, offline)


def ended(world: AutoWorld, case: Case) -> Case:
    with world.database.unit() as db:
        return world.cases.get(db, world.baoshan, case.case_no)


def fund(world: AutoWorld) -> tuple[Case, Run]:
    """A case of the fund that can be decided, begun and signed."""
    world.duty(FUND, *FUND_TYPES)
    world.issue("LT01")
    case = world.fund()
    held = world.begin(case)
    world.say(world.asked(world.firm)[0])
    return case, held


class TestFund:
    def test_goes_from_application_to_receipt_without_a_person(self, world: AutoWorld) -> None:
        case, begun = fund(world)
        world.work()
        held = world.run_of(begun)
        assert (held.state, held.reason, held.details) == ("granted", None, ())
        assert (ended(world, case).decision, ended(world, case).accepted_at is not None) == ("granted", True)
        (decided,) = world.entries("automatic.decided")
        rule = world.catalogue.item(case.item_code).automatic
        assert rule is not None
        assert (decided["rules"], decided["item_version"], decided["decision"]) == (rule.sha256, "2026.2", "granted")
        assert set(decided["results"].values()) == {"holds"}
        facts = world.runs.facts(held)
        assert facts["shown"]["due"] == "180000.00"
        assert world.runs.receipt(held) is not None
        with world.database.unit() as db:
            told = {each.kind.value for each in world.notices.of_holder(db, world.firm)}
        assert {"inquiry-asked", "case-accepted", "automatic-decided"} <= told
        assert world.made == ["cailian-receipt+jwt"]

    def test_upheld_objection_makes_it_a_persons_again(self, world: AutoWorld) -> None:
        _, begun = fund(world)
        world.work()
        with world.database.unit() as db:
            world.runs.reconsider(db, begun.id)
            world.runs.reconsider(db, begun.id)
        held = world.run_of(begun)
        assert (held.state, held.reason) == ("person", "objection-upheld")
        (left,) = world.entries("automatic.left")
        assert left["reason"] == "objection-upheld"
        with world.database.unit() as db:
            told = [each.kind.value for each in world.notices.of_holder(db, world.firm)]
            assert "automatic-left" in told
            with pytest.raises(CaseClosedError):  # nothing goes on by itself; the case is begun again
                world.runs.resume(db, world.baoshan, begun.id, "bs-017")

    def test_says_nothing_in_the_log_that_is_personal(self, world: AutoWorld) -> None:
        fund(world)
        world.work()
        told = json.dumps(world.entries("automatic.decided") + world.entries("automatic.begun"), ensure_ascii=False)
        for secret in ("宝山青禾", "91310113XX0000019X", "180000", "20000000"):
            assert secret not in told

    def test_waits_for_the_applicants_signature(self, world: AutoWorld) -> None:
        case = world.fund()
        begun = world.begin(case)
        world.work()
        held = world.run_of(begun)
        assert (held.state, held.step, world.count("authz.use_")) == ("waiting", "apply", 0)

    def test_ends_where_the_applicant_says_no(self, world: AutoWorld) -> None:
        case = world.fund()
        begun = world.begin(case)
        world.say(world.asked(world.firm)[0], "no")
        world.work()
        assert (world.run_of(begun).state, ended(world, case).state.value) == ("declined", "open")

    def test_is_left_to_a_person_where_the_applicant_never_signs(self, world: AutoWorld) -> None:
        begun = world.begin(world.fund())
        world.clock.pass_(30 * 86_400)
        world.work()
        held = world.run_of(begun)
        assert (held.state, held.reason) == ("person", "application-late")
        with pytest.raises(InquiryClosedError):
            world.say(world.asked(world.firm)[0])

    def test_needs_consent_where_no_duty_covers_it_and_asks_once(self, world: AutoWorld) -> None:
        world.issue("LT01")
        case = world.fund()
        begun = world.begin(case)
        world.say(world.asked(world.firm)[0])
        world.work()
        held = world.run_of(begun)
        assert (held.state, held.step, len(held.asks)) == ("waiting", "gather", 1)
        allow(world, held.asks[0], "chen")
        world.clock.pass_(3600)
        world.work()
        assert world.run_of(begun).state == "granted"

    def test_is_left_to_a_person_where_consent_is_refused(self, world: AutoWorld) -> None:
        world.issue("LT01")
        begun = world.begin(world.fund())
        world.say(world.asked(world.firm)[0])
        world.work()
        allow(world, world.run_of(begun).asks[0], "chen", everything=False)
        world.clock.pass_(3600)
        world.work()
        held = world.run_of(begun)
        assert (held.state, held.reason) == ("person", "consent-refused")


class TestUnclear:
    def test_source_that_is_too_slow_leaves_it_to_a_person_with_the_rule(self, world: AutoWorld) -> None:
        world.sources.slow = {"disability.employed"}
        _, begun = fund(world)
        world.work()
        held = world.run_of(begun)
        assert (held.state, held.reason) == ("person", "rules-not-met")
        assert "figures-sourced" in held.details
        (left,) = world.entries("automatic.left")
        assert (left["reason"], left["details"]) == ("rules-not-met", list(held.details))

    def test_material_nobody_has_leaves_it_to_a_person_by_line(self, world: AutoWorld) -> None:
        world.sources.slow = {"tax.payroll"}
        _, begun = fund(world)
        world.work()
        held = world.run_of(begun)
        assert (held.state, held.reason) == ("person", "material-missing")
        assert held.details == ("CL049",)

    def test_figure_that_was_typed_in_counts_for_no_source(self, world: AutoWorld) -> None:
        case, begun = fund(world)
        world.state(world.fill(case, world.baoshan), world.baoshan, disabled_workers="9")
        world.work()
        held = world.run_of(begun)
        assert (held.state, held.reason) == ("person", "rules-not-met")
        assert "figures-sourced" in held.details

    def test_goes_on_after_a_person_put_it_right(self, world: AutoWorld) -> None:
        world.sources.slow = {"tax.payroll"}
        _, begun = fund(world)
        world.work()
        world.sources.slow = set()
        with world.database.unit() as db:
            world.runs.resume(db, world.baoshan, begun.id, "bs-017")
        world.work()
        held = world.run_of(begun)
        assert held.state in {"granted", "person"}
        assert held.reason != "material-missing"

    def test_case_closed_by_a_person_is_not_decided(self, world: AutoWorld) -> None:
        case, begun = fund(world)
        world.close(case, world.baoshan)
        world.work()
        held = world.run_of(begun)
        assert (held.state, held.details) == ("person", ("case-closed",))
        assert not world.entries("automatic.decided")

    def test_one_that_cannot_be_read_stops_no_other(self, world: AutoWorld) -> None:
        _, bad = fund(world)
        with world.database.unit() as db:
            db.exec_driver_sql("UPDATE materials.automatic_run SET item_code = 'none' WHERE id = %s", (bad.id,))
        other = world.fund(applicant=world.other)
        good = world.begin(other)
        world.work()
        assert world.run_of(bad).state == "person"
        assert world.run_of(good).step == "apply"

    def test_rules_that_changed_since_the_signature_leave_it_to_a_person(self, world: AutoWorld) -> None:
        _, begun = fund(world)
        with world.database.unit() as db:
            db.exec_driver_sql("UPDATE materials.automatic_run SET rules = 'older' WHERE id = %s", (begun.id,))
        world.work()
        held = world.run_of(begun)
        assert (held.state, held.reason) == ("person", "rules-changed")


class TestBegin:
    def test_refuses_an_item_without_rules_and_a_second_time(self, world: AutoWorld) -> None:
        with pytest.raises(AutomaticNotOfferedError):
            world.begin(world.firm_case(), world.qingpu, operator="qp-103")
        case = world.fund()
        world.begin(case)
        with pytest.raises(RunExistsError):
            world.begin(case)

    def test_of_another_department_looks_like_none(self, world: AutoWorld) -> None:
        begun = world.begin(world.fund())
        with world.database.unit() as db, pytest.raises(UnknownRunError):
            world.runs.get(db, world.qingpu, begun.id)

    def test_needs_who_confirms_and_who_answers_for_the_licence(self, world: AutoWorld) -> None:
        case = world.firm_case(item_code=STAFF, caller=world.baoshan, answers={}, scenario="default")
        with pytest.raises(AutomaticNotOfferedError):
            world.begin(case)
        with pytest.raises(RoleInvalidError):
            world.begin(case, registrar="bs-002")

    def test_nobody_else_may_sign_it(self, world: AutoWorld) -> None:
        world.begin(world.fund())
        with pytest.raises(SignerNotHolderError):
            world.say(world.asked(world.firm)[0], subject="xu")


class TestTakeOver:
    def test_stops_it_and_withdraws_what_was_asked(self, world: AutoWorld) -> None:
        _, begun = fund(world)
        with world.database.unit() as db:
            held = world.runs.take_over(db, world.baoshan, begun.id, "bs-017")
        assert (held.state, held.reason) == ("person", "taken-over")
        world.work()
        assert world.run_of(begun).state == "person"

    def test_comes_too_late_for_a_decision(self, world: AutoWorld) -> None:
        _, begun = fund(world)
        world.work()
        with world.database.unit() as db, pytest.raises(RunStateError):
            world.runs.take_over(db, world.baoshan, begun.id, "bs-017")


def driver(world: AutoWorld, **changes: str) -> tuple[Case, Run]:
    """A case of a driver's change of employer, signed by the employer."""
    world.issue("LT01")
    place = "上海市宝山区示例路 88 号"
    world.give("LT17", FIRM, 4, business_scope="危险货物运输(3类)", address=place)
    face = {
        "qualification": "道路危险货物运输驾驶员",
        "first_issued_on": "2020-01-01",
        "integrity_rating": "AAA",
        "employer": "上海旧运危货运输有限公司",
    }
    world.give("LT21", WORKER, 6, **(face | changes))
    card = {"name": WORKER[0], "sex": "女", "ethnicity": "汉", "born_on": "1999-12-31"}
    world.give("LT05", WORKER, 20, **card, address=place, issuing_authority="宝山分局")
    drives = {"vehicle_classes": "A2", "first_issued_on": "2018-01-01", "driving_status": "正常", "points": "0"}
    world.give("LT22", WORKER, 10, **drives)
    world.made.clear()
    people = {"worker": [world.worker]}
    case = world.firm_case(item_code=STAFF, caller=world.baoshan, answers={}, scenario="default", people=people)
    held = world.begin(case, registrar="bs-002", cause="危货从业人员变更服务单位")
    world.say(world.asked(world.firm)[0])
    return case, held


def agree(world: AutoWorld, begun: Run, answer: str = "yes") -> None:
    """The worker confirms on the phone, and allows what the case needs of theirs."""
    world.work()
    (asked,) = world.asked(world.worker)
    assert asked.batch_id is not None
    allow(world, asked.batch_id, "lin", everything=answer == "yes")
    world.clock.pass_(3600)


def allow(world: AutoWorld, batch_id: str, subject: str, *, everything: bool = True) -> None:
    with world.database.unit() as db:
        batch = world.batches.get(db, batch_id)
        ticked = [each.id for each in batch.asks] if everything else []
        _, digest = world.batches.terms(batch, ticked)
        world.batches.answer(db, batch.id, ticked, world.token(digest, subject))


class TestDriver:
    def test_waits_for_the_worker_then_changes_the_licence(self, world: AutoWorld) -> None:
        case, begun = driver(world)
        world.work()
        held = world.run_of(begun)
        assert (held.state, held.step) == ("waiting", "confirm")
        (asked,) = world.asked(world.worker)
        assert "宝山青禾餐饮管理有限公司" in world.inquiries.document(asked)["statement"]["zh"]
        agree(world, begun)
        world.work()
        held = world.run_of(begun)
        assert (held.state, held.reason, held.details) == ("granted", None, ())
        with world.database.unit() as db:
            licence, content = run(db, world.licences.with_content(held.result_id or "")) or (None, None)
        assert licence is not None
        assert content is not None
        assert (licence.type_code, licence.version, content.face["employer"]) == ("LT21", 2, "宝山青禾餐饮管理有限公司")
        assert ended(world, case).decision == "granted"

    def test_worker_who_says_no_leaves_it_to_a_person(self, world: AutoWorld) -> None:
        _, begun = driver(world)
        world.work()
        agree(world, begun, "no")
        world.work()
        held = world.run_of(begun)
        assert (held.state, held.reason) == ("person", "confirmation-refused")
        assert [each["answer"] for each in world.entries("inquiry.answered")] == ["yes", "no"]
        assert world.count("authz.use_") == 0

    def test_employer_cannot_confirm_for_the_worker(self, world: AutoWorld) -> None:
        driver(world)
        world.work()
        (asked,) = world.asked(world.worker)
        with pytest.raises(SignerNotHolderError):
            allow(world, asked.batch_id or "", "chen")
        with pytest.raises(InquiryTogetherError):
            world.say(asked, subject="lin")

    def test_one_signature_confirms_and_allows_all_that_is_wanted(self, world: AutoWorld) -> None:
        _, begun = driver(world)
        world.work()
        (asked,) = world.asked(world.worker)
        with world.database.unit() as db:
            batch = world.batches.get(db, asked.batch_id or "")
            told = [each.kind.value for each in world.notices.of_holder(db, world.worker)]
        assert json.loads(batch.notice)["confirms"] == world.inquiries.document(asked)["statement"]
        assert (told.count("ask"), told.count("inquiry-asked")) == (1, 0)
        agree(world, begun)
        world.work()
        held = world.run_of(begun)
        assert (held.state, held.asks) == ("granted", ())
        said = world.entries("inquiry.answered")[-1]
        assert (said["answer"], said["notice"], len(said["grants"])) == ("yes", batch.notice_digest, len(batch.asks))

    def test_who_allows_a_part_only_leaves_it_to_a_person(self, world: AutoWorld) -> None:
        _, begun = driver(world)
        world.work()
        (asked,) = world.asked(world.worker)
        with world.database.unit() as db:
            batch = world.batches.get(db, asked.batch_id or "")
            assert len(batch.asks) > 1
            ticked = [batch.asks[0].id]
            _, digest = world.batches.terms(batch, ticked)
            world.batches.answer(db, batch.id, ticked, world.token(digest, "lin"))
        world.clock.pass_(3600)
        world.work()
        held = world.run_of(begun)
        assert (held.state, held.reason) == ("person", "consent-refused")
        assert [each["kind"] for each in world.entries("inquiry.answered")] == ["application"]

    def test_same_employer_is_a_persons_to_decide(self, world: AutoWorld) -> None:
        _, begun = driver(world, employer="宝山青禾餐饮管理有限公司")
        agree(world, begun)
        world.work()
        held = world.run_of(begun)
        assert (held.state, held.reason) == ("person", "rules-not-met")
        assert "another-employer" in held.details

    def test_suspended_qualification_is_not_passed(self, world: AutoWorld) -> None:
        _, begun = driver(world)
        agree(world, begun)
        with world.database.unit() as db:
            (licence,) = run(db, world.licences.of_holders([(world.worker, "LT21")], limit=1))
        world.change(licence, Operation.suspend)
        world.work()
        assert world.run_of(begun).state == "person"


class Killed(BaseException):
    """The worker's process ended, as by `kill -9`."""


class Mortal:
    """A database whose worker dies right after so many commits."""

    def __init__(self, database: Database, commits: int) -> None:
        self._database = database
        self._commits = commits
        self.glance = database.glance

    @contextmanager
    def unit(self) -> Iterator[Connection]:
        with self._database.unit() as db:
            yield db
        self._commits -= 1
        if self._commits == 0:
            raise Killed


class TestKilled:
    def work(self, world: AutoWorld, begun: Run, seed: int) -> int:
        """Let workers die after one to six commits each, until the run rests; how many died."""
        rng, died = random.Random(seed), 0
        for _ in range(300):
            world.work_on(cast("Database", Mortal(world.database, rng.randint(1, 6))))
            try:
                world.work()
            except Killed:
                died += 1
                world.clock.pass_(150)  # until the lease of the dead one is over
                with world.database.unit() as db:
                    world.checks.sweep(db)
            if world.run_of(begun).next_at is None:
                return died
        raise AssertionError

    @pytest.mark.parametrize("seed", [1, 2])
    def test_between_any_two_commits_it_is_decided_once(self, world: AutoWorld, seed: int) -> None:
        case, begun = driver(world)
        agree(world, begun)
        assert self.work(world, begun, seed) > 3
        held = world.run_of(begun)
        assert (held.state, held.reason, held.details) == ("granted", None, ())
        for kind in ("automatic.decided", "case.accepted", "case.closed"):
            assert len([each for each in world.entries(kind) if each["case"] == case.case_no]) == 1
        with world.database.unit() as db:
            (licence,) = run(db, world.licences.of_holders([(world.worker, "LT21")], limit=1))
        assert licence.version == 2

    def test_lease_of_a_dead_worker_keeps_others_away_until_it_is_over(self, world: AutoWorld) -> None:
        _, begun = fund(world)
        with world.database.unit() as db:
            assert world.runs.claim(db) is not None
        assert not world.automating.once()
        world.clock.pass_(150)
        world.work()
        assert world.run_of(begun).state == "granted"

    def test_late_worker_writes_nothing_any_more(self, world: AutoWorld) -> None:
        _, begun = fund(world)
        with world.database.unit() as db:
            late = world.runs.claim(db)
        assert late is not None
        world.clock.pass_(150)
        world.work()
        with pytest.raises(RunMovedError), world.database.unit() as db:
            world.runs.decide(db, late)
        assert world.run_of(begun).state == "granted"
        assert len(world.entries("automatic.decided")) == 1
