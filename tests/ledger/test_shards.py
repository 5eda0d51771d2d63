"""Freezing a log, opening the next, changing a key (RELIABILITY L7, L8)."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ledger import archive, bundle, merkle, proofs, shards, store
from ledger.clock import rfc3339
from ledger.db import Database
from ledger.errors import (
    EntryNotFoundError,
    LogExistsError,
    LogFrozenError,
    LogMismatchError,
    LogNotFrozenError,
    ShardNotFoundError,
)
from ledger.evidence import Evidence
from ledger.fsck import fsck
from ledger.model import EntryState
from ledger.note import NoteSigner, NoteVerifier, open_checkpoint
from ledger.record import Record
from ledger.report import Verdict
from ledger.sequencer import Sequencer
from ledger.trust import LogKey, Trust
from ledger.verify import load_bundle, verify
from tests.ledger.logs import ORIGIN, Log, digests, note

if TYPE_CHECKING:
    from collections.abc import Iterator

NEXT = "log.test/cailian-2"


GRANT = {"grant": "g-1", "terms": "t" * 43}
USE = GRANT | {"use": "u-1", "requester": "r-1", "grant_use": 2}
CONSENT = {"grant": {"consent": {"terms": {}, "signature": "given", "withdrawal": "ended"}}}
DOCUMENT = {"digests": digests(b"lease"), "size": 5}
FACT: dict[str, dict[str, Any]] = {
    "grant.given": {}, "grant.withdrawn": {}, "key.enrolled": {}, "use.intended": DOCUMENT, "use.completed": DOCUMENT
}  # fmt: skip


def signer(origin: str, seed: int) -> NoteSigner:
    return NoteSigner(origin, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


class Writer:
    """A process of the node: a database session that names its key, and what writes with it."""

    def __init__(self, log: Log, key: NoteSigner) -> None:
        self.key = key
        self.verifier = NoteVerifier.parse(key.vkey)
        self.database = Database(shards.as_writer(log.database.url, key.key_id), pool_size=2)
        self.evidence = Evidence(key.name, key, log.clock)
        self._log = log

    def append(self, count: int = 1) -> list[str]:
        with self.database.unit() as db:
            made = [self.evidence.append(db, note(self._log.clock, number)) for number in range(count)]
        return [promise.entry_id for promise in made]

    def record(self, kind: str, parties: dict[str, Any]) -> str:
        fact = {"type": kind, "time": rfc3339(self._log.clock.now()), **FACT[kind]}
        with self.database.unit() as db:
            return self.evidence.append(db, Record(fact, parties)).entry_id

    def sequence(self) -> None:
        sequencer = Sequencer(self.database, self.key, self._log.clock)
        while sequencer.index_batch():
            pass
        self._log.clock.pass_(1.0)
        sequencer.publish()


@pytest.fixture
def log(database: Database) -> Iterator[Log]:
    yield Log(database)
    with database.unit() as db:
        for number in archive.numbers(db):
            db.execute(text(f"DROP SCHEMA {archive.schema(number)} CASCADE"))
        db.execute(text("DROP TRIGGER IF EXISTS guard ON ledger.entry"))


@pytest.fixture
def old(log: Log) -> Iterator[Writer]:
    writer = Writer(log, log.signer)
    yield writer
    writer.database.close()


@pytest.fixture
def new(log: Log) -> Iterator[Writer]:
    writer = Writer(log, signer(NEXT, 7))
    yield writer
    writer.database.close()


def anchor(log: Log) -> None:
    """What the anchor worker writes down for the newest checkpoint."""
    log.run(
        "INSERT INTO ledger.anchor (size, root, state, block_number, block_time) "
        "SELECT size, root, 'confirmed', 1, now() FROM ledger.log ON CONFLICT DO NOTHING"
    )


def freeze(log: Log) -> None:
    with log.database.unit() as db:
        shards.freeze(db, log.clock.now())


def end(log: Log, old: Writer) -> None:
    freeze(log)
    old.sequence()
    anchor(log)


def succeed(log: Log, old: Writer, new: Writer) -> None:
    end(log, old)
    with log.database.unit() as db:
        shards.open_successor(db, NEXT, new.verifier, old.verifier, log.clock)


class TestFreeze:
    def test_takes_no_entry_any_more(self, log, old):
        old.append(3)
        freeze(log)
        with pytest.raises(LogFrozenError):
            old.append()
        with pytest.raises(LogFrozenError), old.database.unit() as db:
            old.evidence.append_many(db, [note(log.clock, 1)])

    def test_puts_what_was_promised_before_into_the_last_checkpoint(self, log, old):
        promised = old.append(3)
        freeze(log)
        old.sequence()
        with log.database.unit() as db:
            assert {status.state for status in store.entry_states(db, promised).values()} == {EntryState.integrated}

    def test_waits_for_who_is_writing(self, log, old):
        writing, wrote = threading.Event(), []

        def slow() -> None:
            with old.database.unit() as db:
                wrote.append(old.evidence.append(db, note(log.clock, 1)).entry_id)
                writing.set()
                freezing.started.wait(60)
                threading.Event().wait(0.3)  # the freezing must outlast this unit, whatever it does meanwhile

        class Freezing(threading.Thread):
            started = threading.Event()

            def run(self) -> None:
                self.started.set()
                freeze(log)
                self.seen = log.run("SELECT count(*) FROM ledger.entry")[0][0]

        freezing, writer = Freezing(), threading.Thread(target=slow)
        writer.start()
        writing.wait(60)
        freezing.start()
        freezing.join(60)
        writer.join(60)
        assert freezing.seen == len(wrote) == 1

    def test_may_be_repeated(self, log, old):
        old.append()
        end(log, old)
        freeze(log)
        with log.database.unit() as db:
            assert shards.ended(db).size == 1


class TestEnded:
    def test_is_not_while_open(self, log, old):
        with pytest.raises(LogNotFrozenError, match="open"), log.database.unit() as db:
            shards.ended(db)

    @pytest.mark.parametrize(
        ("steps", "reason"),
        [(0, "pending"), (1, "not published"), (2, "not anchored")],
        ids=["new", "indexed", "signed"],
    )
    def test_is_not_before_the_last_anchor(self, log, old, steps, reason):
        old.append(2)
        freeze(log)
        if steps:
            log.another_sequencer().index_batch()
        if steps == 2:
            old.sequence()
        with pytest.raises(LogNotFrozenError, match=reason), log.database.unit() as db:
            shards.open_successor(db, NEXT, log.key, log.key, log.clock)


class TestOpenSuccessor:
    def test_lets_the_node_write_to_the_next_log(self, log, old, new):
        old.append(3)
        succeed(log, old, new)
        later = new.append(2)
        new.sequence()
        with log.database.unit() as db:
            head = store.log_head(db)
            assert (head.origin, head.size) == (NEXT, 2)
            assert store.entry_state(db, later[1]).index == 1
            assert open_checkpoint(store.newest_published(db).note, new.verifier).size == 2

    def test_keeps_entries_proofs_and_checkpoints_of_the_old_log(self, log, old, new):
        first = old.append(300)
        succeed(log, old, new)
        new.append(5)
        new.sequence()
        with log.database.unit() as db:
            status = store.entry_state(db, first[42])
            assert (status.origin, status.state, status.index) == (ORIGIN, EntryState.anchored, 42)
            with archive.through(db, archive.number_of(db, first[42])):
                head = open_checkpoint(store.newest_published(db).note, old.verifier)
                leaf = store.entry(db, first[42]).leaf
                path = proofs.inclusion(db, 42, head.size)
                assert store.record(db, first[42]).fact
        merkle.verify_inclusion(merkle.leaf_hash(leaf), 42, head.size, path, head.root)

    def test_leaves_both_logs_whole_for_fsck(self, log, old, new):
        old.append(300)
        succeed(log, old, new)
        new.append(5)
        new.sequence()
        for database, key, entries in (
            (archive.ShardDatabase(log.database, 1), old.verifier, 300),
            (log.database, new.verifier, 5),
        ):
            report = fsck(database, key)
            assert (report.entries, report.records, report.defects) == (entries, entries, [])

    def test_refuses_every_change_of_the_old_log(self, log, old, new):
        old.append(3)
        succeed(log, old, new)
        for statement in (
            "UPDATE ledger_1.entry SET idx = 7 WHERE idx = 0",
            "DELETE FROM ledger_1.checkpoint",
            "INSERT INTO ledger_1.entry (id, leaf, created_at) VALUES (gen_random_uuid(), '', now())",
            "TRUNCATE ledger_1.tile",
        ):
            with pytest.raises(LogFrozenError):
                log.run(statement)

    def test_refuses_a_process_that_still_promises_for_the_old_log(self, log, old, new):
        old.append()
        succeed(log, old, new)
        with pytest.raises(LogMismatchError):
            old.append()
        with pytest.raises(LogMismatchError):
            Sequencer(old.database, old.key, log.clock).index_batch()

    def test_refuses_the_right_name_with_another_key(self, log, old, new):
        old.append()
        succeed(log, old, new)
        wrong = Writer(log, signer(NEXT, 8))
        with pytest.raises(LogMismatchError):
            wrong.append()
        with pytest.raises(LogMismatchError):
            Sequencer(wrong.database, wrong.key, log.clock).index_batch()
        wrong.database.close()

    def test_never_uses_an_origin_again(self, log, old, new):
        old.append()
        succeed(log, old, new)
        new.append()
        with new.database.unit() as db:
            shards.freeze(db, log.clock.now())
        new.sequence()
        anchor(log)
        for origin, key in ((ORIGIN, old), (NEXT, new)):
            with pytest.raises(LogExistsError), log.database.unit() as db:
                shards.open_successor(db, origin, key.verifier, new.verifier, log.clock)

    def test_goes_on_to_a_third_log(self, log, old, new):
        first = old.append(2)
        succeed(log, old, new)
        second = new.append(2)
        with new.database.unit() as db:
            shards.freeze(db, log.clock.now())
        new.sequence()
        anchor(log)
        third = signer("log.test/cailian-3", 9)
        with log.database.unit() as db:
            shards.open_successor(db, third.name, NoteVerifier.parse(third.vkey), new.verifier, log.clock)
        with log.database.unit() as db:
            assert [(each.number, each.origin, each.size) for each in archive.shards(db)] == [
                (1, ORIGIN, 2),
                (2, NEXT, 2),
            ]
            assert [archive.number_of(db, entry_id) for entry_id in (first[0], second[0])] == [1, 2]
            assert dict(shards.retired_keys(db)) == {old.key.vkey: 2, new.key.vkey: 2}

    def test_is_one_unit(self, log, old, new):
        """A database that fails in the middle leaves the frozen log where it was."""
        old.append(2)
        end(log, old)
        log.run("CREATE SCHEMA ledger_1")
        with pytest.raises(DBAPIError), log.database.unit() as db:
            shards.open_successor(db, NEXT, new.verifier, old.verifier, log.clock)
        log.run("DROP SCHEMA ledger_1")
        with log.database.unit() as db:
            assert shards.open_successor(db, NEXT, new.verifier, old.verifier, log.clock).size == 2


class TestBundle:
    """A bundle is of one log: what is left of an act there must still be one."""

    def build(self, writer: Writer, kind: str, *entries: str, **beside: list[str]) -> dict[str, Any]:
        with writer.database.unit() as db:
            return bundle.build(db, writer.evidence, kind, entries, beside=beside, members=CONSENT)

    def test_use_of_a_grant_given_in_the_log_before_and_ended_in_this_one(self, log, old, new):
        given, key = old.record("grant.given", GRANT), old.record("key.enrolled", {"key": "k-1", "terms": "e" * 43})
        earlier = old.record("use.intended", USE | {"use": "u-0", "grant_use": 1})
        succeed(log, old, new)
        uses = [new.record("use.intended", USE), new.record("use.completed", USE)]
        ended = new.record("grant.withdrawn", GRANT)
        new.sequence()
        made = self.build(new, "use", *uses, grant=[given, ended], key=[key], earlier=[earlier])
        assert made["critical"] == ["log", "use"]
        report = verify(load_bundle(json.dumps(made).encode()), Trust((LogKey(new.verifier),)))
        assert report.verdict is Verdict.logged

    def test_grant_whose_end_is_in_the_next_log_shows_how_it_was_given(self, log, old, new):
        given, used = old.record("grant.given", GRANT), old.record("use.intended", USE)
        succeed(log, old, new)
        ended = new.record("grant.withdrawn", GRANT)
        new.sequence()
        shown = {"terms": {}, "signature": "given"}
        beside = {"use": {"grant": [given, ended]}, "grant": {}}
        for kind, entries in (("grant", [given, ended]), ("use", [used])):
            section = self.build(new, kind, *entries, **beside[kind])["sections"]["grant"]
            assert (len(section["entries"]), section["consent"]) == (1, shown)

    def test_of_a_chain_that_began_in_the_log_before_no_signature_is_shown(self, log, old, new):
        """The links are one for each entry, from the first on; a part of them is no chain."""
        first = old.append()
        succeed(log, old, new)
        second, given = new.append(), new.record("grant.given", GRANT)
        new.sequence()
        with new.database.unit() as db:
            links = {"delegation": {"links": [{}, {}]}}
            made = bundle.build(
                db, new.evidence, "grant", [given], beside={"delegation": [*first, *second]}, members=links
            )
        assert made["sections"]["delegation"].keys() == {"entries"}


class TestThrough:
    def test_ends_with_its_block(self, log, old, new):
        first = old.append(2)
        succeed(log, old, new)
        with log.database.unit() as db:
            with archive.through(db, 1):
                assert store.log_head(db).size == 2
            assert store.log_head(db).size == 0
            with pytest.raises(EntryNotFoundError):
                store.entry(db, first[0])

    def test_knows_no_other_numbers(self, log):
        with pytest.raises(ShardNotFoundError), log.database.unit() as db:
            archive.shard(db, 1)


class TestChangeKey:
    def test_lets_the_new_key_go_on_and_keeps_the_old_one_for_its_past(self, log, old):
        old.append(3)
        old.sequence()
        other = Writer(log, signer(ORIGIN, 9))
        with log.database.unit() as db:
            assert shards.change_key(db, old.verifier, other.verifier, log.clock.now()) == 3
        other.append(2)
        other.sequence()
        with log.database.unit() as db:
            assert shards.retired_keys(db) == [(old.key.vkey, 3)]
            assert shards.first_key(db, ORIGIN) == old.key.vkey
            before, after = store.checkpoints(db)
            assert open_checkpoint(before.note, old.verifier).size == 3
            assert open_checkpoint(after.note, other.verifier).size == 5
            merkle.verify_consistency(3, 5, proofs.consistency(db, 3, 5), before.head.root, after.head.root)
        other.database.close()

    def test_refuses_processes_with_the_old_key(self, log, old):
        old.append()
        other = Writer(log, signer(ORIGIN, 9))
        with log.database.unit() as db:
            shards.change_key(db, old.verifier, other.verifier, log.clock.now())
        with pytest.raises(LogMismatchError):
            old.append()
        other.append()
        other.database.close()

    def test_takes_no_key_of_another_log(self, log, old, new):
        with pytest.raises(LogMismatchError), log.database.unit() as db:
            shards.change_key(db, old.verifier, new.verifier, log.clock.now())
