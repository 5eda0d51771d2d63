"""RELIABILITY Z6: 10,000 forced interleavings of a withdrawal with fetches, and none slips.

In each schedule a use is opened and its document fetched in several pieces, each by a unit of its own, while the grant
is withdrawn; every statement of everybody is a turn, and a seeded generator says whose. A fetch counts once: its steps
were forced against those of a withdrawal.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from authz.errors import UseClosedError, UseRefusedError
from authz.model import Use
from ledger.db import Database
from tests.authz.schedules import Stepped, Unit, locks
from tests.authz.world import DIGESTS, SIZE, World, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from authz.model import Grant

INTERLEAVINGS = 10_000
PIECES = 24
_IN_ORDER = text("SELECT id::text FROM ledger.entry WHERE id IN (:one, :other) ORDER BY seq")
_AGAIN = (
    "UPDATE authz.grant_ SET state = 'active', withdrawn_at = NULL, withdrawal_token = NULL, uses_left = max_uses,"
    " withdrawal_entry_id = NULL; DELETE FROM authz.cessation"
)


@pytest.fixture
def quick(database: Database) -> Iterator[World]:
    """A world whose commits do not wait for the disk: this is about order, not about survival."""
    address = database.engine.url.render_as_string(hide_password=False)
    held = Database(f"{address}?options=-csynchronous_commit%3Doff", pool_size=PIECES + 4)
    yield World(held)
    held.close()


class Race:
    """One grant, withdrawn again and again while it is used."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.grant: Grant = world.grant(max_uses=1000)
        self.withdrawal = Stepped(world.database.engine)
        self.connections = [world.database.engine.connect() for _ in range(PIECES + 1)]
        digest = world.grants.withdrawal_of(self.grant.id)[1]
        self.token = world.id_token("chen", digest)

    def close(self) -> None:
        self.withdrawal.close()
        for connection in self.connections:
            connection.close()

    def withdraw(self) -> Any:
        with self.world.database.unit() as db:
            return self.world.grants.withdraw(db, self.grant.id, self.token)

    def run(self, seed: int) -> int:
        """One schedule; how many fetches and openings it forced."""
        world, rng = self.world, random.Random(seed)
        opening = written(
            world.uses.open(world.caller, world.request(), world.lease(), world.facts(), SIZE, DIGESTS, f"key {seed}")
        )
        units = [Unit(self.connections[0], opening)]
        pieces: list[Unit] = []
        self.withdrawal.start(self.withdraw)
        late = rng.random()  # how far the others get before the withdrawal begins
        turn = 0
        while not (self.withdrawal.done and all(unit.done for unit in units)):
            turn += 1
            self._turn(rng, units, late, turn)
            if len(units) == 1 and units[0].done and isinstance(units[0].outcome, Use):
                pieces = [self._piece(units[0].outcome, number) for number in range(PIECES)]
                units += pieces
        self._check(units[0], pieces, seed)
        with world.database.unit() as db:
            db.exec_driver_sql(_AGAIN)
        return len(units)

    def _piece(self, use: Use, number: int) -> Unit:
        length = SIZE // PIECES
        end = SIZE if number == PIECES - 1 else (number + 1) * length
        steps = self.world.uses.hand_over(use.id, self.world.caller, number * length, end)
        return Unit(self.connections[1 + number], steps)

    def _turn(self, rng: random.Random, units: list[Unit], late: float, turn: int) -> None:
        running = [unit for unit in units if not unit.done]
        owners = {name: unit for unit in running for name in unit.held}
        # Whoever waits in the database stands in its queue: nobody else gets that row first.
        taken = frozenset() if self.withdrawal.done else self.withdrawal.held
        ready = [unit for unit in running if not any(name in taken or name in owners for name in unit.needs)]
        may_withdraw = not (self.withdrawal.done or self.withdrawal.waiting)
        if may_withdraw and (not ready or rng.random() > late):
            self.withdrawal.step(turn, blocked=not locks(self.withdrawal.next or "").isdisjoint(owners))
            return
        unit = rng.choice(ready)
        unit.step(turn)
        if unit.done and self.withdrawal.waiting:
            left = {name for each in running if not each.done for name in each.held}
            if locks(self.withdrawal.next or "").isdisjoint(left):
                self.withdrawal.arrive()

    def _check(self, opening: Unit, pieces: list[Unit], seed: int) -> None:
        committed = self.withdrawal.committed
        assert committed is not None, (seed, self.withdrawal.outcome)
        withdrawn = self.withdrawal.outcome
        if not isinstance(opening.outcome, Use):
            assert isinstance(opening.outcome, UseRefusedError), (seed, opening.outcome)
            assert opening.outcome.code == "grant-withdrawn", seed
            assert opening.moments[0] > committed, seed  # else it had the lock first
            return
        with self.world.database.unit() as db:
            entries = [opening.outcome.intent_entry_id, withdrawn.withdrawal_entry_id]
            found = db.execute(_IN_ORDER, {"one": entries[0], "other": entries[1]}).scalars().all()
        assert found == entries, seed
        for piece in pieces:
            if piece.moments[0] > committed:  # it asked the gate after the withdrawal
                assert isinstance(piece.outcome, UseClosedError), (seed, piece.outcome)
            else:
                assert isinstance(piece.outcome, Use), (seed, piece.outcome)


class TestWithdrawal:
    def test_no_fetch_slips_through_in_ten_thousand_interleavings(self, quick: World) -> None:
        race, forced, seed, refused = Race(quick), 0, 0, 0
        try:
            while forced < INTERLEAVINGS:
                count = race.run(seed)
                forced, seed, refused = forced + count, seed + 1, refused + (count == 1)
        finally:
            race.close()
        assert refused > 20  # the withdrawal came first
        assert seed - refused > 200  # it came between or last
