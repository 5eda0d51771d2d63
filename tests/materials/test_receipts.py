"""收件凭证 for whoever applied: what they are told of a case before and after its acceptance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from materials.receipts import Receipts
from tests.materials.reuse import ReuseWorld
from tests.materials.test_handling import LIST, act, ready

if TYPE_CHECKING:
    from ledger.db import Database
    from ledger.objects import ObjectStore
    from materials.receipts import Receipt


@pytest.fixture
def world(database: Database, offline: ObjectStore) -> ReuseWorld:
    return ReuseWorld(database, offline)


def receipts(world: ReuseWorld, holder_id: str) -> list[Receipt]:
    with world.database.unit() as db:
        return Receipts(world.desk).of_holder(db, holder_id)


class TestOfHolder:
    def test_has_no_materials_before_acceptance_and_those_of_the_kept_list_after_it(self, world: ReuseWorld) -> None:
        case = ready(world)
        (before,) = receipts(world, world.firm)
        assert (before.case.case_no, before.case.stage, before.materials) == (case.case_no, "intake", [])
        act(world, "accept", case.case_no, "qp-103")
        (after,) = receipts(world, world.firm)
        assert (after.case.stage, after.case.accepted_at is not None) == ("accepted", True)
        by_type = {each.type_code: each for each in after.materials}
        assert {"CL001", *LIST} <= by_type.keys()
        assert by_type["CL001"].route == "licence"
        assert by_type["CL022"].route == "upload"
        with world.database.unit() as db:
            kept = world.checklists.kept(db, case.case_no)
        assert kept is not None
        assert after.case.digest is not None
        assert after.case.digest.hex() == kept["sha256"]

    def test_is_nobody_else_s(self, world: ReuseWorld) -> None:
        ready(world)
        assert receipts(world, world.chen) == []
