"""How often, and how fresh: limits of a grant that are enforced in the transaction of the use."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from authz.errors import UseRefusedError
from authz.terms import SEPARATE, Frequency
from tests.authz.races import interleave
from tests.authz.test_askbatches import DEED, HEALTH, Desk
from tests.authz.world import World

DAY = 86_400


def refused(world: World, **request: Any) -> str:
    with pytest.raises(UseRefusedError) as raised:
        world.use(**request)
    return raised.value.code


def recent(world: World, grant_id: str) -> int:
    return int(world.run("SELECT cardinality(recent) FROM authz.grant_ WHERE id = :id", id=grant_id)[0][0])


class TestFrequency:
    def test_counts_in_a_sliding_window(self, world: World) -> None:
        world.grant(max_uses=9, frequency=Frequency(2, "day"))
        world.use()
        world.clock.pass_(DAY / 2)
        world.use()
        assert refused(world) == "grant-frequency"
        world.clock.pass_(DAY / 2 - 1)
        assert refused(world) == "grant-frequency"
        world.clock.pass_(1)
        world.use()
        assert refused(world) == "grant-frequency"

    def test_keeps_as_many_times_as_it_needs(self, world: World) -> None:
        grant = world.grant(max_uses=9, frequency=Frequency(2, "hour"))
        for _ in range(5):
            world.use()
            world.clock.pass_(1800)
        assert recent(world, grant.id) == 2

    def test_a_refused_use_counts_nothing(self, world: World) -> None:
        grant = world.grant(max_uses=9, frequency=Frequency(1, "hour"))
        assert refused(world, operator="qp-900") == "operator-role"
        assert recent(world, grant.id) == 0
        world.use()

    def test_without_one_nothing_is_kept(self, world: World) -> None:
        grant = world.grant()
        world.use()
        assert recent(world, grant.id) == 0

    def test_of_uses_side_by_side_as_many_pass_as_it_allows(self, world: World) -> None:
        world.grant(max_uses=100, frequency=Frequency(3, "hour"))

        def attempt(_: int) -> str:
            try:
                return world.use().id
            except UseRefusedError as refusal:
                return refusal.code

        with ThreadPoolExecutor(6) as pool:
            told = list(pool.map(attempt, range(12)))
        assert told.count("grant-frequency") == 9

    def test_second_use_at_each_step_of_the_first(self, world: World) -> None:
        step, last = 0, False
        while not last:
            world.__init__(world.database)  # type: ignore[misc]
            world.grant(max_uses=9, frequency=Frequency(1, "hour"))
            outcome, last = interleave(world, world.use, world.use, step)
            assert [held for held in outcome.values() if held == "grant-frequency"] == ["grant-frequency"]
            step += 1
        assert step >= 3

    def test_another_grant_that_is_usable_is_taken(self, world: World) -> None:
        soon, now = world.clock.now() + timedelta(days=1), world.clock.now()
        world.grant(max_uses=9, frequency=Frequency(1, "hour"), valid_to=soon)
        world.grant(fresh_days=1, valid_to=soon + timedelta(hours=1))
        other = world.grant()
        world.use()
        assert world.use(resource=world.lease(dated=now - timedelta(days=2))).grant_id == other.id

    def test_changed_row_is_refused(self, world: World) -> None:
        grant = world.grant(max_uses=9, frequency=Frequency(1, "month"))
        for change in (
            "frequency_count = 9",
            "frequency_seconds = 1",
            "frequency_count = NULL, frequency_seconds = NULL",
        ):
            world.run(f"UPDATE authz.grant_ SET {change} WHERE id = :id", id=grant.id)
            with pytest.raises(UseRefusedError) as raised:
                world.use(grant_id=grant.id)
            assert raised.value.reason == "grant-altered"


class TestFreshness:
    def test_older_than_the_grant_allows(self, world: World) -> None:
        world.grant(fresh_days=30)
        now = world.clock.now()
        assert world.use(resource=world.lease(dated=now - timedelta(days=30)))
        with pytest.raises(UseRefusedError) as raised:
            world.use(resource=world.lease(dated=now - timedelta(days=30, seconds=1)))
        assert raised.value.code == "grant-stale"

    def test_of_no_date_is_not_fresh(self, world: World) -> None:
        world.grant(fresh_days=30)
        assert refused(world) == "grant-stale"

    def test_changed_row_is_refused(self, world: World) -> None:
        grant = world.grant(fresh_days=1)
        world.run("UPDATE authz.grant_ SET fresh_days = 999 WHERE id = :id", id=grant.id)
        with pytest.raises(UseRefusedError) as raised:
            world.use(grant_id=grant.id)
        assert raised.value.reason == "grant-altered"


class TestSeparateConsent:
    """Level 3 and 4: a grant that names other things too covers none of them (单独同意)."""

    def test_bundle_that_got_past_the_edge_is_refused_at_the_use(self, world: World) -> None:
        world.grant(types=["CL022", "CL025"])
        with pytest.raises(UseRefusedError) as raised:
            world.use(resource=world.lease(level=3))
        assert raised.value.code == "grant-not-separate"
        assert world.use(resource=world.lease(level=2))
        alone = world.grant(types=["CL022"])
        assert world.use(resource=world.lease(level=3)).grant_id == alone.id

    def test_ticked_by_itself(self, world: World) -> None:
        desk = Desk(world)
        batch = desk.ask(desk.part(HEALTH), desk.part(DEED))
        desk.answer(batch, batch.asks[1].id)
        assert world.use(resource=world.lease(type_code="CL021", level=3))
        with pytest.raises(UseRefusedError):
            world.use(resource=world.lease(type_code="CL040", level=3))

    def test_basis_is_in_the_entry(self, world: World) -> None:
        grant = world.grant(basis=SEPARATE)
        assert world.record(grant.entry_id)[1]["basis"] == SEPARATE
