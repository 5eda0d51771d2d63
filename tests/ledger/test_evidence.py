"""Appending and promising: with the caller's act or not at all, and signed for each leaf."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import store
from ledger.db import Database
from ledger.errors import EntryNotFoundError, NotCanonicalError, PromiseInvalidError, RecordErasedError
from ledger.evidence import Evidence
from ledger.model import EntryState
from ledger.note import NoteSigner, NoteVerifier
from ledger.promise import Promise
from ledger.record import Opening, Record, open_leaf
from tests.ledger.logs import ORIGIN, Log, note


@pytest.fixture
def log(database: Database) -> Log:
    return Log(database)


class TestAppend:
    def test_stores_what_opens_the_leaf(self, log: Log) -> None:
        with log.database.unit() as db:
            promise = log.evidence.append(db, Record({"type": "x"}, {"case": "C-1"}))
        with log.database.unit() as db:
            held = store.record(db, promise.entry_id)
            assert store.entry(db, promise.entry_id).leaf == promise.leaf
            assert store.entry_state(db, promise.entry_id).state is EntryState.pending
        open_leaf(promise.leaf, Opening.of(held.fact, held.parties, held.salts))
        assert (held.fact, held.parties) == (b'{"type":"x"}', b'{"case":"C-1"}')

    def test_leaves_nothing_when_the_callers_act_fails(self, log: Log) -> None:
        def act() -> None:
            with log.database.unit() as db:
                log.evidence.append(db, Record({"type": "x"}, {}))
                log.evidence.append_many(db, [Record({"type": "x"}, {})])
                raise LookupError

        with pytest.raises(LookupError):
            act()
        for table in ("entry", "record", "secret"):
            assert log.run(f"SELECT count(*) FROM ledger.{table}") == [(0,)]

    def test_refuses_a_record_outside_the_subset(self, log: Log) -> None:
        with log.database.unit() as db, pytest.raises(NotCanonicalError):
            log.evidence.append(db, Record({"type": "x", "ratio": 0.5}, {}))


class TestAppendMany:
    def test_stores_all_in_order(self, log: Log) -> None:
        with log.database.unit() as db:
            promises = log.evidence.append_many(db, [note(log.clock, number) for number in range(300)])
        log.integrate()
        with log.database.unit() as db:
            leaves = [leaf for _, leaf in store.indexed_leaves(db, 0, 300)]
            for promise in promises:
                held = store.record(db, promise.entry_id)
                open_leaf(promise.leaf, Opening.of(held.fact, held.parties, held.salts))
        assert leaves == [promise.leaf for promise in promises]
        for promise in promises:
            promise.verify(log.key)

    def test_takes_an_empty_batch(self, log: Log) -> None:
        with log.database.unit() as db:
            assert log.evidence.append_many(db, []) == []


class TestPromise:
    def test_is_the_logs_own_with_a_deadline_of_a_minute(self, log: Log) -> None:
        with log.database.unit() as db:
            promise = log.evidence.append(db, note(log.clock, 1))
        promise.verify(log.key)
        assert (promise.log, promise.deadline - promise.promised_at) == (ORIGIN, timedelta(seconds=60))
        assert Promise.from_json(promise.to_json()) == promise

    def test_can_be_signed_again_later_with_its_own_time(self, log: Log) -> None:
        with log.database.unit() as db:
            promise = log.evidence.append(db, note(log.clock, 1))
        log.clock.pass_(30)
        with log.database.unit() as db:
            assert log.evidence.promise(db, promise.entry_id) == promise

    def test_is_refused_when_anything_signed_is_changed(self, log: Log) -> None:
        with log.database.unit() as db:
            _, promise, other = log.evidence.append_many(db, [note(log.clock, number) for number in range(3)])
        later = promise.deadline + timedelta(seconds=1)
        changes = [
            {"leaf": other.leaf},
            {"deadline": later},
            {"promised_at": later},
            {"position": 0},
            {"count": 4},
            {"path": promise.path[:-1]},
            {"path": other.path},
            {"root": bytes(32)},
            {"root": b""},
            {"log": "other"},
            {"signature": bytes(64)},
            {"signature": b""},
        ]
        for change in changes:
            with pytest.raises(PromiseInvalidError):
                replace(promise, **change).verify(log.key)

    def test_is_refused_under_another_key(self, log: Log) -> None:
        with log.database.unit() as db:
            promise = log.evidence.append(db, note(log.clock, 1))
        stranger = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
        with pytest.raises(PromiseInvalidError):
            promise.verify(NoteVerifier.parse(stranger.vkey))

    def test_json_of_another_shape_is_refused(self, log: Log) -> None:
        with log.database.unit() as db:
            good = log.evidence.append(db, note(log.clock, 1)).to_json()
        bad = [
            [],
            {},
            good | {"v": 2},
            good | {"more": 1},
            {name: good[name] for name in good if name != "leaf"},
            good | {"path": "x"},
            good | {"path": [1]},
            good | {"path": ["AA=="] * 65},
            good | {"count": True},
            good | {"deadline": "yesterday"},
            good | {"deadline": "2026-11-21T04:00:00"},
            good | {"signature": "?"},
            good | {"leaf": "键"},
        ]
        for value in bad:
            with pytest.raises(PromiseInvalidError):
                Promise.from_json(value)

    def test_an_evidence_signs_under_its_origin_only(self, log: Log) -> None:
        with pytest.raises(ValueError, match="origin"):
            Evidence("other", log.signer, log.clock)


class TestStore:
    def test_unknown_entries_are_named(self, log: Log) -> None:
        unknown = "01890000-0000-7000-8000-000000000000"
        with log.database.unit() as db:
            with pytest.raises(EntryNotFoundError):
                store.entry(db, unknown)
            with pytest.raises(EntryNotFoundError):
                store.entry_state(db, unknown)

    def test_an_erased_record_cannot_be_opened(self, log: Log) -> None:
        (entry_id, other) = log.append(2)
        with log.database.unit() as db:
            store.erase_record(db, entry_id)
        with log.database.unit() as db:
            with pytest.raises(RecordErasedError):
                store.record(db, entry_id)
            store.record(db, other)
            assert len(store.entry(db, entry_id).leaf) == len(store.entry(db, other).leaf)

    def test_states_follow_checkpoint_and_anchor(self, log: Log) -> None:
        first = log.append(3)
        log.integrate()
        second = log.append(3)
        log.integrate()
        third = log.append(1)
        log.sequencer.index_batch()
        log.run(
            "INSERT INTO ledger.anchor (size, root, state, block_time)"
            " VALUES (3, :root, 'confirmed', now()), (6, :root, 'sending', now())",
            root=bytes(32),
        )
        with log.database.unit() as db:
            states = store.entry_states(db, [first[0], first[2], second[0], third[0]])
        assert [(s.state.value, s.index, s.checkpoint_size, s.anchor_size) for s in states.values()] == [
            ("anchored", 0, 3, 3),
            ("anchored", 2, 3, 3),
            ("integrated", 3, 6, None),
            ("pending", 6, None, None),
        ]
