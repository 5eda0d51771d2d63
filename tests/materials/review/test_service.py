"""Reviews of cases: gathered from forms, licences and documents, kept encrypted with an entry, settled by staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from authz.errors import NotPermittedError
from certs.model import Operation
from materials.checks import Checks
from materials.errors import CaseClosedError, CaseNotSubmittedError, UnknownCaseError
from materials.forms.questions import Questions
from materials.forms.things import Things
from materials.generated.templates import Templates
from materials.reading.model import Box, FieldRead, Findings, Guess
from materials.reading.service import Confirmation
from materials.review.errors import FindingChangedError, UnknownFindingError, UnknownReviewError
from materials.review.gathering import Gatherer
from materials.review.model import Cause, Finding, Review, State, Verdict
from materials.review.papers import Papers
from materials.review.service import Reviews
from tests.certs.world import PREMISES
from tests.materials.forms import REGISTER, FormWorld

if TYPE_CHECKING:
    from authz.model import Caller
    from ledger.db import Database
    from ledger.objects import ObjectStore
    from materials.model import Case, Material


class ReviewWorld(FormWorld):
    """`FormWorld` with reviews."""

    def __init__(self, database: Database, objects: ObjectStore) -> None:
        super().__init__(database, objects)
        checks = Checks(REGISTER, self.catalogue, self.cases, self.authz, self.desk)
        things = Things(self.catalogue, self.cases, self.licence_uses, self.authz, self.grants, self.desk)
        questions = Questions(self.catalogue, self.cases, checks, self.authz)
        papers = Papers(self.catalogue, Templates.load(), self.identity)
        gatherer = Gatherer(self.catalogue, self.cases, things, questions, self.licence_uses, papers, self.desk)
        self.reviews = Reviews(self.catalogue, self.cases, gatherer, self.desk)

    def review(self, case: Case, caller: Caller | None = None) -> Review:
        who = caller or self.qingpu
        with self.database.unit() as db:
            return self.reviews.run(db, who, case.case_no, self.operator(who), Cause.asked)

    def supply(self, case: Case) -> bool:
        """Read by uses what may be read, as a review over HTTP does first."""
        with self.database.glance() as db:
            seen = self.reviews.plan(db, self.qingpu, case.case_no, "qp-103")
        return self.filling.supply(self.qingpu, seen, "qp-103", "预审")

    def read(self, case: Case, type_code: str, values: dict[str, str], confidence: int = 95) -> Material:
        """A document handed in in a case that a machine has read."""
        material = self.deposit(self.qingpu, holder_id=self.firm, type_code=type_code, origin_case_no=case.case_no)
        with self.database.unit() as db:
            reading = self.readings.ask(db, self.qingpu, material.id, "qp-103").held.id
        box = Box(1000, 2000, 5000, 2200)
        read = tuple(FieldRead(code, value, confidence, 1, box) for code, value in values.items())
        with self.database.unit() as db:
            self.readings.finish(db, reading, Findings(Guess(type_code, 95), read, (confidence,)))
        return material

    def settle(self, case: Case, finding: Finding, verdict: Verdict = Verdict.false_alarm) -> Review:
        with self.database.unit() as db:
            decision = verdict, "已核对门牌证明", "qp-103"
            return self.reviews.settle(db, self.qingpu, case.case_no, (finding.code, finding.digest), decision)


def of(review: Review, code: str) -> Finding:
    return next(each for each in review.findings if each.code == code)


@pytest.fixture
def world(database: Database, offline: ObjectStore) -> ReviewWorld:
    return ReviewWorld(database, offline)


@pytest.fixture
def case(world: ReviewWorld) -> Case:
    return world.firm_case()


class TestRun:
    def test_of_an_empty_case_passes_nothing(self, world: ReviewWorld, case: Case) -> None:
        review = world.review(case)
        assert len(review.findings) == len(world.catalogue.item(case.item_code).check_points)
        assert review.count(State.passed) == 0
        assert {of(review, code).why for code in ("same-address", "cl022-in-time")} == {"no-form", "no-document"}
        assert not review.clean

    def test_compares_form_and_documents_and_says_where(self, world: ReviewWorld, case: Case) -> None:
        form = world.fill(case)
        world.state(form, premises="宝山区友谊路1588号2栋301室")
        lease = world.read(case, "CL022", {"premises": "上海市宝山区友谊路1588号2幢301室", "ends_on": "2029-05-31"})
        plan = world.read(case, "CL025", {"address": "上海市宝山区友谊路1688号", "rooms": "烹饪区、洗消间、就餐区"})
        review = world.review(case)
        found = of(review, "same-address")
        assert (found.state, found.why) == (State.failed, "differs")
        places = {each["source"]: each for each in found.places}
        place = places["material:CL025.address"]
        assert (place["material_id"], place["page"], place["box"]) == (plan.id, 1, [1000, 2000, 5000, 2200])
        assert "《经营场所布局平面图(含方位图)》场所地址" in found.zh
        assert found.what_to_do is not None
        assert {each["value"] for each in found.values} >= {"上海市宝山区友谊路1688号"}
        assert of(review, "cl022-in-time").state is State.passed
        assert of(review, "plan-rooms").state is State.passed
        assert of(review, "cl025-legible").state is State.passed
        assert places["form.premises"]["field"] == "premises"
        assert lease.id not in {each.get("material_id") for each in found.places} or len(places) == 2

    def test_does_not_rely_on_what_was_hardly_read(self, world: ReviewWorld, case: Case) -> None:
        world.read(case, "CL022", {"ends_on": "2029-05-31"}, confidence=62)
        found = of(world.review(case), "cl022-in-time")
        assert (found.state, found.why) == (State.unclear, "end-unknown")

    def test_believes_staff_more_than_the_machine(self, world: ReviewWorld, case: Case) -> None:
        lease = world.read(case, "CL022", {"premises": PREMISES, "ends_on": "2020-05-31"})
        assert of(world.review(case), "cl022-in-time").why == "expired"
        with world.database.unit() as db:
            (reading,) = world.readings.of_material(db, world.qingpu, lease.id)
            given = Confirmation("CL022", {"ends_on": "2029-05-31"}, (), "qp-103")
            world.readings.confirm(db, world.qingpu, lease.id, reading.id, given)
        assert of(world.review(case), "cl022-in-time").state is State.passed

    def test_reads_licences_by_uses_only(self, world: ReviewWorld, case: Case) -> None:
        world.issue("LT01")
        world.fill(case)
        before = of(world.review(case), "scope-covers")
        assert (before.state, before.places) == (State.unclear, ())
        uses = world.count("authz.use_")
        assert world.supply(case)
        assert world.count("authz.use_") == uses + 1
        review = world.review(case)
        assert of(review, "name-matches").state is State.passed
        assert of(review, "licence-stands").state is State.passed
        assert of(review, "scope-covers").state in {State.passed, State.failed}

    def test_tells_that_a_licence_stands_no_longer(self, world: ReviewWorld, case: Case) -> None:
        licence = world.issue("LT01")
        world.supply(case)
        world.change(licence, Operation.suspend)
        found = of(world.review(case), "licence-stands")
        assert (found.state, found.why) == (State.failed, "status")

    def test_reads_another_departments_document_by_a_use_after_consent(self, world: ReviewWorld, case: Case) -> None:
        lease = world.vouched(values={"premises": PREMISES, "ends_on": "2029-05-31"}, type_code="CL022")
        world.supply(case)
        before = of(world.review(case), "cl022-in-time")
        assert (before.state, before.places) == (State.unclear, ())
        world.consent(world.qingpu, case, "CL022", fields=["area", "ends_on", "premises"])
        assert world.supply(case)
        after = of(world.review(case), "cl022-in-time")
        assert after.state is State.passed
        assert [each["material_id"] for each in after.places] == [lease.id]

    def test_of_another_departments_case_looks_like_none(self, world: ReviewWorld, case: Case) -> None:
        with pytest.raises(UnknownCaseError):
            world.review(case, world.baoshan)
        with world.database.unit() as db, pytest.raises(UnknownCaseError):
            world.reviews.get(db, world.baoshan, case.case_no)

    def test_of_a_draft_or_closed_case_is_refused(self, world: ReviewWorld, case: Case) -> None:
        with pytest.raises(CaseNotSubmittedError):
            world.review(world.firm_case(draft=True))
        world.review(case)
        world.close(case)
        with pytest.raises(CaseClosedError):
            world.review(case)
        with world.database.unit() as db:
            assert world.reviews.get(db, world.qingpu, case.case_no).version == 1

    def test_by_who_may_not_search_is_refused(self, world: ReviewWorld, case: Case) -> None:
        with world.database.unit() as db, pytest.raises(NotPermittedError):
            world.reviews.run(db, world.qingpu, case.case_no, "qp-900")


class TestKept:
    def test_is_encrypted_and_its_entry_has_codes_only(self, world: ReviewWorld, case: Case) -> None:
        world.read(case, "CL022", {"premises": "上海市宝山区友谊路1588号", "ends_on": "2020-05-31"})
        review = world.review(case)
        _, parties = world.opened(review.entry_id)
        assert parties["failed"] == ["cl022-in-time"]
        assert (parties["version"], parties["cause"], len(parties["review"])) == (1, "asked", 43)
        assert "友谊路" not in str(parties)
        with world.database.unit() as db:
            body = bytes(db.execute(text("SELECT body FROM materials.review")).scalar_one())
            assert "友谊路".encode() not in body
            again = world.reviews.get(db, world.qingpu, case.case_no)
        assert again.findings == review.findings

    def test_every_run_is_a_version(self, world: ReviewWorld, case: Case) -> None:
        assert [world.review(case).version for _ in range(2)] == [1, 2]
        assert world.count("materials.review") == 2

    def test_before_any_run_there_is_none(self, world: ReviewWorld, case: Case) -> None:
        with world.database.unit() as db, pytest.raises(UnknownReviewError):
            world.reviews.get(db, world.qingpu, case.case_no)


class TestSettle:
    @pytest.fixture
    def expired(self, world: ReviewWorld, case: Case) -> Finding:
        world.read(case, "CL022", {"premises": PREMISES, "ends_on": "2020-05-31"})
        return of(world.review(case), "cl022-in-time")

    def test_takes_a_finding_off_what_failed(self, world: ReviewWorld, case: Case, expired: Finding) -> None:
        review = world.settle(case, expired)
        assert expired.code not in {each.code for each in review.failed}
        held = review.resolutions[expired.code]
        assert (held.verdict, held.reason, held.operator) == (Verdict.false_alarm, "已核对门牌证明", "qp-103")
        _, parties = world.opened(held.entry_id)
        assert (parties["point"], parties["finding"]) == (expired.code, expired.digest)
        assert "门牌" not in str(parties)

    def test_stands_while_the_finding_is_the_same(self, world: ReviewWorld, case: Case, expired: Finding) -> None:
        world.settle(case, expired)
        assert expired.code in world.review(case).resolutions
        world.read(case, "CL022", {"premises": PREMISES, "ends_on": "2019-05-31"})
        again = world.review(case)
        assert of(again, expired.code).state is State.failed
        assert expired.code in {each.code for each in again.failed}

    def test_of_another_finding_than_they_saw_is_refused(
        self, world: ReviewWorld, case: Case, expired: Finding
    ) -> None:
        world.read(case, "CL022", {"premises": PREMISES, "ends_on": "2019-05-31"})
        world.review(case)
        with pytest.raises(FindingChangedError):
            world.settle(case, expired)

    def test_of_what_passed_is_refused(self, world: ReviewWorld, case: Case) -> None:
        world.read(case, "CL025", {"address": PREMISES, "rooms": "烹饪区、洗消间、就餐区"})
        with pytest.raises(UnknownFindingError):
            world.settle(case, of(world.review(case), "cl025-legible"))


class TestForget:
    def test_wipes_the_values_of_a_document_and_keeps_what_was_found(self, world: ReviewWorld, case: Case) -> None:
        world.state(world.fill(case), premises="宝山区友谊路1588号2栋301室")
        lease = world.read(case, "CL022", {"premises": "上海市宝山区友谊路1588号2幢301室", "ends_on": "2029-05-31"})
        plan = world.read(case, "CL025", {"address": "上海市宝山区友谊路1688号", "rooms": "烹饪区"})
        before = of(world.review(case), "same-address")
        with world.database.unit() as db:
            assert world.reviews.forget(db, plan.object_id) == 1
        with world.database.unit() as db:
            after = of(world.reviews.get(db, world.qingpu, case.case_no), "same-address")
            assert world.reviews.forget(db, plan.object_id) == 0
        assert (after.values, after.digest, after.state) == ((), before.digest, before.state)
        assert before.values
        assert lease.id in {each.get("material_id") for each in of(world.review(case), "cl022-in-time").places}


class TestStale:
    def test_names_the_open_case_whose_review_knows_nothing_of_a_document_yet(
        self, world: ReviewWorld, case: Case
    ) -> None:
        plan = world.read(case, "CL025", {"address": "上海市宝山区友谊路1688号"})
        with world.database.unit() as db:
            assert world.reviews.stale(db, plan.id) is None
        world.review(case)
        with world.database.unit() as db:
            assert world.reviews.stale(db, plan.id) == (case.case_no, world.qingpu.party_id, "qp-103")
        world.close(case)
        with world.database.unit() as db:
            assert world.reviews.stale(db, plan.id) is None
