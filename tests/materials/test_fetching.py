"""Fetching licences: what a search says to whom, which licence a selector means, and that every search is recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from authz.errors import NotPermittedError, UnknownOperatorError, UseRefusedError
from authz.model import Identifier, Mode, Presence
from certs.errors import UnknownLicenceTypeError
from certs.model import Operation
from materials.errors import CaseClosedError, UnknownCaseError, UseCodeInvalidError
from materials.fetching import NOTHING, Selector
from materials.usecodes import VALID
from tests.certs.world import FACES
from tests.materials.licences import LicenceWorld
from tests.materials.world import CHEN_CODE, offline_objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.db import Database
    from materials.model import Case


@pytest.fixture
def world(database: Database) -> Iterator[LicenceWorld]:
    objects = offline_objects()
    yield LicenceWorld(database, objects)
    objects.close()


@pytest.fixture
def case(world: LicenceWorld) -> Case:
    return world.open_case(applicant=world.firm, applicant_kind="organisation")


class TestSearch:
    def test_finds_what_may_be_used(self, world: LicenceWorld, case: Case) -> None:
        world.issue("LT01")
        found = world.search(case)["LT01"]
        assert (found.answer, found.basis) == ("available", "open")
        assert found.use_code

    def test_asks_for_every_licence_the_item_demands(self, world: LicenceWorld, case: Case) -> None:
        assert world.search(case).keys() == {"LT01", "LT05", "LT10", "LT23"}

    def test_narrows_to_types_by_either_code(self, world: LicenceWorld, case: Case) -> None:
        assert world.search(case, "CL001", "LT05").keys() == {"LT01", "LT05"}
        with pytest.raises(UnknownLicenceTypeError):
            world.search(case, "LT99")

    def test_tells_all_up_to_level_two(self, world: LicenceWorld, case: Case) -> None:
        assert world.search(case)["LT01"].answer == "not-found"
        world.change(world.issue("LT01"), Operation.suspend)
        assert world.search(case)["LT01"].answer == "status-suspended"

    def test_says_ask_holder_above_whether_there_is_one_or_not(self, world: LicenceWorld) -> None:
        case = world.open_case()
        before = world.search(case, "LT05")["LT05"]
        world.issue("LT05")
        after = world.search(case, "LT05")["LT05"]
        assert before == after
        assert (after.answer, after.use_code) == ("ask-holder", None)

    def test_tells_after_consent(self, world: LicenceWorld) -> None:
        case = world.open_case()
        world.grant(case, types=["CL006"])
        assert world.search(case, "LT05")["LT05"].answer == "not-found"
        world.issue("LT05")
        found = world.search(case, "LT05")["LT05"]
        assert (found.answer, found.basis) == ("available", "grant")

    def test_says_so_when_the_applicant_is_not_there(self, world: LicenceWorld) -> None:
        world.issue("LT01")
        case = world.open_case(applicant=world.firm, applicant_kind="organisation", presence=Presence.none)
        assert world.search(case, "LT01")["LT01"].answer == "presence-required"

    def test_of_another_holder_says_unrelated(self, world: LicenceWorld) -> None:
        world.issue("LT01")
        case = world.open_case()
        holder = Identifier("001", "91310113XX0000019X")
        with world.database.glance() as db:
            [found] = world.fetching.search(db, world.qingpu, world.asking(case), Mode.copy, holder, ["LT01"])
        assert found.answer == "unrelated-holder"

    def test_spends_and_writes_nothing(self, world: LicenceWorld) -> None:
        world.issue("LT05")
        case = world.open_case()
        grant = world.grant(case, types=["CL006"], max_uses=1)
        entries = world.count("ledger.entry")
        world.search(case, "LT05")
        assert world.count("ledger.entry") == entries
        with world.database.unit() as db:
            assert world.grants.find(db, grant).uses_left == 1

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"operator": "nobody"}, UnknownOperatorError),
            ({"operator": "qp-900"}, NotPermittedError),
            ({"case_no": "31011820261121999999"}, UnknownCaseError),
            ({"item_code": "11310113XX00000A2R4310100102000"}, UseRefusedError),
            ({"cause": f"核对{CHEN_CODE}"}, UseRefusedError),
        ],
    )
    def test_refuses_a_call_that_does_not_say_who_and_why(
        self, world: LicenceWorld, case: Case, changes: Any, error: type[Exception]
    ) -> None:
        with pytest.raises(error):
            world.search(case, **changes)

    def test_refuses_a_closed_case(self, world: LicenceWorld, case: Case) -> None:
        world.close(case)
        with pytest.raises(CaseClosedError):
            world.search(case)

    def test_is_recorded_without_what_was_found(self, world: LicenceWorld, case: Case) -> None:
        with world.database.unit() as db:
            entry = world.fetching.record(db, world.qingpu, world.asking(case), None, ["LT05", "LT01"])
        fact, parties = world.opened(entry)
        assert fact["type"] == "licence.searched"
        assert parties["asked"] == ["LT01", "LT05"]
        assert {parties[name] for name in ("requester", "operator", "case", "item", "cause")} == {
            world.qingpu.org_code,
            "qp-103",
            case.case_no,
            case.item_code,
            "审查",
        }
        assert parties["holder"] == world.holders.pairwise(world.firm, world.qingpu.party_id)


class TestSelect:
    def select(self, world: LicenceWorld, case: Case, **selector: Any) -> str:
        with world.database.glance() as db:
            return world.fetching.select(db, world.qingpu, world.asking(case), Selector(**selector))

    def test_by_identifier(self, world: LicenceWorld, case: Case) -> None:
        held = world.issue("LT01")
        assert self.select(world, case, identifier=held.licence_id) == held.id

    def test_by_type_of_the_applicant(self, world: LicenceWorld, case: Case) -> None:
        held = world.issue("LT01")
        assert self.select(world, case, type_code="LT01") == held.id
        assert self.select(world, case, type_code="CL001") == held.id

    def test_by_type_of_a_named_holder(self, world: LicenceWorld) -> None:
        held, case = world.issue("LT01"), world.open_case()
        holder = Identifier("001", "91310113XX0000019X")
        assert self.select(world, case, type_code="LT01", holder=holder) == held.id
        nobody = Identifier("001", "91320509XX0000035K")
        assert self.select(world, case, type_code="LT01", holder=nobody) == NOTHING

    def test_by_number(self, world: LicenceWorld, case: Case) -> None:
        held = world.issue("LT01", licence_no="310113000012345")
        issuer = world.baoshan.org_code
        number = {"type_code": "LT01", "licence_no": "310113000012345", "issuer_code": issuer}
        assert self.select(world, case, **number) == held.id
        assert self.select(world, case, **(number | {"licence_no": "310113000012346"})) == NOTHING

    def test_prefers_the_one_that_stands(self, world: LicenceWorld) -> None:
        first = world.issue("LT10")
        case = world.open_case()
        second = world.issue("LT10", face={**FACES["LT10"], "unit_no": "310113001001GB00001F00010002"})
        assert self.select(world, case, type_code="LT10") == second.id
        world.change(second, Operation.suspend)
        assert self.select(world, case, type_code="LT10") == first.id

    def test_of_nothing_is_refused_like_anything_unknown(self, world: LicenceWorld, case: Case) -> None:
        assert self.select(world, case, identifier="1.2.156.3005.2.X") == NOTHING
        with pytest.raises(UseRefusedError) as caught:
            world.open_use(NOTHING, case)
        assert caught.value.code == "ask-holder"

    def test_by_use_code_in_the_same_case_only(self, world: LicenceWorld, case: Case) -> None:
        held = world.issue("LT01")
        code = world.search(case)["LT01"].use_code
        assert self.select(world, case, use_code=code) == held.id
        other = world.open_case(applicant=world.firm, applicant_kind="organisation")
        with pytest.raises(UseCodeInvalidError):
            self.select(world, other, use_code=code)
        with world.database.glance() as db, pytest.raises(UseCodeInvalidError):
            world.fetching.select(db, world.baoshan, world.asking(case), Selector(use_code=code))

    def test_by_use_code_for_a_day(self, world: LicenceWorld, case: Case) -> None:
        world.issue("LT01")
        code = world.search(case)["LT01"].use_code
        world.clock.pass_(VALID.total_seconds())
        with pytest.raises(UseCodeInvalidError):
            self.select(world, case, use_code=code)

    @pytest.mark.parametrize("code", ["", "x", "=", "AAAA", "测", "A" * 200])
    def test_by_use_code_refuses_what_is_none(self, world: LicenceWorld, case: Case, code: str) -> None:
        with pytest.raises(UseCodeInvalidError):
            self.select(world, case, use_code=code)


class TestUseCode:
    def test_says_nothing(self, world: LicenceWorld, case: Case) -> None:
        held = world.issue("LT01")
        first, second = (world.codes.make(held.id, world.qingpu.party_id, case.case_no) for _ in range(2))
        assert first != second
        assert held.id.replace("-", "") not in first
        assert len(first) <= 200


class TestRecognise:
    def test_knows_a_sealed_original_and_how_it_stands(self, world: LicenceWorld, case: Case) -> None:
        held = world.issue("LT01")
        assert held.pdf is not None
        assert held.ofd is not None
        world.change(held, Operation.suspend)
        with world.database.glance() as db:
            for file in (held.pdf, held.ofd):
                found = world.fetching.recognise(db, world.qingpu, world.asking(case), file.sha256)
                assert (found.what, found.status, found.standing) == ("original", "02", "suspended")

    def test_knows_nothing_else(self, world: LicenceWorld, case: Case) -> None:
        with world.database.glance() as db:
            assert world.fetching.recognise(db, world.qingpu, world.asking(case), "0" * 64).what == "unknown"

    def test_refuses_without_a_case(self, world: LicenceWorld, case: Case) -> None:
        asking = replace(world.asking(case), case_no="31011820261121999999")
        with world.database.glance() as db, pytest.raises(UnknownCaseError):
            world.fetching.recognise(db, world.qingpu, asking, "0" * 64)


class TestForesee:
    def test_agrees_with_what_the_use_is_answered(self, world: LicenceWorld) -> None:
        """Over licences and bases: available where a use opens, and else the very code it is refused with."""
        seen = set()
        for code in ("LT01", "LT05", "LT10"):
            held = world.issue(code)
            applicant = held.holder_ids[0]
            kind = "organisation" if code == "LT01" else "person"
            for granted in (False, True):
                case = world.open_case(applicant=applicant, applicant_kind=kind)
                material = world.licence_types.type(code).material_type
                if granted and code != "LT01":
                    world.grant(case, types=[material])
                foreseen = world.search(case, code)[code].answer
                try:
                    world.open_use(held.id, case)
                    answered = "available"
                except UseRefusedError as refusal:
                    answered = refusal.code
                assert foreseen == answered
                seen.add(answered)
        assert seen == {"available", "ask-holder", "grant-joint"}
