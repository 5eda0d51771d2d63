"""Registers: versions without gaps, one document for one content, refused drafts leave nothing; and the chain's side."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import text

from ledger import registers, registry, store
from ledger.chain import Chain, address_of
from ledger.clear import RegisterPublished, read_clear
from ledger.db import Database
from ledger.errors import (
    ChainRefusedError,
    ChainUnavailableError,
    NotCanonicalError,
    RegisterConflictError,
    RegisterTimeError,
    RegisterUnchangedError,
    RegisterVersionError,
    UnknownRegisterError,
    UnknownRegisterVersionError,
)
from ledger.record import canonical
from ledger.recorder import Recorder
from ledger.registers import Changes, Draft, Registers
from ledger.registry import Act
from tests.ledger.chains import Wire
from tests.ledger.logs import Log, digests

OWNER = "11310113XX00000A2R"
LINES = [{"code": "B", "name": "乙"}, {"code": "A", "name": "甲"}]


def key(entry: Any) -> str:
    return str(entry["code"])


class World:
    def __init__(self, database: Database) -> None:
        self.log = Log(database)
        self.database = database
        self.registers = Registers(self.log.evidence, self.log.clock, "310199")

    def draft(self, version: int = 1, entries: Any = LINES, **more: Any) -> Draft:
        return replace(Draft("systems", version, OWNER, self.log.clock.now(), entries), **more)

    def publish(self, draft: Draft) -> tuple[registers.RegisterVersion, Changes]:
        with self.database.unit() as db:
            return self.registers.publish(db, draft, key)

    def stored(self) -> tuple[int, int]:
        rows = self.log.run(
            "SELECT (SELECT count(*) FROM ledger.register_version), (SELECT count(*) FROM ledger.entry)"
        )
        return rows[0][0], rows[0][1]


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


class TestPublish:
    def test_document_entry_and_row_say_the_same(self, world: World) -> None:
        held, changes = world.publish(world.draft())
        document = json.loads(held.document)
        assert canonical(document) == held.document
        assert (document["register"], document["version"], document["owner"]) == ("systems", 1, OWNER)
        assert [line["code"] for line in document["entries"]] == ["A", "B"]
        assert {"sha256": held.sha256, "sm3": held.sm3} == digests(held.document)
        with world.database.unit() as db:
            clear = read_clear(store.entry(db, held.entry_id).leaf)
        assert clear == RegisterPublished(held.published_at, "systems", 1, OWNER, held.sha256, held.sm3)
        assert changes == Changes(("A", "B"), (), ())
        assert held.chain_state == "waiting"

    def test_tells_what_changes(self, world: World) -> None:
        world.publish(world.draft())
        _, changes = world.publish(world.draft(2, [{"code": "B", "name": "丙"}, {"code": "C", "name": "丁"}]))
        assert changes == Changes(("C",), ("A",), ("B",))

    def test_registers_count_for_themselves(self, world: World) -> None:
        world.publish(world.draft())
        assert world.publish(world.draft(kind="data"))[0].version == 1

    def test_old_versions_stay(self, world: World) -> None:
        first = world.publish(world.draft())[0]
        world.publish(world.draft(2, []))
        with world.database.unit() as db:
            assert registers.version(db, "systems", 1) == first
            assert registers.version(db, "systems").version == 2
            assert [head[0] for head in registers.heads(db, "systems")] == [2, 1]
            assert [head[0] for head in registers.heads(db, "systems", below=2)] == [1]

    @pytest.mark.parametrize("version", [0, 1, 3, 100])
    def test_refuses_a_gap(self, world: World, version: int) -> None:
        world.publish(world.draft())
        with pytest.raises(RegisterVersionError) as refused:
            world.publish(world.draft(version, []))
        assert refused.value.fields == {"expected": 2}
        assert world.stored() == (1, 1)

    def test_refuses_an_unchanged_document(self, world: World) -> None:
        world.publish(world.draft())
        with pytest.raises(RegisterUnchangedError):
            world.publish(world.draft(2, LINES[::-1]))
        assert world.stored() == (1, 1)
        assert world.publish(world.draft(2, owner="11310118XX00000B0W"))

    def test_refuses_the_future(self, world: World) -> None:
        with pytest.raises(RegisterTimeError):
            world.publish(world.draft(adopted_at=world.log.clock.now() + timedelta(minutes=2)))
        assert world.stored() == (0, 0)

    def test_refuses_to_go_back_in_time(self, world: World) -> None:
        held = world.publish(world.draft())[0]
        with pytest.raises(RegisterTimeError):
            world.publish(world.draft(2, [], adopted_at=held.adopted_at - timedelta(seconds=1)))

    def test_refuses_an_unknown_kind(self, world: World) -> None:
        with pytest.raises(UnknownRegisterError):
            world.publish(world.draft(kind="people"))
        with world.database.unit() as db, pytest.raises(UnknownRegisterError):
            registers.version(db, "people")

    def test_refuses_what_has_two_spellings(self, world: World) -> None:
        with pytest.raises(NotCanonicalError):
            world.publish(world.draft(entries=[{"code": "A", "share": 0.5}]))
        assert world.stored() == (0, 0)

    def test_of_two_at_once_one_wins(self, world: World) -> None:
        """The second waits for the first to commit, then finds its version taken, and its entry goes with it."""
        said: list[str] = []

        def second() -> None:
            try:
                world.publish(world.draft(owner="11310118XX00000B0W"))
            except RegisterVersionError as error:
                said.append(str(error))

        thread = threading.Thread(target=second)
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        with world.database.unit() as db:
            world.registers.publish(db, world.draft(), key)
            thread.start()
            for _ in range(6000):
                if db.execute(waiting).scalar():
                    break
                threading.Event().wait(0.01)
        thread.join(60)
        assert said == ["expected=2"]
        assert world.stored() == (1, 1)

    def test_absent_versions_are_named(self, world: World) -> None:
        with world.database.unit() as db, pytest.raises(UnknownRegisterVersionError):
            registers.version(db, "systems")
        world.publish(world.draft())
        with world.database.unit() as db, pytest.raises(UnknownRegisterVersionError):
            registers.version(db, "systems", 2)


@pytest.fixture(scope="module")
def members(chain_url: str) -> list[Chain]:
    """A registry of three members, two of whom must agree, seen by each."""
    keys = [secrets.token_bytes(32) for _ in range(3)]
    first = Chain(chain_url, keys[0])
    first.deploy([address_of(each) for each in keys], 2)
    return [first, *(Chain(chain_url, each, registry=first.registry) for each in keys[1:])]


@pytest.fixture
def division() -> str:
    """Fresh, since the chain remembers what earlier tests published."""
    return str(100_000 + secrets.randbelow(900_000))


class TestRecorder:
    def recorder(self, world: World, chain: Chain, division: str) -> Recorder:
        return Recorder(world.database, chain, world.log.clock, division)

    def state(self, world: World, version: int = 1) -> str:
        with world.database.unit() as db:
            return registers.version(db, "systems", version).chain_state

    def test_waits_for_the_other_members(self, world: World, members: list[Chain], division: str) -> None:
        held = world.publish(world.draft())[0]
        recorder = self.recorder(world, members[0], division)
        assert recorder.run_once() == 1
        assert recorder.run_once() == 1  # approving twice is harmless
        assert self.state(world) == "approved"
        digest = bytes.fromhex(held.sha256)
        assert registry.publish_register(members[1], division, "systems", 1, digest, OWNER) is Act.recorded
        assert recorder.run_once() == 0
        assert self.state(world) == "recorded"
        ((found, owner, at),) = members[0].ask_registry("registerOf", registry.word(f"{division}/systems"), 1)
        assert (found, owner) == (sha256(held.document).digest(), registry.word(OWNER))
        assert at > 0

    def test_goes_on_with_the_next_version(self, world: World, members: list[Chain], division: str) -> None:
        first = world.publish(world.draft())[0]
        second = world.publish(world.draft(2, []))[0]
        recorder = self.recorder(world, members[0], division)
        for held in (first, second):
            recorder.run_once()
            registry.publish_register(members[1], division, "systems", held.version, bytes.fromhex(held.sha256), OWNER)
            recorder.run_once()
        assert (self.state(world, 1), self.state(world, 2)) == ("recorded", "recorded")

    def test_a_conflict_is_shown_and_never_overwritten(self, world: World, members: list[Chain], division: str) -> None:
        world.publish(world.draft())
        for member in members[:2]:
            registry.publish_register(member, division, "systems", 1, b"x" * 32, OWNER)
        self.recorder(world, members[0], division).run_once()
        assert self.state(world) == "conflict"
        with world.database.unit() as db:
            assert registers.unrecorded(db) == []

    def test_no_member_no_approval(self, world: World, members: list[Chain], chain_url: str, division: str) -> None:
        world.publish(world.draft())
        stranger = Chain(chain_url, secrets.token_bytes(32), registry=members[0].registry)
        with pytest.raises(ChainRefusedError) as refused:
            self.recorder(world, stranger, division).run_once()
        assert refused.value.fields["reason"] == "NotMember"
        assert self.state(world) == "waiting"


class TestFailure:
    @pytest.fixture
    def wire(self, chain_url: str) -> Iterator[Wire]:
        held = Wire(chain_url)
        yield held
        held.close()

    @pytest.mark.parametrize("after", [False, True])
    @pytest.mark.parametrize("method", ["eth_call", "eth_sendRawTransaction", "eth_getTransactionReceipt"])
    def test_the_next_round_goes_on(
        self, world: World, wire: Wire, chain_url: str, division: str, method: str, after: bool
    ) -> None:
        key_ = secrets.token_bytes(32)
        Chain(chain_url, key_).deploy([address_of(key_)], 1)
        world.publish(world.draft())
        recorder = Recorder(world.database, Chain(wire.url, key_), world.log.clock, division)
        wire.fail(method, after=after)
        try:
            recorder.run_once()
        except ChainUnavailableError:
            wire.heal()
            recorder.run_once()
        with world.database.unit() as db:
            assert registers.version(db, "systems").chain_state == "recorded"


class TestPublishRegister:
    def test_names_the_conflict(self, members: list[Chain], division: str) -> None:
        for member in members[:2]:
            act = registry.publish_register(member, division, "data", 1, b"a" * 32, OWNER)
        assert act is Act.recorded
        with pytest.raises(RegisterConflictError):
            registry.publish_register(members[2], division, "data", 1, b"b" * 32, OWNER)
        with pytest.raises(RegisterConflictError):
            registry.publish_register(members[2], division, "data", 1, b"a" * 32, "11310118XX00000B0W")

    def test_refuses_to_skip_a_version(self, members: list[Chain], division: str) -> None:
        with pytest.raises(ChainRefusedError) as refused:
            registry.publish_register(members[0], division, "data", 2, b"a" * 32, OWNER)
        assert refused.value.fields["reason"] == "VersionNotNext"

    def test_approves_with_every_key_at_hand(self, chain_url: str, division: str) -> None:
        keys = [secrets.token_bytes(32) for _ in range(2)]
        chain = Chain(chain_url, keys[0])
        chain.deploy([address_of(each) for each in keys], 2)
        act = registry.publish_register(chain, division, "data", 1, b"a" * 32, OWNER, members=keys[1:])
        assert act is Act.recorded
