"""A city's log and its districts: what is taken, what is refused, what is kept; each refusal stores nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ledger import districts, shown, store
from ledger.clear import DistrictCheckpoint, read_clear
from ledger.cosign import AddCheckpoint
from ledger.db import Database
from ledger.districts import Accepted, Districts, Refused
from ledger.errors import (
    CheckpointForkError,
    CheckpointInconsistentError,
    CheckpointRequestError,
    CheckpointRollbackError,
    CheckpointSizeError,
    CheckpointTooSoonError,
    CheckpointUnsignedError,
    DistrictExistsError,
    DistrictSuspendedError,
    NodeCardError,
    UnknownDistrictError,
)
from ledger.merkle import EMPTY_ROOT, leaf_hash, verify_inclusion
from ledger.model import Checkpoint
from ledger.nodecard import NodeCard
from ledger.note import Note, NoteSigner, parse_checkpoint, sign_checkpoint
from tests.ledger.district import DistrictLog
from tests.ledger.logs import Log


class City:
    """A city's log with its districts."""

    def __init__(self, database: Database) -> None:
        self.log = Log(database)
        self.districts = Districts(self.log.evidence, self.log.clock, interval=5.0)

    def add(self, district: DistrictLog, **options: Any) -> bool:
        with self.log.database.unit() as db:
            return self.districts.add(db, district.card, **options)

    def accept(self, request: AddCheckpoint, division: str = "310199001") -> Accepted | Refused:
        self.log.clock.pass_(10)
        return self.accept_now(request, division)

    def accept_now(self, request: AddCheckpoint, division: str = "310199001") -> Accepted | Refused:
        with self.log.database.unit() as db:
            return self.districts.accept(db, division, request)

    def refuse(self, request: AddCheckpoint, division: str = "310199001") -> Exception:
        """What a refusal raises, also one that keeps evidence."""
        outcome = self.accept(request, division)
        assert isinstance(outcome, Refused)
        return outcome.error

    def status(self, division: str = "310199001") -> districts.Status:
        with self.log.database.unit() as db:
            return districts.status(db, division)

    def standing(self) -> str:
        return self.status().standing(self.log.clock.now())

    def refusals(self) -> list[districts.Refusal]:
        with self.log.database.unit() as db:
            return districts.refusals(db, "310199001")

    def entries(self) -> int:
        return int(self.log.run("SELECT count(*) FROM ledger.entry")[0][0])


@pytest.fixture
def city(database: Database) -> City:
    return City(database)


@pytest.fixture
def district(city: City) -> DistrictLog:
    held = DistrictLog()
    city.add(held)
    held.grow(3)
    return held


class TestAdd:
    def test_takes_a_district_once(self, city: City) -> None:
        held = DistrictLog()
        assert city.add(held) is True
        assert city.add(held) is False
        status = city.status()
        assert (status.district.card, status.district.size, city.standing()) == (held.card, 0, "waiting")

    def test_takes_a_new_name_and_address(self, city: City, district: DistrictLog) -> None:
        city.accept(district.request(0))
        card = replace(district.card, name="新名", endpoint="https://new.example")
        with city.log.database.unit() as db:
            assert city.districts.add(db, card)
        assert (city.status().district.card, city.status().district.size) == (card, 3)

    def test_refuses_another_key_unless_told(self, city: City, district: DistrictLog) -> None:
        city.accept(district.request(0))
        other = DistrictLog(seed=8)
        other.leaves = district.leaves
        with pytest.raises(DistrictExistsError):
            city.add(other)
        assert city.add(other, replace=True)
        other.grow(1)
        assert city.accept(other.request(3))
        district.grow(2)
        with pytest.raises(CheckpointUnsignedError):
            city.accept(district.request(3))

    def test_a_successor_begins_anew(self, city: City, district: DistrictLog) -> None:
        city.accept(district.request(0))
        successor = DistrictLog(origin="log.test/310199001/2", seed=9)
        with pytest.raises(DistrictExistsError):
            city.add(successor)
        city.add(successor, replace=True)
        assert (city.status().district.size, city.status().district.root) == (0, EMPTY_ROOT)
        successor.grow(3)
        assert city.accept(successor.request(0))

    def test_refuses_a_log_of_another_division(self, city: City, district: DistrictLog) -> None:
        with pytest.raises(DistrictExistsError):
            city.add(DistrictLog("310199002", origin=district.origin))


class TestCard:
    def test_round_trip(self) -> None:
        card = DistrictLog().card
        assert NodeCard.parse(json.dumps(card.to_json()).encode()) == card

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("division", "31019"),
            ("division", "3101990010"),
            ("name", " "),
            ("name", "a\u202eb"),
            ("endpoint", "http://310199001.example"),
            ("endpoint", "http://127.0.0.1.evil.example"),
            ("endpoint", "ftp://a"),
            ("origin", "log.test/other"),
            ("vkey", "log.test/310199001+00000000+AAAA"),
            ("account", "0x" + "0" * 40),
            ("account", "0x11"),
            ("version", 2),
            ("version", True),
            ("format", "cailian-trust"),
            ("more", 1),
        ],
    )
    def test_refuses(self, name: str, value: object) -> None:
        raw = json.dumps(DistrictLog().card.to_json() | {name: value}).encode()
        with pytest.raises(NodeCardError):
            NodeCard.parse(raw)


class TestAccept:
    def test_logs_the_checkpoint_in_clear(self, city: City, district: DistrictLog) -> None:
        outcome = city.accept(district.request(0))
        assert isinstance(outcome, Accepted)
        assert (outcome.size, outcome.is_new) == (3, True)
        city.log.integrate()
        with city.log.database.unit() as db:
            held = shown.show(db, outcome.entry_id)
            assert districts.accepted_entry(db, "310199001", 3) == outcome.entry_id
        clear = read_clear(held.leaf)
        assert isinstance(clear, DistrictCheckpoint)
        assert (clear.district, clear.checkpoint) == ("310199001", district.note())
        assert held.checkpoint is not None
        assert held.index is not None
        head = parse_checkpoint(Note.parse(held.checkpoint).text)
        verify_inclusion(leaf_hash(held.leaf), held.index, head.size, held.inclusion, head.root)

    def test_follows_a_growing_log(self, city: City, district: DistrictLog) -> None:
        known = 0
        for _ in range(4):
            assert city.accept(district.request(known))
            known = len(district.leaves)
            district.grow(5)
        assert city.status().district.size == 18
        assert city.entries() == 4
        assert city.standing() == "current"

    def test_repetition_makes_no_second_entry(self, city: City, district: DistrictLog) -> None:
        first = city.accept(district.request(0))
        assert isinstance(first, Accepted)
        district.grow(2)
        city.accept(district.request(3))
        again = [
            city.accept_now(request) for request in (district.request(0, 3), district.request(3), district.request(5))
        ]
        assert [isinstance(each, Accepted) and not each.is_new for each in again] == [True, True, True]
        assert isinstance(again[0], Accepted)
        assert again[0].entry_id == first.entry_id
        assert city.entries() == 2

    def test_foreign_signatures_are_left_out_of_the_entry(self, city: City, district: DistrictLog) -> None:
        """So that a checkpoint has one spelling in our log, and nobody writes into it what is not checked."""
        noise = "— stranger AAAAAAA=\n"
        outcome = city.accept(AddCheckpoint(0, (), district.note() + noise))
        assert isinstance(outcome, Accepted)
        with city.log.database.unit() as db:
            clear = read_clear(store.entry(db, outcome.entry_id).leaf)
        assert isinstance(clear, DistrictCheckpoint)
        assert clear.checkpoint == district.note()

    def test_idle_district_is_heard(self, city: City, district: DistrictLog) -> None:
        city.accept(district.request(0))
        city.log.clock.pass_(1000)
        assert city.standing() == "silent"
        city.accept(district.request(3))
        assert city.standing() == "current"
        assert city.entries() == 1

    def test_an_old_checkpoint_is_no_sign_of_life(self, city: City, district: DistrictLog) -> None:
        city.accept(district.request(0))
        district.grow(1)
        city.accept(district.request(3))
        city.log.clock.pass_(1000)
        city.accept(district.request(0, 3))
        assert city.standing() == "silent"


class TestRefuse:
    """Each by its own error, and nothing in the log."""

    def refused(self, city: City, error: type[Exception], request: AddCheckpoint, **more: Any) -> Exception:
        before = city.entries()
        with pytest.raises(error) as raised:
            city.accept(request, **more)
        assert city.entries() == before
        assert city.refusals() == []
        return raised.value

    def test_unknown_district(self, city: City, district: DistrictLog) -> None:
        self.refused(city, UnknownDistrictError, district.request(0), division="310199009")

    def test_checkpoint_of_another_log(self, city: City, district: DistrictLog) -> None:
        other = DistrictLog("310199002")
        other.grow(3)
        self.refused(city, UnknownDistrictError, other.request(0))

    def test_signature_of_another_key(self, city: City, district: DistrictLog) -> None:
        thief = DistrictLog(seed=8)
        thief.grow(3)
        self.refused(city, CheckpointUnsignedError, thief.request(0))

    def test_changed_text_under_the_right_key(self, city: City, district: DistrictLog) -> None:
        note = district.note().replace("\n3\n", "\n4\n", 1)
        self.refused(city, CheckpointUnsignedError, AddCheckpoint(0, (), note))

    def test_no_signature_at_all(self, city: City, district: DistrictLog) -> None:
        other = NoteSigner(district.origin + "x", DistrictLog(seed=9).signer.key)
        text = Note.parse(district.note()).text
        self.refused(city, CheckpointUnsignedError, AddCheckpoint(0, (), f"{text}\n{other.sign(text)}"))

    def test_not_a_checkpoint(self, city: City, district: DistrictLog) -> None:
        self.refused(city, CheckpointRequestError, AddCheckpoint(0, (), "nonsense"))

    def test_old_size_beyond_the_checkpoint(self, city: City, district: DistrictLog) -> None:
        self.refused(city, CheckpointRequestError, AddCheckpoint(4, (), district.note()))

    def test_empty_log(self, city: City, district: DistrictLog) -> None:
        note = sign_checkpoint(Checkpoint(district.origin, 0, EMPTY_ROOT), district.signer)
        self.refused(city, CheckpointRequestError, AddCheckpoint(0, (), note))

    def test_suspended(self, city: City, district: DistrictLog) -> None:
        with city.log.database.unit() as db:
            city.districts.set_state(db, "310199001", "suspended")
        self.refused(city, DistrictSuspendedError, district.request(0))
        assert city.standing() == "suspended"
        with city.log.database.unit() as db:
            city.districts.set_state(db, "310199001", "active")
        assert city.accept(district.request(0))

    def test_proof_from_another_size(self, city: City, district: DistrictLog) -> None:
        city.accept(district.request(0))
        district.grow(4)
        error = self.refused(city, CheckpointSizeError, district.request(0))
        assert error.args == ("size=3",)

    def test_rollback(self, city: City, district: DistrictLog) -> None:
        district.grow(4)
        city.accept(district.request(0))
        error = self.refused(city, CheckpointRollbackError, district.request(0, 5))
        assert error.args == ("size=7",)

    def test_too_soon(self, city: City, district: DistrictLog) -> None:
        city.accept(district.request(0))
        district.grow(1)
        with pytest.raises(CheckpointTooSoonError) as raised:
            city.accept_now(district.request(3))
        assert raised.value.fields == {"seconds": 5}
        assert city.entries() == 1
        city.log.clock.pass_(5)
        assert city.accept_now(district.request(3))


class TestKeep:
    """Refusals that are kept as evidence."""

    def test_fork_convicts_by_two_signatures(self, city: City, district: DistrictLog) -> None:
        city.accept(district.request(0))
        other = district.fork(2)
        other.grow(1, text="other")
        assert isinstance(city.refuse(other.request(0)), CheckpointForkError)
        (kept,) = city.refusals()
        assert (kept.reason, kept.size, kept.known_size, kept.seen) == ("fork", 3, 3, 1)
        assert kept.note == other.note()
        with city.log.database.unit() as db:
            clear = read_clear(store.entry(db, str(kept.known_entry_id)).leaf)
        assert isinstance(clear, DistrictCheckpoint)
        first, second = (parse_checkpoint(Note.parse(each).text) for each in (clear.checkpoint, kept.note))
        assert (first.origin, first.size) == (second.origin, second.size)
        assert first.root != second.root
        assert city.standing() == "forked"

    def test_fork_at_an_older_size_is_one(self, city: City, district: DistrictLog) -> None:
        city.accept(district.request(0))
        other = district.fork(2)
        other.grow(1, text="other")
        district.grow(4)
        city.accept(district.request(3))
        assert isinstance(city.refuse(other.request(0)), CheckpointForkError)

    def test_rewritten_history_is_refused_and_kept(self, city: City, district: DistrictLog) -> None:
        city.accept(district.request(0))
        other = district.fork(2)
        other.grow(4, text="other")
        for _ in range(3):
            assert isinstance(city.refuse(other.request(3)), CheckpointInconsistentError)
        (kept,) = city.refusals()
        assert (kept.reason, kept.size, kept.known_size, kept.seen) == ("inconsistent", 6, 3, 3)
        assert kept.proof.startswith("old 3\n")
        assert (city.status().district.size, city.entries()) == (3, 1)
        assert city.standing() == "current"  # anybody could have sent a good checkpoint with a bad proof

    def test_the_tree_we_saw_first_goes_on(self, city: City, district: DistrictLog) -> None:
        city.accept(district.request(0))
        other = district.fork(0)
        other.grow(3, text="other")
        city.refuse(other.request(0))
        district.grow(2)
        assert isinstance(city.accept(district.request(3)), Accepted)
        assert city.standing() == "forked"

    def test_unproven_ones_are_bounded(
        self, city: City, district: DistrictLog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(districts, "MAX_REFUSALS", 2)
        city.accept(district.request(0))
        for size in range(4, 8):
            other = district.fork(0)
            other.grow(size, text="other")
            assert isinstance(city.refuse(other.request(3)), CheckpointInconsistentError)
        assert len(city.refusals()) == 2
        other = district.fork(0)
        other.grow(3, text="other")
        city.refuse(other.request(0))
        assert [each.reason for each in city.refusals()] == ["fork", "inconsistent", "inconsistent"]
