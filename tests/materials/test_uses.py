"""Uses: what the decision is given, what cannot change under it, and what is said of what one may not know."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, text

from authz.errors import UnknownUseError, UseRefusedError
from authz.model import Basis, Mode, Presence
from ledger.steps import run
from materials import store
from materials.errors import ModeNotServedError
from tests.authz.world import written
from tests.materials.world import World, stored

if TYPE_CHECKING:
    from authz.model import Use
    from materials.model import Case

ABSENT = "00000000-0000-7000-8000-000000000000"


def use(world: World, material_id: str, case: Case, key: str = "k-1", **changes: object) -> Use:
    with world.database.unit() as db:
        return run(db, written(world.uses.open(world.qingpu, world.request(material_id, case, **changes), key)))


def refusal(world: World, material_id: str, case: Case, **changes: object) -> UseRefusedError:
    with pytest.raises(UseRefusedError) as refused:
        use(world, material_id, case, "k-refused", **changes)
    return refused.value


class TestOpen:
    def test_opens_on_the_holders_grant(self, world: World) -> None:
        material, case = world.deposit(), world.open_case()
        world.grant(case)
        opened = use(world, material.id, case)
        assert opened.basis is Basis.grant
        assert (opened.object_id, opened.size, opened.sha256) == (material.id, material.size, material.sha256)
        fact, parties = world.opened(opened.intent_entry_id)
        assert fact["digests"] == {"sha256": material.sha256, "sm3": material.sm3}
        assert parties["object"] == material.id

    def test_opens_what_is_shared_unconditionally(self, world: World) -> None:
        material, case = world.deposit(type_code="CL001"), world.open_case()
        assert use(world, material.id, case).basis is Basis.open

    @pytest.mark.parametrize(("mode", "fields"), [(Mode.verify, ()), (Mode.data, ("name",))])
    def test_does_not_give_a_whole_document_to_who_asked_for_less(
        self, world: World, mode: Mode, fields: tuple[str, ...]
    ) -> None:
        material, case = world.deposit(), world.open_case()
        grant = world.grant(case, mode=Mode.copy, fields=["name"])
        with pytest.raises(ModeNotServedError):
            use(world, material.id, case, mode=mode, fields=fields)
        with world.database.unit() as db:
            assert world.grants.find(db, grant).uses_left == 3

    def test_reads_material_and_case_in_one_statement(self, world: World) -> None:
        material, case = world.deposit(type_code="CL001"), world.open_case()
        seen: list[str] = []

        def note(_c: object, _u: object, statement: str, *_: object) -> None:
            seen.append(statement)

        event.listen(world.database.engine, "before_cursor_execute", note)
        use(world, material.id, case)
        event.remove(world.database.engine, "before_cursor_execute", note)
        assert len([statement for statement in seen if "materials." in statement]) == 1

    @pytest.mark.parametrize(
        ("deposit", "code"),
        [({}, "grant-required"), ({"type_code": "CL015"}, "not-demanded"), ({"holder_id": "xu"}, "unrelated-holder")],
    )
    def test_refuses_with_the_reason_inside_the_case(self, world: World, deposit: dict[str, str], code: str) -> None:
        if "holder_id" in deposit:
            deposit = {"holder_id": world.xu}
        assert refusal(world, world.deposit(**deposit).id, world.open_case()).code == code

    def test_refuses_in_a_closed_case(self, world: World) -> None:
        material, case = world.deposit(), world.open_case()
        world.grant(case)
        world.close(case)
        assert refusal(world, material.id, case).code == "case-closed"

    def test_names_the_current_version_of_a_superseded_one(self, world: World) -> None:
        first, case = world.deposit(), world.open_case()
        second = world.deposit(supersedes=first.id)
        third = world.deposit(supersedes=second.id)
        world.grant(case)
        refused = refusal(world, first.id, case)
        assert refused.code == "status-superseded"
        assert refused.fields["current"] == third.id
        assert use(world, third.id, case).object_id == third.id

    def test_does_not_name_it_to_who_may_not_know(self, world: World) -> None:
        first = world.deposit(type_code="CL006")
        world.deposit(type_code="CL006", supersedes=first.id)
        refused = refusal(world, first.id, world.open_case())
        assert refused.code == "ask-holder"
        assert refused.fields == {}

    def test_refuses_withdrawn_and_disputed_ones(self, world: World) -> None:
        case = world.open_case()
        world.grant(case)
        withdrawn, disputed = world.deposit(), world.deposit()
        with world.database.unit() as db:
            world.deposits.withdraw(db, world.baoshan, withdrawn.id, "bs-017")
            db.execute(text("UPDATE materials.material SET status = 'disputed' WHERE id = :id"), {"id": disputed.id})
        assert refusal(world, withdrawn.id, case).code == "status-withdrawn"
        assert refusal(world, disputed.id, case).code == "status-disputed"

    def test_refuses_one_whose_time_is_over(self, world: World) -> None:
        case = world.open_case()
        world.grant(case)
        ends = world.clock.now().replace(microsecond=0)
        material = world.deposit(valid_to=ends)
        assert refusal(world, material.id, case).code == "status-expired"

    def test_refuses_a_paper_made_for_another_matter(self, world: World) -> None:
        case = world.open_case()
        world.grant(case, types=["CL013"])
        elsewhere = world.deposit(type_code="CL013")
        here = world.deposit(world.qingpu, type_code="CL013", origin_case_no=case.case_no)
        assert refusal(world, elsewhere.id, case).code == "status-expired"
        assert use(world, here.id, case).object_id == here.id


class TestWhatIsSaid:
    """DESIGN 7: absent and forbidden are one answer where the caller may not know."""

    def test_outside_a_case_of_ones_own_nothing_exists(self, world: World) -> None:
        foreign = world.open_case(world.baoshan)
        said = {
            (refused.code, str(refused), str(refused.fields))
            for target in (world.deposit().id, world.deposit(type_code="CL006").id, ABSENT)
            for refused in [refusal(world, target, foreign)]
        }
        assert len(said) == 1
        assert said.pop()[0] in {"case-not-yours", "not-found"}

    def test_inside_it_level_three_is_the_same_as_nothing_before_consent(self, world: World) -> None:
        case = world.open_case()
        mine, alien = world.deposit(type_code="CL006"), world.deposit(type_code="CL006", holder_id=world.xu)
        ended = world.deposit(type_code="CL007")
        said = {
            (refused.code, str(refused), str(refused.fields))
            for target in (mine.id, alien.id, ended.id, ABSENT)
            for refused in [refusal(world, target, case)]
        }
        assert {code for code, *_ in said} == {"ask-holder"}
        assert len(said) == 1

    def test_without_presence_only_that_presence_is_needed(self, world: World) -> None:
        case = world.open_case(presence=Presence.none)
        codes = {refusal(world, target, case).code for target in (world.deposit().id, ABSENT)}
        assert codes == {"presence-required"}


class TestOrder:
    """RELIABILITY Z7: nothing changes between the decision and the intent."""

    def test_a_new_version_waits_until_the_use_is_written(self, world: World) -> None:
        material, case = world.deposit(type_code="CL001"), world.open_case()
        with world.database.unit() as db:
            checked = run(
                db, world.deposits.check(world.baoshan, world.meta(type_code="CL001", supersedes=material.id))
            )
        done = threading.Event()

        def supersede() -> None:
            with world.database.unit() as db:
                run(db, world.deposits.record(world.baoshan, checked, stored()))
            done.set()

        other = threading.Thread(target=supersede)
        with world.database.unit() as db:
            opened = run(db, written(world.uses.open(world.qingpu, world.request(material.id, case), "k")))
            other.start()
            assert not done.wait(0.3)
        other.join(60)
        assert done.is_set()
        with world.database.unit() as db:
            rows = db.execute(
                text("SELECT id::text FROM ledger.entry WHERE id IN (:use, :end) ORDER BY seq"),
                {"use": opened.intent_entry_id, "end": run(db, store.material(material.id)).ended_entry_id},  # type: ignore[union-attr]
            )
            assert rows.first()[0] == opened.intent_entry_id  # type: ignore[index]

    def test_closing_the_case_waits_too(self, world: World) -> None:
        material, case = world.deposit(type_code="CL001"), world.open_case()
        done = threading.Event()

        def close() -> None:
            world.close(case)
            done.set()

        other = threading.Thread(target=close)
        with world.database.unit() as db:
            run(db, written(world.uses.open(world.qingpu, world.request(material.id, case), "k")))
            other.start()
            assert not done.wait(0.3)
        other.join(60)
        assert done.is_set()

    def test_two_uses_of_one_material_do_not_wait_for_each_other_here(self, world: World) -> None:
        material, case = world.deposit(type_code="CL001"), world.open_case()
        with world.database.unit() as db:
            run(db, store.for_use(material.id, case.case_no, world.qingpu.party_id))
            with world.database.engine.begin() as another:
                another.exec_driver_sql("SET LOCAL lock_timeout = '200ms'")
                found, held, _ = run(another, store.for_use(material.id, case.case_no, world.qingpu.party_id))
        assert found is not None
        assert held is not None


class TestObjectOf:
    def test_finds_the_stored_object(self, world: World) -> None:
        material, case = world.deposit(type_code="CL001"), world.open_case()
        opened = use(world, material.id, case)
        with world.database.unit() as db:
            assert run(db, world.uses.object_of(opened)) == material.object_id

    def test_refuses_a_use_of_something_else(self, world: World) -> None:
        material, case = world.deposit(type_code="CL001"), world.open_case()
        opened = replace(use(world, material.id, case), object_id=ABSENT)
        with world.database.unit() as db, pytest.raises(UnknownUseError):
            run(db, world.uses.object_of(opened))
