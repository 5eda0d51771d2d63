"""Facts of representation: one legal representative at a time, ended and never overwritten, each on the log."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from certs.errors import (
    InvalidRepresentationError,
    RepresentationEndedError,
    RepresentationOverlapError,
    UnknownRepresentationError,
)
from ledger.db import Database
from ledger.steps import run
from tests.authz.world import World

NOBODY = "00000000-0000-7000-8000-000000000000"
DAY = timedelta(days=1)
KIND = "legal_representative"


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def record(world: World, **other: Any) -> Any:
    terms = {
        "organisation": world.firm,
        "person": world.xu,
        "kind": KIND,
        "valid_from": world.clock.now(),
        "valid_to": None,
        "source": world.baoshan.party_id,
        "operator": "bs-002",
    } | other
    with world.database.unit() as db:
        return world.representations.record(db, **terms)


def end(world: World, fact: Any, source: Any = None) -> Any:
    with world.database.unit() as db:
        return world.representations.end(db, fact.id, source=source or world.baoshan.party_id, operator="bs-002")


def check(world: World, person: Any, kind: Any = KIND, at: Any = None, holder: Any = None) -> Any:
    with world.database.unit() as db:
        return run(db, world.representations.check(person, holder or world.firm, kind, at or world.clock.now()))


class TestRecord:
    def test_is_on_the_log_without_holder_ids(self, world: World) -> None:
        fact, parties = world.record(world.represented.entry_id)
        assert fact["type"] == "representation.recorded"
        assert parties["kind"] == KIND
        assert parties["requester"] == "11310113XX00000A2R"
        assert parties["holder"] == world.holders.pairwise(world.firm, world.baoshan.party_id)
        assert not {world.firm, world.chen} & set(map(str, parties.values()))

    def test_one_legal_representative_at_a_time(self, world: World) -> None:
        with pytest.raises(RepresentationOverlapError):
            record(world)
        with pytest.raises(RepresentationOverlapError):
            record(world, valid_from=world.clock.now() + DAY, valid_to=world.clock.now() + 2 * DAY)

    def test_successor_from_the_moment_of_the_end(self, world: World) -> None:
        ended = end(world, world.represented)
        successor = record(world, valid_from=ended.valid_to)
        assert not check(world, world.chen)
        assert check(world, world.xu)
        assert successor.valid_to is None

    def test_two_at_once_make_one(self, world: World) -> Any:
        end(world, world.represented)

        def attempt(_: object) -> Any:
            try:
                return record(world)
            except RepresentationOverlapError:
                return None

        with ThreadPoolExecutor(4) as pool:
            assert sum(fact is not None for fact in pool.map(attempt, range(6))) == 1

    def test_a_ward_may_have_two_guardians(self, world: World) -> None:
        for person in (world.chen, world.firm):
            record(world, organisation=world.xu, person=person, kind="guardian")
        assert check(world, world.chen, "guardian", holder=world.xu)

    @pytest.mark.parametrize("other", [{"kind": "friend"}, {"kind": ""}], ids=str)
    def test_refuses_unknown_kinds(self, world: World, other: Any) -> None:
        with pytest.raises(InvalidRepresentationError):
            record(world, **other)

    def test_refuses_somebody_for_themselves(self, world: World) -> None:
        with pytest.raises(InvalidRepresentationError):
            record(world, organisation=world.xu, person=world.xu, kind="guardian")

    def test_refuses_an_end_before_the_beginning(self, world: World) -> None:
        end(world, world.represented)
        with pytest.raises(InvalidRepresentationError):
            record(world, valid_to=world.clock.now() - DAY)


class TestEnd:
    def test_writes_its_entry_and_keeps_the_past(self, world: World) -> None:
        began = world.clock.now()
        world.clock.pass_(3600)
        ended = end(world, world.represented)
        fact, parties = world.record(ended.end_entry_id)
        assert fact["type"] == "representation.ended"
        assert parties["recorded_entry"] == world.represented.entry_id
        assert check(world, world.chen, at=began)
        assert not check(world, world.chen)

    def test_twice(self, world: World) -> None:
        end(world, world.represented)
        with pytest.raises(RepresentationEndedError):
            end(world, world.represented)

    def test_only_by_who_stated_it(self, world: World) -> None:
        with pytest.raises(UnknownRepresentationError):
            end(world, world.represented, world.qingpu.party_id)

    def test_before_it_began(self, world: World) -> None:
        end(world, world.represented)
        begins = world.clock.now() + DAY
        fact = end(world, record(world, valid_from=begins))
        assert fact.valid_to == begins
        assert not check(world, world.xu, at=begins)


class TestCheck:
    def test_is_of_this_person_holder_kind_and_time(self, world: World) -> None:
        now = world.clock.now()
        assert check(world, world.chen)
        assert not check(world, world.xu)
        assert not check(world, world.chen, "guardian")
        assert not check(world, world.chen, holder=world.xu)
        assert not check(world, world.chen, at=now - DAY)
        assert not check(world, world.firm, holder=world.chen)

    def test_kinds(self, world: World) -> None:
        with world.database.unit() as db:
            assert world.representations.kinds(db, world.chen, world.firm, world.clock.now()) == (KIND,)
            assert world.representations.kinds(db, world.xu, world.firm, world.clock.now()) == ()
