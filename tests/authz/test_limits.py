"""Limits: exact in one process, shared between several, apart for official and social parties, never lost quietly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import IntegrityError, ResourceClosedError

from authz.errors import InvalidRegistrationError, UnknownPartyError
from authz.limits import LIMITS, Cost, Meter, begin_of, set_limits, statistics
from authz.model import PartyKind
from authz.onboardingerrors import QuotaSpentError, RateExceededError
from tests.authz.world import World

if TYPE_CHECKING:
    from ledger.db import Database

KIND = PartyKind.social


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def share(world: World, *meters: Meter) -> None:
    for meter in meters:
        with meter.sharing() as share_in, world.database.unit() as db:
            share_in(db)


def limit(world: World, amount: int | None, what: Cost = Cost.uses) -> None:
    with world.database.unit() as db:
        set_limits(db, world.qingpu.party_id, {what.value: amount}, world.clock.now())


def charge(world: World, meter: Meter, times: int = 1, what: Cost = Cost.uses, kind: PartyKind = KIND) -> None:
    for _ in range(times):
        meter.charge(world.qingpu.party_id, kind, (what,))


def used(world: World, meter: Meter, what: Cost = Cost.uses) -> int:
    return next(each.used for each in meter.standing(world.qingpu.party_id, KIND) if each.what is what)


class TestCharge:
    def test_refuses_what_is_beyond_the_limit_and_says_until_when(self, world: World) -> None:
        meter = Meter(world.clock)
        limit(world, 3)
        share(world, meter)
        charge(world, meter, 3)
        with pytest.raises(QuotaSpentError) as raised:
            charge(world, meter)
        world.clock.at = datetime(2026, 11, 21, 15, 59, 0, tzinfo=UTC)  # a minute before midnight in Beijing
        with pytest.raises(QuotaSpentError) as late:
            charge(world, meter)
        assert raised.value.fields["limit"] == 3
        assert raised.value.fields["what"] == "uses"
        assert late.value.fields["retry_after"] == 61
        assert used(world, meter) == 3

    def test_a_day_ends_at_midnight_in_china(self, world: World) -> None:
        meter = Meter(world.clock)
        limit(world, 1)
        share(world, meter)
        world.clock.at = datetime(2026, 11, 21, 15, 59, 59, tzinfo=UTC)
        charge(world, meter)
        with pytest.raises(QuotaSpentError):
            charge(world, meter)
        world.clock.pass_(1)
        charge(world, meter)

    def test_a_rate_begins_anew_each_minute(self, world: World) -> None:
        meter = Meter(world.clock)
        limit(world, 2, Cost.rate)
        share(world, meter)
        charge(world, meter, 2, Cost.rate)
        with pytest.raises(RateExceededError) as raised:
            charge(world, meter, 1, Cost.rate)
        assert 1 <= int(raised.value.fields["retry_after"]) <= 61
        world.clock.pass_(int(raised.value.fields["retry_after"]))
        charge(world, meter, 1, Cost.rate)

    def test_counts_none_where_one_is_refused(self, world: World) -> None:
        meter = Meter(world.clock)
        limit(world, 0)
        share(world, meter)
        with pytest.raises(QuotaSpentError):
            meter.charge(world.qingpu.party_id, KIND, (Cost.requests, Cost.uses))
        assert used(world, meter, Cost.requests) == 0

    def test_several_of_one_thing_are_counted_or_refused_together(self, world: World) -> None:
        meter = Meter(world.clock)
        limit(world, 5)
        share(world, meter)
        meter.charge(world.qingpu.party_id, KIND, (Cost.uses,) * 4)
        with pytest.raises(QuotaSpentError):
            meter.charge(world.qingpu.party_id, KIND, (Cost.uses,) * 2)
        meter.charge(world.qingpu.party_id, KIND, ())
        assert used(world, meter) == 4
        charge(world, meter)

    def test_bytes_are_looked_at_first_and_counted_afterwards(self, world: World) -> None:
        meter = Meter(world.clock)
        limit(world, 1000, Cost.bytes)
        share(world, meter)
        charge(world, meter, 5, Cost.bytes)
        meter.add(world.qingpu.party_id, Cost.bytes, 999)
        charge(world, meter, 1, Cost.bytes)
        meter.add(world.qingpu.party_id, Cost.bytes, 1)
        with pytest.raises(QuotaSpentError):
            charge(world, meter, 1, Cost.bytes)

    def test_official_and_social_parties_have_limits_of_their_own(self) -> None:
        for cost in Cost:
            assert LIMITS[PartyKind.government][cost] > LIMITS[PartyKind.social][cost]
            assert LIMITS[PartyKind.government][cost] == LIMITS[PartyKind.enforcement][cost]


class TestShare:
    def test_processes_count_together(self, world: World) -> None:
        one, two = Meter(world.clock), Meter(world.clock)
        limit(world, 10)
        share(world, one, two)
        charge(world, one, 6)
        charge(world, two, 3)
        share(world, one, two, one)
        assert used(world, one) == used(world, two) == 9
        charge(world, two)
        with pytest.raises(QuotaSpentError):
            charge(world, two)

    def test_what_a_newer_release_counts_stops_nothing(self, world: World) -> None:
        meter = Meter(world.clock)
        charge(world, meter, 2)
        world.run(
            "INSERT INTO authz.party_usage (party_id, what, since, amount) VALUES (:party, 'faxes', :since, 1)",
            party=world.qingpu.party_id,
            since=begin_of(Cost.uses, world.clock.now()),
        )
        share(world, meter)
        assert used(world, meter) == 2
        with world.database.unit() as db:
            held = statistics(db, begin_of(Cost.uses, world.clock.now()), world.clock.now())
        assert [what for _, _, what, _, _ in held] == [Cost.uses]

    def test_repeats_count_nothing_twice(self, world: World) -> None:
        meter = Meter(world.clock)
        charge(world, meter, 4)
        share(world, meter, meter, meter)
        assert used(world, meter) == 4
        assert world.run("SELECT sum(amount) FROM authz.party_usage")[0][0] == 4

    def test_a_database_that_fails_loses_no_count(self, world: World) -> None:
        meter = Meter(world.clock)
        charge(world, meter, 4)
        with world.database.unit() as db:
            pass
        with pytest.raises(ResourceClosedError), meter.sharing() as share_in:
            share_in(db)
        charge(world, meter)
        assert used(world, meter) == 5
        share(world, meter)
        assert used(world, meter) == 5

    def test_a_commit_that_fails_loses_no_count(self, world: World) -> None:
        meter = Meter(world.clock)
        charge(world, meter, 4)
        late = "CREATE TEMPORARY TABLE late (a integer UNIQUE DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP"

        def fail() -> None:
            with meter.sharing() as share_in, world.database.unit() as db:
                share_in(db)
                db.exec_driver_sql(f"{late}; INSERT INTO late VALUES (1), (1)")  # looked at when the unit commits

        with pytest.raises(IntegrityError):
            fail()
        assert used(world, meter) == 4
        share(world, meter)
        assert world.run("SELECT sum(amount) FROM authz.party_usage")[0][0] == 4

    def test_a_limit_that_is_taken_back_is_that_of_the_kind(self, world: World) -> None:
        meter = Meter(world.clock)
        for amount, shown in ((7, 7), (None, LIMITS[KIND][Cost.uses])):
            limit(world, amount)
            share(world, meter)
            held = {each.what: each.limit for each in meter.standing(world.qingpu.party_id, KIND)}
            assert held[Cost.uses] == shown

    @pytest.mark.parametrize("limits", [{"nothing": 1}, {"uses": -1}, {"uses": 2**60}], ids=str)
    def test_refuses_limits_that_are_none(self, world: World, limits: dict[str, int]) -> None:
        with world.database.unit() as db, pytest.raises(InvalidRegistrationError):
            set_limits(db, world.qingpu.party_id, limits, world.clock.now())

    def test_refuses_limits_of_nobody(self, world: World) -> None:
        with pytest.raises(UnknownPartyError), world.database.unit() as db:
            set_limits(db, "00000000-0000-7000-8000-000000000000", {"uses": 1}, world.clock.now())

    def test_forgets_minutes_and_keeps_days(self, world: World) -> None:
        meter = Meter(world.clock)
        meter.charge(world.qingpu.party_id, KIND, (Cost.rate, Cost.requests))
        share(world, meter)
        world.clock.pass_(7200)
        with world.database.unit() as db:
            assert meter.forget(db) == 1
        assert world.run("SELECT what FROM authz.party_usage") == [("requests",)]


class TestStatistics:
    def test_tells_kinds_apart_day_by_day(self, world: World) -> None:
        meter = Meter(world.clock)
        with world.database.unit() as db:
            bank = world.department(db, "bank", "某银行", "91310118XX00000271", "310118", PartyKind.social)
        for day in range(2):
            for party, times in ((world.qingpu, 3), (world.baoshan, 1), (bank, 2 + day)):
                for _ in range(times):
                    meter.charge(party.party_id, PartyKind.government, (Cost.uses,))
            meter.add(bank.party_id, Cost.bytes, 500)
            share(world, meter)
            world.clock.pass_(86_400)
        since = begin_of(Cost.uses, world.clock.now()) - timedelta(days=3)
        with world.database.unit() as db:
            held = statistics(db, since, world.clock.now() + timedelta(days=1))
        assert held == [
            (PartyKind.government, "2026-11-21", Cost.uses, 4, 2),
            (PartyKind.social, "2026-11-21", Cost.bytes, 500, 1),
            (PartyKind.social, "2026-11-21", Cost.uses, 2, 1),
            (PartyKind.government, "2026-11-22", Cost.uses, 4, 2),
            (PartyKind.social, "2026-11-22", Cost.bytes, 500, 1),
            (PartyKind.social, "2026-11-22", Cost.uses, 3, 1),
        ]
