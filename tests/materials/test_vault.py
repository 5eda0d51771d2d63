"""The vault: everything within a scope, nothing outside it, pages that join without gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from authz.model import Presence
from materials.errors import (
    CaseClosedError,
    CursorInvalidError,
    PresenceRequiredError,
    UnknownCaseError,
    UnknownMaterialError,
)
from tests.materials.world import World

if TYPE_CHECKING:
    from authz.model import Caller
    from materials.model import Case, Material
    from materials.vault import Page


def in_case(world: World, case: Case, caller: Caller | None = None, **filters: object) -> Page:
    with world.database.unit() as db:
        return world.vault.in_case(db, caller or world.qingpu, case.case_no, **filters)  # type: ignore[arg-type]


def ids(page: Page) -> list[str]:
    return [material.id for material in page.materials]


class TestInCase:
    def test_shows_what_another_department_took_in_of_the_applicant(self, world: World) -> None:
        lease = world.deposit()
        plan = world.deposit(type_code="CL025")
        assert ids(in_case(world, world.open_case())) == [plan.id, lease.id]

    def test_hides_what_the_item_does_not_demand(self, world: World) -> None:
        world.deposit(type_code="CL015")
        assert ids(in_case(world, world.open_case())) == []

    def test_hides_level_three_before_consent(self, world: World) -> None:
        world.deposit(type_code="CL006")
        assert "CL006" in world.catalogue.item(world.open_case().item_code).types
        assert ids(in_case(world, world.open_case())) == []

    def test_shows_level_three_after_consent_to_its_type(self, world: World) -> None:
        held, case = world.deposit(type_code="CL006"), world.open_case()
        world.deposit(type_code="CL015")  # which the item does not demand
        world.grant(case, types=["CL006", "CL015"])
        assert ids(in_case(world, case)) == [held.id]
        with world.database.unit() as db:
            assert world.vault.get(db, world.qingpu, held.id, case.case_no) == held

    def test_shows_of_level_three_only_the_thing_that_was_named(self, world: World) -> None:
        held, other, case = world.deposit(type_code="CL006"), world.deposit(type_code="CL006"), world.open_case()
        world.grant(case, types=[], objects=[held.id])
        assert ids(in_case(world, case)) == [held.id]
        with world.database.unit() as db, pytest.raises(UnknownMaterialError):
            world.vault.get(db, world.qingpu, other.id, case.case_no)

    def test_consent_to_one_case_opens_no_other(self, world: World) -> None:
        world.deposit(type_code="CL006")
        world.grant(world.open_case(), types=["CL006"])
        assert ids(in_case(world, world.open_case())) == []

    def test_hides_level_three_again_when_the_grant_is_over(self, world: World) -> None:
        world.deposit(type_code="CL006")
        case = world.open_case()
        world.grant(case, types=["CL006"])
        world.clock.pass_(31 * 86400)
        assert ids(in_case(world, case)) == []

    def test_hides_other_holders(self, world: World) -> None:
        world.deposit(holder_id=world.xu)
        assert ids(in_case(world, world.open_case())) == []

    def test_hides_versions_that_have_ended(self, world: World) -> None:
        old = world.deposit()
        new = world.deposit(supersedes=old.id)
        gone = world.deposit(type_code="CL025")
        with world.database.unit() as db:
            world.deposits.withdraw(db, world.baoshan, gone.id, "bs-017")
        assert ids(in_case(world, world.open_case())) == [new.id]

    def test_narrows_to_a_type(self, world: World) -> None:
        lease = world.deposit()
        world.deposit(type_code="CL025")
        assert ids(in_case(world, world.open_case(), type_code="CL022")) == [lease.id]
        assert ids(in_case(world, world.open_case(), type_code="CL015")) == []

    def test_pages_without_gap_or_double(self, world: World) -> None:
        made = [world.deposit(type_code=code).id for code in ("CL022", "CL025", "CL053", "CL022", "CL025")]
        case, seen, cursor = world.open_case(), [], None
        while True:
            page = in_case(world, case, cursor=cursor, limit=2)
            seen += ids(page)
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == made[::-1]

    def test_shows_of_a_project_only_what_is_shared_in_it(self, world: World) -> None:
        world.project(world.chen, world.xu)
        shared = world.deposit(holder_id=world.xu, project_code="P-1", share_in_project=True)
        world.deposit(holder_id=world.xu, project_code="P-1")
        world.deposit(holder_id=world.xu)
        assert ids(in_case(world, world.open_case(project_code="P-1"), shared=True)) == [shared.id]
        assert ids(in_case(world, world.open_case(), shared=True)) == []

    def test_refuses_without_presence(self, world: World) -> None:
        world.deposit()
        with pytest.raises(PresenceRequiredError):
            in_case(world, world.open_case(presence=Presence.none))

    def test_refuses_another_organisations_case_and_a_closed_one(self, world: World) -> None:
        case = world.open_case()
        with pytest.raises(UnknownCaseError):
            in_case(world, case, world.baoshan)
        world.close(case)
        with pytest.raises(CaseClosedError):
            in_case(world, case)

    @pytest.mark.parametrize("cursor", ["", "x", "é", "AAAA", "a" * 40])
    def test_refuses_a_cursor_that_is_not_ours(self, world: World, cursor: str) -> None:
        with pytest.raises(CursorInvalidError):
            in_case(world, world.open_case(), cursor=cursor)


class TestDeposited:
    def test_shows_ones_own_in_whatever_state(self, world: World) -> None:
        old = world.deposit()
        new = world.deposit(supersedes=old.id)
        world.deposit(world.qingpu)
        with world.database.unit() as db:
            assert ids(world.vault.deposited(db, world.baoshan)) == [new.id, old.id]

    def test_narrows_to_holder_and_type(self, world: World) -> None:
        lease = world.deposit(holder_id=world.xu)
        plan = world.deposit(holder_id=world.xu, type_code="CL025")
        world.deposit()
        with world.database.unit() as db:
            assert ids(world.vault.deposited(db, world.baoshan, holder_id=world.xu)) == [plan.id, lease.id]
            assert ids(world.vault.deposited(db, world.baoshan, holder_id=world.xu, type_code="CL025")) == [plan.id]

    def test_pages(self, world: World) -> None:
        made = [world.deposit().id for _ in range(3)]
        with world.database.unit() as db:
            first = world.vault.deposited(db, world.baoshan, limit=2)
            second = world.vault.deposited(db, world.baoshan, limit=2, cursor=first.next_cursor)
        assert ids(first) + ids(second) == made[::-1]
        assert second.next_cursor is None


class TestGet:
    def get(self, world: World, material: Material | str, case: Case | None, caller: Caller | None = None) -> str:
        wanted = material if isinstance(material, str) else material.id
        with world.database.unit() as db:
            return world.vault.get(db, caller or world.qingpu, wanted, case.case_no if case else None).id

    def test_shows_the_depositor_its_own(self, world: World) -> None:
        material = world.deposit(type_code="CL006")
        assert self.get(world, material, None, world.baoshan) == material.id

    def test_shows_what_a_case_lets_one_know(self, world: World) -> None:
        material = world.deposit()
        assert self.get(world, material, world.open_case()) == material.id

    def test_says_the_same_of_forbidden_and_absent(self, world: World) -> None:
        demanded, secret, alien = world.deposit(), world.deposit(type_code="CL006"), world.deposit(holder_id=world.xu)
        undemanded = world.deposit(type_code="CL015")
        case, faceless = world.open_case(), world.open_case(presence=Presence.none)
        absent = "00000000-0000-7000-8000-000000000000"
        said = set()
        for wanted, within in [
            (absent, case),
            (absent, None),
            (demanded, None),
            (demanded, faceless),
            (secret, case),
            (alien, case),
            (undemanded, case),
        ]:
            with pytest.raises(UnknownMaterialError) as refused:
                self.get(world, wanted, within)
            said.add((str(refused.value), str(refused.value.fields)))
        assert len(said) == 1
