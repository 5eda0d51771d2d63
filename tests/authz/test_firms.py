"""Organisations found by the beginning of their name; nobody else, and by nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from authz.firms import LONGEST, Firms, folded
from authz.model import HolderKind, Identifier

if TYPE_CHECKING:
    from tests.authz.world import World

FIRM = ("宝山青禾餐饮管理有限公司", "91310113XX0000019X")
OTHER = ("宝山青禾餐饮管理有限公司工会", "81310113XX0000318W")


@pytest.fixture
def firms(world: World) -> Firms:
    with world.database.unit() as db:
        for name, code in (FIRM, OTHER):  # of which the world knows the first: it is not found twice
            world.holders.register(db, HolderKind.organisation, name, [Identifier("001", code)])
        world.holders.register(db, HolderKind.person, "宝山青", [Identifier("111", "31019919991231002X")])
    return Firms(world.vault, world.holders)


def found(world: World, firms: Firms, beginning: str) -> list[str]:
    with world.database.unit() as db:
        return [each.name for each in firms.find(db, beginning)]


class TestFind:
    @pytest.mark.parametrize("beginning", ["宝山", "宝山青禾", "宝山青禾餐饮管理有限公司"])
    def test_finds_all_that_begin_so(self, world: World, firms: Firms, beginning: str) -> None:
        assert found(world, firms, beginning) == [FIRM[0], OTHER[0]]

    def test_tells_apart_what_differs_after_the_longest_digest(self, world: World, firms: Firms) -> None:
        assert len(FIRM[0]) >= LONGEST
        assert found(world, firms, OTHER[0]) == [OTHER[0]]

    @pytest.mark.parametrize("beginning", ["宝", "青禾", "山青", "宝山青禾食品", "  宝 "])
    def test_finds_nothing_else(self, world: World, firms: Firms, beginning: str) -> None:
        assert found(world, firms, beginning) == []

    def test_finds_no_person(self, world: World, firms: Firms) -> None:
        assert "宝山青" not in found(world, firms, "宝山青")

    def test_keeps_no_name(self, world: World, firms: Firms) -> None:
        with world.database.unit() as db:
            rows = db.exec_driver_sql("SELECT beginning FROM authz.firm_name").all()
        kept = b"".join(bytes(row[0]) for row in rows)
        assert rows
        assert "宝山".encode() not in kept
        assert all(len(bytes(row[0])) == 32 for row in rows)

    def test_finds_those_that_came_many_at_once(self, world: World, firms: Firms) -> None:
        with world.database.unit() as db:
            wanted = {Identifier("001", "91310118XX00000271"): (HolderKind.organisation, "青浦云岫食品有限公司")}
            world.holders.register_many(db, wanted)
        assert found(world, firms, "青浦云岫") == ["青浦云岫食品有限公司"]


class TestFolded:
    @pytest.mark.parametrize("name", ["ＡＢ 公司", "ab公司", " Ab 公 司"])
    def test_takes_width_case_and_spaces_for_one(self, name: str) -> None:
        assert folded(name) == "ab公司"
