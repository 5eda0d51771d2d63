"""Filling a form: which source fills what, each as a use, with its reason where it does not, and what is stated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from authz.limits import Cost
from authz.model import Presence
from certs.model import Operation
from ledger.steps import run
from materials.checklist.glance import Glance
from materials.checklist.model import LineState
from materials.checklist.service import CONFIRMABLE, Checklists, Confirmed
from materials.checks import Asking
from materials.errors import CaseClosedError, PresenceRequiredError, UnknownCaseError
from materials.forms.errors import FormChangedError, FormFieldError, UnknownFormError
from materials.forms.model import FieldState, SourceKind
from materials.generated.model import Wanted
from tests.certs.world import PREMISES
from tests.materials.forms import LEASE, FormWorld, line

if TYPE_CHECKING:
    from ledger.db import Database
    from ledger.objects import ObjectStore
    from materials.model import Case

FIRE = "11310118XX00000B0W4310101301000"
CHANGE = "11310113XX00000A2R4310700801000"
BIKE = "11310113XX00000A2R4310700301000"
FUND = "11310113XX00000A2R4310400401000"


@pytest.fixture
def world(database: Database, offline: ObjectStore) -> FormWorld:
    return FormWorld(database, offline)


@pytest.fixture
def case(world: FormWorld) -> Case:
    return world.firm_case()


class TestLicences:
    def test_fill_fields_and_are_uses_in_mode_data(self, world: FormWorld, case: Case) -> None:
        licence = world.issue("LT01")
        form = world.fill(case)
        held = line(form, "domicile")
        assert (held.state, held.content) == (FieldState.filled, PREMISES)
        assert held.chosen is not None
        origin = held.chosen.origin
        assert (origin.kind, origin.source, origin.live) == (SourceKind.licence, "LT01.domicile", True)
        with world.database.unit() as db:
            use = world.authz.get(db, world.qingpu, origin.id or "")
        assert (use.object_id, use.mode.value, use.state.value, use.intent_entry_id) == (
            *(licence.id, "data", "delivered"),
            origin.entry_id,
        )
        _, parties = world.opened(origin.entry_id or "")
        assert parties["fields"] == ["domicile", "holder_code", "holder_name", "legal_representative"]

    def test_are_read_once_however_often_a_form_is_filled(self, world: FormWorld, case: Case) -> None:
        world.issue("LT01")
        world.fill(case)
        uses = world.count("authz.use_")
        assert line(world.fill(case), "domicile").content == PREMISES
        assert world.count("authz.use_") == uses

    def test_that_are_read_count_as_uses_of_the_day(self, world: FormWorld, case: Case) -> None:
        world.issue("LT01")
        world.fill(case)

        def used() -> int:
            held = world.meter.standing(world.qingpu.party_id, world.qingpu.party_kind)
            return next(each.used for each in held if each.what is Cost.uses)

        assert used() == world.count("authz.use_")
        before = used()
        world.fill(case)
        assert used() == before

    def test_that_no_longer_stand_fill_nothing_even_if_read_before(self, world: FormWorld, case: Case) -> None:
        licence = world.issue("LT01")
        world.fill(case)
        world.change(licence, Operation.suspend)
        held = line(world.fill(case), "domicile")
        assert (held.state, held.content) == (FieldState.empty, None)
        assert next((each.source, each.reason) for each in held.missing) == ("LT01.domicile", "status-suspended")

    def test_in_a_case_of_a_person_need_consent_whether_or_not_there_is_one(self, world: FormWorld) -> None:
        def told() -> list[tuple[str, str]]:
            case = world.open_case(item_code=BIKE, caller=world.baoshan, answers={"resident": "local"}, scenario="")
            form = world.fill(case, world.baoshan)
            return [(each.source, each.reason) for each in line(form, "owner").missing]

        before = told()
        world.issue("LT05")
        assert told() == before == [("LT05.name", "consent")]
        assert [(each.source, each.type_code, each.fields, each.of) for each in world.planned.asks][:1] == [
            ("LT05", "CL006", ("holder_code:clear", "name:clear"), "applicant")
        ]

    def test_masked_fields_come_whole_or_not_at_all(self, world: FormWorld) -> None:
        world.issue("LT05")
        case = world.open_case(item_code=BIKE, caller=world.baoshan, answers={"resident": "local"}, scenario="")
        world.consent(world.baoshan, case, "CL006", fields=["name", "holder_code"])
        held = line(world.fill(case, world.baoshan), "owner")
        assert [each.origin.kind for each in held.candidates] == [SourceKind.case]
        world.consent(world.baoshan, case, "CL006", fields=["name:clear", "holder_code:clear"])
        held = line(world.fill(case, world.baoshan), "owner")
        assert [(each.content, each.origin.kind) for each in held.candidates] == [
            ("陈安澜", SourceKind.licence),
            ("陈安澜", SourceKind.case),
        ]


class TestMaterials:
    def test_of_another_department_need_consent_then_fill_by_a_use(self, world: FormWorld, case: Case) -> None:
        material = world.vouched()
        held = line(world.fill(case), "area")
        assert ("material:CL022.area", "consent") in [(each.source, each.reason) for each in held.missing]
        world.consent(world.qingpu, case, "CL022", fields=["area", "premises"])
        held = line(world.fill(case), "area")
        assert held.chosen is not None
        assert (held.content, held.chosen.origin.kind) == (LEASE["area"], SourceKind.material)
        with world.database.unit() as db:
            assert world.authz.get(db, world.qingpu, held.chosen.origin.id or "").object_id == material.id

    def test_taken_in_in_this_case_fill_without_a_use_once_vouched_for(self, world: FormWorld, case: Case) -> None:
        world.deposit(world.qingpu, holder_id=world.firm, origin_case_no=case.case_no)
        assert line(world.fill(case), "area").content is None
        world.vouched(world.qingpu, origin_case_no=case.case_no)
        uses = world.count("authz.use_")
        held = line(world.fill(case), "area")
        assert held.chosen is not None
        _, parties = world.opened(held.chosen.origin.entry_id or "")
        assert (held.content, parties["case" if "case" in parties else "reading"] is not None) == (LEASE["area"], True)
        assert world.count("authz.use_") == uses

    def test_nobody_vouched_for_say_so_after_consent_only(self, world: FormWorld, case: Case) -> None:
        world.deposit(holder_id=world.firm)
        world.consent(world.qingpu, case, "CL022", fields=["area", "premises"])
        reasons = {each.source: each.reason for each in line(world.fill(case), "area").missing}
        assert reasons["material:CL022.area"] == "no-value"
        assert world.count("materials.form_source") == 0

    def test_made_in_this_case_fill_by_what_they_were_made_from(self, world: FormWorld) -> None:
        case = world.firm_case(item_code=FIRE, answers={"tenure": "lease", "fire": "no"})
        stated = {"premises": LEASE["premises"], "area": "88.00", "rooms": ("厨房", "餐厅")}
        world.make(Wanted(case.case_no, "CL025", "qp-103", "预填", form=stated))
        form = world.fill(case)
        assert [line(form, code).content for code in ("premises", "area")] == [LEASE["premises"], "88.00"]
        held = line(form, "area").chosen
        assert held is not None
        assert (held.origin.kind, held.origin.source) == (SourceKind.generated, "material:CL025.area")

    def test_that_were_read_are_not_reused_as_a_whole(self, world: FormWorld, case: Case) -> None:
        """Fields in a form are no copy for the file, whatever the holder confirmed."""
        material = world.vouched()
        world.consent(world.qingpu, case, "CL022", fields=["area", "premises"])
        assert line(world.fill(case), "area").content == LEASE["area"]
        glance = Glance(world.catalogue, world.cases, world.licence_uses, world.authz, world.clock)
        checklists = Checklists(glance, world.signatures, world.desk)
        with world.database.unit() as db:
            shown = run(db, checklists.get(world.qingpu, case.case_no))
        offered = next(each for each in shown.lines if each.key == "CL022").offer
        assert offered is not None
        stated = tuple(each for each in offered.conditions if each in CONFIRMABLE)
        with world.database.unit() as db:
            confirmed = [Confirmed("CL022", material.id, stated)]
            shown = checklists.confirm(db, world.qingpu, case.case_no, confirmed, "qp-103")
        assert next(each for each in shown.lines if each.key == "CL022").state is LineState.offered


class TestSources:
    def test_are_asked_where_no_better_source_has_the_value(self, world: FormWorld, case: Case) -> None:
        world.front.holds["market.registration"] = {"name": "甲", "legal_representative": "乙", "domicile": "丙路 1 号"}
        form = world.fill(case)
        assert [line(form, code).content for code in ("legal_representative", "domicile")] == ["乙", "丙路 1 号"]
        world.front.asked.clear()
        other = world.firm_case()
        world.issue("LT01")
        assert line(world.fill(other), "domicile").content == PREMISES
        assert "market.registration" not in world.front.asked

    def test_that_need_consent_are_not_asked(self, world: FormWorld, case: Case) -> None:
        world.front.holds["housing.address"] = {"address": "上海市示例路 9 号"}
        held = line(world.fill(case), "premises")
        assert world.front.asked == ["market.registration"]
        assert ("connector:housing.address.address", "consent") in [(e.source, e.reason) for e in held.missing]
        assert ("housing.address", "CL022") in [(each.source, each.type_code) for each in world.planned.asks]
        world.consent(world.qingpu, case, "CL022", fields=["address"])
        assert line(world.fill(case), "premises").content == "上海市示例路 9 号"

    def test_that_fail_are_told_and_asked_again_next_time(self, world: FormWorld, case: Case) -> None:
        world.front.down = True
        reasons = {each.source: each.reason for each in line(world.fill(case), "domicile").missing}
        assert reasons["connector:market.registration.domicile"] == "source-unavailable"
        world.front.down = False
        world.front.holds["market.registration"] = {"name": "甲", "legal_representative": "乙", "domicile": "丙路 1 号"}
        assert line(world.fill(case), "domicile").content == "丙路 1 号"

    def test_said_nothing_of_the_applicant_where_somebody_else_was_asked_about(self, world: FormWorld) -> None:
        people = {"worker": [world.xu]}
        case = world.firm_case(caller=world.baoshan, item_code=FUND, answers={"employs": "yes"}, people=people)
        world.consent(world.baoshan, case, "CL049", fields=["head_count", "total"], grantor=world.xu)
        world.front.holds["tax.payroll"] = {"head_count": "7", "total": "1.00"}
        asking = Asking(case.case_no, "CL049", "残保金核定", "bs-017", "tax.payroll", of="worker.0")
        world.checking.ask(world.baoshan, asking, lambda _db, _check: None)
        del world.front.holds["tax.payroll"]
        assert line(world.fill(case, world.baoshan), "head_count").content is None
        with world.database.unit() as db:
            wanted = Wanted(case.case_no, "CL054", "bs-017", "预填", "collective-contract")
            plan = world.documents.plan(db, world.baoshan, wanted, {})
        assert "connector:tax.payroll.head_count" not in plan.at_hand

    def test_that_know_nothing_are_asked_once(self, world: FormWorld, case: Case) -> None:
        world.fill(case)
        reasons = {each.source: each.reason for each in line(world.fill(case), "domicile").missing}
        assert reasons["connector:market.registration.domicile"] == "source-unknowing"
        assert world.front.asked == ["market.registration"]


class TestStatements:
    def test_overwrite_a_source_which_stays_beside(self, world: FormWorld, case: Case) -> None:
        world.issue("LT01")
        form = world.state(world.fill(case), legal_representative="林知微", by="window")
        held = line(form, "legal_representative")
        assert (held.state, held.content, form.version) == (FieldState.stated, "林知微", 2)
        assert held.chosen is not None
        assert held.chosen.content == "陈安澜"
        again = line(world.fill(case), "legal_representative")
        assert again.statement is not None
        assert (again.content, again.statement.by, again.statement.entry_id) == ("林知微", "window", form.entry_id)
        last = world.state(world.fill(case), legal_representative=None)
        assert line(last, "legal_representative").state is FieldState.filled

    def test_fill_the_next_case_of_the_same_item_and_no_other_firm(self, world: FormWorld, case: Case) -> None:
        world.issue("LT01")
        world.state(world.fill(case), contact_phone="021-55550100", legal_representative="林知微")
        held = line(world.fill(world.firm_case()), "contact_phone")
        assert held.chosen is not None
        assert (held.content, held.chosen.origin.kind, held.chosen.origin.id) == (
            *("021-55550100", SourceKind.last_case),
            case.case_no,
        )
        # and on to the one after, as the first case's
        third = line(world.fill(world.firm_case()), "contact_phone")
        assert third.chosen is not None
        assert third.chosen.origin.as_of == held.chosen.origin.as_of
        assert line(world.fill(world.firm_case(applicant=world.other)), "contact_phone").content is None

    def test_an_old_copy_of_a_licence_is_no_licence(self, world: FormWorld, case: Case) -> None:
        licence = world.issue("LT01")
        world.fill(case)
        world.change(licence, Operation.suspend)
        held = line(world.fill(world.firm_case()), "unit_name")
        assert [each.origin.kind for each in held.candidates] == [SourceKind.case]

    def test_of_a_form_somebody_changed_meanwhile_are_refused(self, world: FormWorld, case: Case) -> None:
        form = world.fill(case)
        world.state(form, contact_name="陈安澜")
        with pytest.raises(FormChangedError):
            world.state(form, contact_name="林知微")

    @pytest.mark.parametrize(
        ("code", "value"),
        [("area", "large"), ("area", "1e30"), ("business_items", "one"), ("contact_name", " "), ("nothing", "x")],
        ids=["words", "beyond", "no-list", "blank", "unknown"],
    )
    def test_that_no_field_can_hold_are_refused(self, world: FormWorld, case: Case, code: str, value: str) -> None:
        form = world.fill(case)
        with pytest.raises(FormFieldError):
            world.state(form, **{code: value})


class TestComputed:
    @pytest.fixture
    def fund(self, world: FormWorld) -> Case:
        case = world.firm_case(caller=world.baoshan, item_code=FUND, answers={"employs": "yes"}, scenario="default")
        world.front.holds = {
            "tax.payroll": {"head_count": "200", "total": "20000000.00"},
            "disability.employed": {"count": "1"},
        }
        for code, fields in (("CL049", ["head_count", "total"]), ("CL050", ["count"])):
            world.consent(world.baoshan, case, code, fields=fields)
        return case

    def test_follows_from_what_the_sources_said(self, world: FormWorld, fund: Case) -> None:
        held = line(world.fill(fund, world.baoshan), "due")
        assert held.chosen is not None
        assert (held.content, held.chosen.origin.kind) == ("180000.00", SourceKind.computed)

    def test_follows_what_is_stated(self, world: FormWorld, fund: Case) -> None:
        form = world.state(world.fill(fund, world.baoshan), world.baoshan, disabled_workers="3")
        assert line(form, "due").content == "0.00"

    def test_says_when_a_value_is_missing(self, world: FormWorld, fund: Case) -> None:
        del world.front.holds["tax.payroll"]
        held = line(world.fill(fund, world.baoshan), "due")
        assert (held.content, [each.reason for each in held.missing]) == (None, ["no-value"])


class TestConflicts:
    def test_show_both_values_and_choose_none(self, world: FormWorld, case: Case) -> None:
        world.vouched()
        world.front.holds["housing.address"] = {"address": "上海市示例路 9 号"}
        world.consent(world.qingpu, case, "CL022", fields=["address", "area", "premises"])
        form = world.fill(case)
        held = line(form, "premises")
        assert (held.state, held.content) == (FieldState.conflict, None)
        assert [each.content for each in held.candidates] == ["上海市示例路 9 号", LEASE["premises"].replace(" ", "")]
        assert not form.complete
        settled = line(world.state(form, premises="上海市示例路 9 号"), "premises")
        assert (settled.state, len(settled.candidates)) == (FieldState.stated, 2)


class TestCase:
    def test_is_open_and_the_applicant_there(self, world: FormWorld, case: Case) -> None:
        world.close(case)
        with pytest.raises(CaseClosedError):
            world.fill(case)
        with pytest.raises(PresenceRequiredError):
            world.fill(world.firm_case(presence=Presence.none))
        with pytest.raises(UnknownCaseError):
            world.fill(world.firm_case(), world.baoshan)

    def test_keeps_its_form_after_closing(self, world: FormWorld, case: Case) -> None:
        form = world.fill(case)
        world.close(case)
        with world.database.unit() as db:
            assert world.forms.get(db, world.qingpu, case.case_no).entry_id == form.entry_id
        with pytest.raises(CaseClosedError):
            world.state(form, contact_name="陈安澜")

    def test_has_none_before_it_was_filled(self, world: FormWorld, case: Case) -> None:
        with world.database.unit() as db, pytest.raises(UnknownFormError):
            world.forms.get(db, world.qingpu, case.case_no)


class TestRecord:
    def test_names_sources_and_no_value(self, world: FormWorld, case: Case) -> None:
        world.issue("LT01")
        form = world.state(world.fill(case), contact_name="陈安澜")
        fact, parties = world.opened(form.entry_id)
        assert (fact["type"], parties["version"], parties["changed"]) == ("form.changed", 2, ["contact_name"])
        assert {"field": "unit_code", "from": "LT01.holder_code"}.items() <= parties["sources"][1].items()
        assert "陈安澜" not in json.dumps([fact, parties], ensure_ascii=False)

    def test_names_every_source_of_a_list(self, world: FormWorld) -> None:
        for code in ("LT12", "LT14"):
            world.issue(code)
        answers = {"what": "name", "articles": "yes"}
        form = world.fill(world.firm_case(caller=world.baoshan, item_code=CHANGE, answers=answers), world.baoshan)
        held = line(form, "linked_permits")
        assert len(held.content or ()) == 2
        _, parties = world.opened(form.entry_id)
        told = [(each["from"], each["entry"]) for each in parties["sources"] if each["field"] == "linked_permits"]
        assert told == [(each.origin.source, each.origin.entry_id) for each in held.candidates]
        assert [source for source, _ in told] == ["LT12.licence_no", "LT14.licence_no"]

    def test_holds_nothing_in_clear(self, world: FormWorld, case: Case) -> None:
        world.issue("LT01")
        world.fill(case)
        with world.database.unit() as db:
            bodies = [
                bytes(body)
                for table in ("form", "form_source")
                for body in db.execute(text(f"SELECT body FROM materials.{table}")).scalars()
            ]
        assert len(bodies) == 2
        assert not any("示例路".encode() in body or b"91310113" in body for body in bodies)
