"""Which earlier uses of a grant a receipt shows: the same ones however often the grant was used since."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from authz.consentevidence import ConsentEvidence
from ledger.envelope import MAX_EARLIER

if TYPE_CHECKING:
    from authz.model import Grant, Use
    from tests.authz.world import World

USES = 210
MINE = 40
"""The use whose receipt is asked for, counted from one: more than a receipt shows come before it."""


@pytest.fixture
def used(world: World) -> tuple[Grant, list[Use]]:
    """A grant and its many uses, a second apart."""
    grant, uses = world.grant(max_uses=USES), []
    for _ in range(USES):
        world.clock.pass_(1)
        uses.append(world.use())
    return grant, uses


def numbers(world: World, grant: Grant, uses: list[Use]) -> list[int]:
    """Which uses are shown as earlier ones, counted from one."""
    places = {use.intent_entry_id: number for number, use in enumerate(uses, 1)}
    with world.database.unit() as db:
        return [places[entry] for entry in ConsentEvidence.earlier(db, uses[MINE - 1], grant)]


class TestEarlier:
    def test_are_the_last_ones_before_it(self, world: World, used: tuple[Grant, list[Use]]) -> None:
        last = list(range(MINE - MAX_EARLIER, MINE))
        assert numbers(world, *used) == last
        # Uses wait for each other after they took their time: the one before may bear a later one.
        moved = "UPDATE authz.use_ SET opened_at = opened_at + interval '9 seconds' WHERE id = :id"
        assert world.run(moved, id=used[1][MINE - 2].id) == 1
        assert numbers(world, *used) == last
