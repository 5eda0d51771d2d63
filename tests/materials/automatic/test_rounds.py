"""免申即享: matched by a duty, listed, public, willing or not, objected to, handed over once."""

from __future__ import annotations

import csv
import io
import json
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from authz.errors import UseRefusedError
from authz.model import Presence
from certs.requests import HolderRequest
from ledger.ids import new_id
from materials.automatic import objections, roundrows
from materials.automatic.entitled import read_programme
from materials.automatic.errors import RoundExistsError, RoundStateError, UnknownProgrammeError, UnknownRoundError
from materials.automatic.handoffs import _table
from materials.errors import CatalogueError
from tests.certs.world import OTHER_FIRM
from tests.materials.automatic.world import HIRING, AutoWorld

if TYPE_CHECKING:
    from ledger.db import Database
    from ledger.objects import ObjectStore
    from materials.automatic.objections import Objection
    from materials.automatic.roundrows import HandOff, Round
    from materials.automatic.runrows import Run

CAUSE = "用人单位吸纳就业补贴免申即享"
ACCOUNT = {"account_bank": "示例银行宝山支行", "account_no": "6222000000000000001"}


@pytest.fixture
def world(database: Database, offline: ObjectStore) -> AutoWorld:
    held = AutoWorld(database, offline)
    held.duty(HIRING, "CL001", "CL048")
    held.sources.holds |= {"social.insurance": {"new_workers": "3"}, "credit.standing": True}
    return held


def known(world: AutoWorld, firm: str) -> None:
    """Let a firm have said before where it is paid."""
    case = world.firm_case(
        applicant=firm, item_code=HIRING, caller=world.baoshan, answers={"again": "no"}, scenario="default"
    )
    world.state(world.fill(case, world.baoshan), world.baoshan, **ACCOUNT)
    world.close(case, world.baoshan)


def begin(world: AutoWorld, period: str = "2026") -> Round:
    with world.database.unit() as db:
        return world.rounds.begin(db, world.baoshan, "hiring-subsidy", period, "bs-017", CAUSE)


def matched(world: AutoWorld) -> Round:
    """A round in which the firm is on the list."""
    world.issue("LT01")
    known(world, world.firm)
    held = begin(world)
    world.work()
    return held


def runs(world: AutoWorld) -> list[Run]:
    with world.database.unit() as db:
        return world.runs.listed(db, world.baoshan, None, None)


def publish(world: AutoWorld, held: Round) -> None:
    with world.database.unit() as db:
        world.rounds.publish(db, world.baoshan, held.id, "bs-017")
    world.work()


def public(world: AutoWorld, held: Round) -> list[dict[str, Any]]:
    with world.database.unit() as db:
        return world.rounds.public(db, held.id, None)[1]


def hand_off(world: AutoWorld, held: Round) -> HandOff:
    with world.database.unit() as db:
        prepared = world.rounds.prepare(db, world.baoshan, held.id, "bs-017")
    with world.database.unit() as db:
        return world.rounds.hand_off(db, world.baoshan, held.id, prepared, "a.b.c", "bs-017")


def object_to(world: AutoWorld, subject: str, about: str, holder: str | None, by: str = "chen") -> Objection:
    request = HolderRequest("object", new_id(), subject, {"claim": "数据有误"})
    with world.database.unit() as db:
        return world.objections.open(
            db, request, world.token(request.digest, by), about, world.baoshan.party_id, holder
        )


def answer(world: AutoWorld, held: Objection, outcome: str) -> None:
    with world.database.unit() as db:
        world.objections.answer(db, world.baoshan, held.id, outcome, "已核对", "bs-017")


WEEKS = 21 * 86_400


class TestMatch:
    def test_lists_whom_every_rule_holds_for_by_duty_and_open_uses_only(self, world: AutoWorld) -> None:
        matched(world)
        (held,) = runs(world)
        assert (held.state, held.reason, held.details) == ("listed", None, ())
        facts = world.runs.facts(held)
        assert (facts["shown"]["workers"], facts["checks"]["credit.standing"]) == ("3", "yes")
        with world.database.unit() as db:
            bases = db.exec_driver_sql("SELECT DISTINCT basis FROM authz.use_ WHERE case_no = %s", (held.case_no,))
            assert {row[0] for row in bases} <= {"duty", "open"}
            told = [each.kind.value for each in world.notices.of_holder(db, world.firm)]
        assert told.count("case-opened") == 1  # of the case it had opened itself

    def test_nobody_can_be_asked_for_consent_in_a_case_nobody_applied_for(self, world: AutoWorld) -> None:
        licence = world.issue(
            "LT10",
            holders=(("陈安澜", "111", "310199199001010018"),),
            face={
                "right_holders": ["陈安澜"],
                "co_ownership": "单独所有",
                "location": "上海市宝山区示例路 88 号",
                "unit_no": "310113001001GB00001F00010009",
                "right_kind": "房屋所有权",
                "usage": "居住",
                "area": "88.6",
            },
        )
        case = world.open_case(presence=Presence.proactive, evidence=None)
        world.grant(case, types=["CL021"])
        with pytest.raises(UseRefusedError) as refused:
            world.open_use(licence.id, case)
        assert refused.value.reason == "presence-required"

    def test_who_plainly_fails_is_not_listed_and_the_unclear_go_to_a_person(self, world: AutoWorld) -> None:
        world.issue("LT01", holders=(OTHER_FIRM,))
        world.sources.holds[f"social.insurance/{OTHER_FIRM[2]}"] = {"new_workers": "0"}
        world.sources.slow = {"credit.standing"}
        matched(world)
        states = {each.holder_id: (each.state, each.reason) for each in runs(world)}
        assert states[world.other] == ("excluded", None)
        assert states[world.firm] == ("person", "rules-not-met")

    @pytest.mark.parametrize("said", [False, None], ids=["denied", "unknown"])
    def test_bad_or_unknown_credit_is_a_persons_to_decide(self, world: AutoWorld, said: bool | None) -> None:
        world.sources.holds["credit.standing"] = said
        matched(world)
        (held,) = runs(world)
        assert (held.state, held.reason, held.details) == ("person", "rules-not-met", ("credit",))

    def test_who_never_said_where_to_be_paid_is_a_persons_to_complete(self, world: AutoWorld) -> None:
        world.issue("LT01")
        begin(world)
        world.work()
        (held,) = runs(world)
        assert held.details == ("payee",)
        with world.database.unit() as db:
            form = world.forms.get(db, world.baoshan, held.case_no)
        world.state(form, world.baoshan, **ACCOUNT)
        with world.database.unit() as db:
            world.runs.resume(db, world.baoshan, held.id, "bs-017")
        world.work()
        assert runs(world)[0].state == "listed"

    def test_once_for_a_period_and_only_by_its_department(self, world: AutoWorld) -> None:
        begin(world)
        with pytest.raises(RoundExistsError):
            begin(world)
        begin(world, "2027")
        with world.database.unit() as db, pytest.raises(UnknownProgrammeError):
            world.rounds.begin(db, world.qingpu, "hiring-subsidy", "2026", "qp-103", CAUSE)

    def test_goes_on_in_pieces(self, world: AutoWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("materials.automatic.rounds.BATCH", 1)
        world.issue("LT01", holders=(OTHER_FIRM,))
        matched(world)
        assert len(runs(world)) == 2


class TestPublish:
    def test_shows_the_list_tells_and_asks(self, world: AutoWorld) -> None:
        held = matched(world)
        publish(world, held)
        (shown,) = public(world, held)
        assert (shown["name"], shown["amount"]) == ("宝山青禾餐饮管理有限公司", "6000.00")
        asked = [each for each in world.asked(world.firm) if each.kind == "willingness"]
        assert world.inquiries.document(asked[0])["statement"]["facts"]["amount"] == "6000.00"
        (entry,) = world.entries("entitlement.published")
        assert (entry["listed"], entry["programme"]) == (1, "hiring-subsidy")
        world.clock.pass_(WEEKS)
        assert public(world, held) == []

    def test_closes_the_cases_of_who_is_not_on_it_when_it_is_over(self, world: AutoWorld) -> None:
        world.issue("LT01", holders=(OTHER_FIRM,))
        world.sources.holds[f"social.insurance/{OTHER_FIRM[2]}"] = {"new_workers": "0"}
        held = matched(world)
        publish(world, held)
        out = next(each for each in runs(world) if each.state == "excluded")
        with world.database.unit() as db:
            assert world.cases.get(db, world.baoshan, out.case_no).state.value == "open"
        world.clock.pass_(WEEKS)
        world.work()
        with world.database.unit() as db:
            assert world.cases.get(db, world.baoshan, out.case_no).state.value == "closed"

    def test_masks_persons(self, world: AutoWorld) -> None:
        held = matched(world)
        publish(world, held)
        with world.database.unit() as db:
            db.exec_driver_sql("UPDATE materials.entitlement SET holder_id = %s", (world.chen,))
        assert public(world, held)[0]["name"] == "陈**"

    def test_waits_until_everybody_was_decided_about(self, world: AutoWorld) -> None:
        world.sources.slow = {"credit.standing"}
        held = matched(world)
        with pytest.raises(RoundStateError) as refused:
            publish(world, held)
        assert refused.value.fields["problem"] == "open"
        with world.database.unit() as db, pytest.raises(UnknownRoundError):
            world.rounds.public(db, held.id, None)


class TestHandOff:
    def willing(self, world: AutoWorld, say: str = "yes") -> Round:
        held = matched(world)
        publish(world, held)
        world.say(next(each for each in world.asked(world.firm) if each.kind == "willingness"), say)
        return held

    def test_names_each_person_once_and_both_forms_are_signed(self, world: AutoWorld) -> None:
        held = self.willing(world)
        world.clock.pass_(WEEKS)
        made = hand_off(world, held)
        (entry,) = world.entries("entitlement.handed-off")
        body, table = (world.rounds.content(made, form) for form in ("json", "csv"))
        assert (sha256(body).hexdigest(), sha256(table).hexdigest()) == (entry["json_sha256"], entry["csv_sha256"])
        document = json.loads(body)
        assert (document["total"], document["people"][0]["payee"]) == ("6000.00", ACCOUNT)
        rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig"))))
        assert rows[1][1:5] == ["宝山青禾餐饮管理有限公司", "001", "91310113XX0000019X", "6000.00"]
        with pytest.raises(RoundStateError):
            hand_off(world, held)
        world.work()
        assert runs(world)[0].state == "granted"

    def test_prepared_twice_is_handed_over_once(self, world: AutoWorld) -> None:
        held = self.willing(world)
        world.clock.pass_(WEEKS)
        with world.database.unit() as db:
            prepared = [world.rounds.prepare(db, world.baoshan, held.id, "bs-017") for _ in range(2)]
        with world.database.unit() as db:
            world.rounds.hand_off(db, world.baoshan, held.id, prepared[0], "a.b.c", "bs-017")
        with pytest.raises(RoundStateError), world.database.unit() as db:
            world.rounds.hand_off(db, world.baoshan, held.id, prepared[1], "a.b.c", "bs-017")
        assert world.count("materials.hand_off") == 1

    def test_not_before_the_list_was_public_long_enough(self, world: AutoWorld) -> None:
        held = self.willing(world)
        with pytest.raises(RoundStateError):
            hand_off(world, held)

    @pytest.mark.parametrize("said", ["no", None])
    def test_not_to_who_did_not_say_yes(self, world: AutoWorld, said: str | None) -> None:
        held = matched(world)
        publish(world, held)
        if said is not None:
            self_asked = next(each for each in world.asked(world.firm) if each.kind == "willingness")
            world.say(self_asked, said)
        world.clock.pass_(WEEKS)
        with pytest.raises(RoundStateError):
            hand_off(world, held)

    def test_not_while_somebody_objects(self, world: AutoWorld) -> None:
        held = self.willing(world)
        own = object_to(world, runs(world)[0].id, objections.RUN, world.firm)
        stranger = object_to(world, held.id, objections.ROUND, None, "xu")
        world.clock.pass_(WEEKS)
        for each in (own, stranger):
            with pytest.raises(RoundStateError):
                hand_off(world, held)
            answer(world, each, "rejected")
        assert hand_off(world, held).people == 1

    def test_upheld_takes_them_off_until_decided_anew_and_shown_as_long(self, world: AutoWorld) -> None:
        held = self.willing(world)
        run = runs(world)[0]
        answer(world, object_to(world, run.id, objections.RUN, world.firm), "upheld")
        with world.database.unit() as db:
            assert not world.rounds.reconsider(db, run.id)
            world.runs.reconsider(db, run.id)
        assert public(world, held) == []
        assert world.run_of(run).reason == "objection-upheld"
        with world.database.unit() as db:
            world.runs.resume(db, world.baoshan, run.id, "bs-017")
        world.work()
        assert len(public(world, held)) == 1
        world.clock.pass_(WEEKS)
        assert public(world, held) == []

    def test_cells_are_no_formulas(self, world: AutoWorld) -> None:
        held = self.willing(world)
        world.clock.pass_(WEEKS)
        made = hand_off(world, held)
        with world.database.unit() as db:
            assert roundrows.files(db, held.id) == [made]
        cells = {"number": 1, "name": "=1+1", "code_type": "001", "code": "x", "amount": "1.00", "payee": {"a": "@x"}}
        assert b"'=1+1" in _table([cells], ["a"])


class TestProgramme:
    @pytest.mark.parametrize(
        "change",
        [
            {"item_code": "none"},
            {"amount": "salary * 2"},
            {"amount": "unit_name * 2"},
            {"payee": ["iban"]},
            {"publicity_days": 0},
            {"match": {"licence": "LT1"}},
            {"rules": []},
            {"rules": [{"code": "a", "zh": "a", "en": "a", "rule": {"kind": "guess"}}]},
            {"rules": [{"code": "a", "zh": "a", "en": "a", "rule": {"kind": "review"}}]},
            {"rules": [{"code": "a", "zh": "a", "en": "a", "rule": {"kind": "sourced", "fields": ["none"]}}]},
            {"more": 1},
        ],
        ids=lambda change: json.dumps(change)[:40],
    )
    def test_is_checked_when_it_is_read(self, world: AutoWorld, change: dict[str, Any]) -> None:
        path = files("materials.automatic.programmes").joinpath("hiring-subsidy.json")
        row = json.loads(path.read_text("utf-8"))
        assert read_programme(row, world.catalogue).code == "hiring-subsidy"
        with pytest.raises((CatalogueError,)):
            read_programme(row | change, world.catalogue)
