"""The life of a material: all of it for depositor and holder, one's own part for others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from authz.errors import UseRefusedError
from ledger import store as ledger_store
from ledger.steps import execute, run
from materials import store
from materials.errors import CursorInvalidError, UnknownMaterialError
from tests.authz.world import written
from tests.materials.world import World

if TYPE_CHECKING:
    from authz.model import Caller
    from materials.model import Event, Material


def timeline(world: World, caller: Caller, material: Material, **paging: Any) -> tuple[Event, ...]:
    with world.database.unit() as db:
        held = run(db, store.material(material.id))
        assert held is not None
        return world.provenance.timeline(db, caller, held, **paging).events


def live(world: World) -> Material:
    """Deposited, used whole, used and given up, refused, superseded."""
    material, case = world.deposit(), world.open_case()
    with pytest.raises(UseRefusedError) as refused, world.database.unit() as db:
        run(db, written(world.uses.open(world.qingpu, world.request(material.id, case), "k-0")))
    with world.database.unit() as db:
        execute(db, world.authz.refuse(world.qingpu, world.request(material.id, case), refused.value))
    world.grant(case)
    for key in ("k-1", "k-2"):
        with world.database.unit() as db:
            used = run(db, written(world.uses.open(world.qingpu, world.request(material.id, case), key)))
        if key == "k-1":
            with world.database.unit() as db:
                run(db, world.authz.delivered(used.id, 0, used.size))
    world.clock.pass_(3600)
    with world.database.unit() as db:
        world.authz.expire(db)
    world.deposit(supersedes=material.id)
    return material


ALL = ["deposited", "refused", "used", "completed", "used", "aborted", "superseded"]


class TestTimeline:
    def test_tells_the_depositor_everything_in_order(self, world: World) -> None:
        material = live(world)
        events = timeline(world, world.baoshan, material)
        assert [event.event for event in events] == ALL
        assert [event.at for event in events] == sorted(event.at for event in events)
        assert [event.organisation for event in events] == [
            "宝山区行政服务中心", *["青浦区市场监督管理局"] * 5, None,
        ]  # fmt: skip
        assert events[1].reason == "grant-required"
        assert events[-1].material_id is not None

    def test_keeps_other_organisations_case_numbers_from_the_depositor(self, world: World) -> None:
        events = timeline(world, world.baoshan, live(world))
        assert {event.case_no for event in events} == {None}
        assert {event.use_id for event in events} == {None}

    def test_names_the_log_entry_of_every_event(self, world: World) -> None:
        events = timeline(world, world.baoshan, live(world))
        with world.database.unit() as db:
            states = ledger_store.entry_states(db, [event.entry_id for event in events])
        assert len(states) == len(ALL)
        kinds = [world.opened(event.entry_id)[0]["type"] for event in events]
        assert kinds == [
            "material.deposited", "use.refused", "use.intended", "use.completed", "use.intended", "use.aborted",
            "material.superseded",
        ]  # fmt: skip

    def test_tells_a_user_its_own_part_without_true_reasons(self, world: World) -> None:
        events = timeline(world, world.qingpu, live(world))
        assert [event.event for event in events] == ALL
        assert {event.reason for event in events} == {None}
        assert all(event.case_no for event in events if event.event in {"used", "completed", "aborted", "refused"})

    def test_tells_a_third_only_how_it_came_and_ended(self, world: World) -> None:
        with world.database.unit() as db:
            third = world.department(db, "吴江区行政审批局", "91320509XX0000035K", "320509", "wj-001")
        assert [event.event for event in timeline(world, third, live(world))] == ["deposited", "superseded"]

    def test_shows_a_withdrawal(self, world: World) -> None:
        material = world.deposit()
        with world.database.unit() as db:
            world.deposits.withdraw(db, world.baoshan, material.id, "bs-017")
        assert [event.event for event in timeline(world, world.baoshan, material)] == ["deposited", "withdrawn"]

    def test_shows_the_case_it_came_from_to_its_organisation_only(self, world: World) -> None:
        case = world.open_case(world.baoshan)
        material = world.deposit(origin_case_no=case.case_no)
        assert timeline(world, world.baoshan, material)[0].case_no == case.case_no
        assert timeline(world, world.qingpu, material)[0].case_no is None


class TestPages:
    def test_turned_two_lines_at_a_time_they_are_the_whole(self, world: World) -> None:
        material = live(world)
        with world.database.unit() as db:
            held = run(db, store.material(material.id))
            assert held is not None
            whole = world.provenance.timeline(db, world.baoshan, held)
            pages, cursor = [], None
            while True:
                told = world.provenance.timeline(db, world.baoshan, held, cursor=cursor, limit=2)
                pages.append([event.entry_id for event in told.events])
                if (cursor := told.next_cursor) is None:
                    break
        assert len(pages) > 1
        assert sorted(entry for page in pages for entry in page) == sorted(event.entry_id for event in whole.events)
        assert whole.next_cursor is None

    @pytest.mark.parametrize("cursor", ["x", "", "e30", "WzEsMl0"])
    def test_refuses_a_cursor_that_is_not_ours(self, world: World, cursor: str) -> None:
        material = world.deposit()
        with pytest.raises(CursorInvalidError):
            timeline(world, world.baoshan, material, cursor=cursor)


class TestOfHolder:
    def test_tells_the_holder_everything_with_cases(self, world: World) -> None:
        material = live(world)
        with world.database.unit() as db:
            events = world.provenance.of_holder(db, world.chen, material.id).events
        assert [event.event for event in events] == ALL
        assert all(event.case_no for event in events if event.event in {"used", "completed", "aborted", "refused"})
        assert events[1].reason == "grant-required"

    def test_tells_another_holder_there_is_none(self, world: World) -> None:
        material = world.deposit()
        said = set()
        for wanted in (material.id, "00000000-0000-7000-8000-000000000000"):
            with world.database.unit() as db, pytest.raises(UnknownMaterialError) as refused:
                world.provenance.of_holder(db, world.xu, wanted)
            said.add(str(refused.value))
        assert len(said) == 1
