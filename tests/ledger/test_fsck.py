"""fsck on a whole log says nothing; on one changed byte it says where, and only that."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert

from ledger import chainproof, erasure, merkle, proofs, store, tables
from ledger.chain import AnchoredHead
from ledger.clear import RegisterPublished
from ledger.cosign import Cosigner
from ledger.crosscheck import Beside
from ledger.db import Database
from ledger.errors import FsckStateError, LogMissingError, ObjectMissingError
from ledger.fsck import fsck
from ledger.fsckstate import FsckReport
from ledger.merkle import LeafNodes
from ledger.note import Note, NoteSigner, NoteVerifier
from tests.ledger.logs import ORIGIN, Log

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FLIP = "set_byte({0}, {1}, get_byte({0}, {1}) # 1)"


@pytest.fixture
def log(database: Database) -> Log:
    log = Log(database)
    for count in (1, 300, 299):
        log.append(count)
        log.integrate()
    log.append(100)
    log.sequencer.index_batch()
    log.append(4)
    return log


def check(log: Log) -> FsckReport:
    return fsck(log.database, log.key, beside=Beside())


def defects(log: Log) -> list[str]:
    return check(log).as_json()["defects"]


class TestWhole:
    def test_finds_nothing_wrong(self, log: Log) -> None:
        seen: list[tuple[int, int]] = []
        report = fsck(log.database, log.key, progress=lambda done, total: seen.append((done, total)))
        assert report.defects == []
        assert (report.entries, report.pending, report.records, report.erased) == (700, 4, 704, 0)
        assert (report.checkpoints, report.tiles) == (3, 4)
        with log.database.unit() as db:
            hashes = [merkle.leaf_hash(leaf) for _, leaf in store.indexed_leaves(db, 0, 700)]
        assert report.root == merkle.root(LeafNodes(hashes), 700).hex()
        assert seen == [(700, 700)]

    def test_takes_an_empty_log(self, database: Database) -> None:
        empty = Log(database)
        assert check(empty).as_json() == {
            **dict.fromkeys(
                ["entries", "pending", "records", "erased", "clear", "tiles", "checkpoints", "anchors", "objects"], 0
            ),
            "defect_count": 0,
            "root": merkle.EMPTY_ROOT.hex(),
            "defects": [],
        }

    def test_takes_a_log_of_several_pages(self, database: Database) -> None:
        log = Log(database)
        log.append(4096)
        log.integrate()
        log.append(4097)
        log.integrate()
        report = check(log)
        assert (report.entries, report.records, report.tiles, report.defects) == (8193, 8193, 34, [])

    def test_erasure_is_no_defect(self, log: Log) -> None:
        entry = log.run("SELECT id::text FROM ledger.entry WHERE idx = 7")[0][0]
        with log.database.unit() as db:
            erasure.propose(db, erasure.Kind.record, entry, "retention ended", "ops-1", log.clock)
            erasure.approve(db, log.evidence, erasure.Kind.record, entry, "ops-2", log.clock)
        report = check(log)
        assert (report.defects, report.erased, report.records) == ([], 1, 704)

    def test_a_record_that_nobody_erased_was_lost(self, log: Log) -> None:
        entry = log.run("SELECT id::text FROM ledger.entry WHERE idx = 7")[0][0]
        with log.database.unit() as db:
            store.erase_record(db, entry)
        assert defects(log) == ["record-lost: index 7"]

    def test_needs_a_log(self, log: Log) -> None:
        log.run("DELETE FROM ledger.log")
        with pytest.raises(LogMissingError):
            check(log)


class TestDamage:
    @pytest.mark.parametrize(
        ("table", "column", "byte", "where", "expected"),
        [
            ("entry", "leaf", 20, "idx = 0", ["record-does-not-open: index 0", "leaf-damaged: index 0"]),
            ("entry", "leaf", 56, "idx = 599", ["record-does-not-open: index 599", "leaf-damaged: index 599"]),
            ("tile", "hashes", 0, "level = 0 AND n = 0", ["tile-wrong: tile 0/000 hash 0"]),
            ("tile", "hashes", 8191, "level = 0 AND n = 1", ["tile-wrong: tile 0/001 hash 255"]),
            ("tile", "hashes", 99, "level = 0 AND n = 2", ["tile-wrong: tile 0/002.p/188 hash 3"]),
            ("tile", "hashes", 40, "level = 1", ["tile-wrong: tile 1/000.p/2 hash 1"]),
            ("checkpoint", "root", 31, "size = 301", ["checkpoint-row: size 301", "checkpoint-root: size 301"]),
            ("log", "root", 5, "true", ["head-root: size 700"]),
        ],
    )
    def test_a_flipped_bit_is_named(
        self, log: Log, table: str, column: str, byte: int, where: str, expected: list[str]
    ) -> None:
        log.run(f"UPDATE ledger.{table} SET {column} = {FLIP.format(column, byte)} WHERE {where}")
        assert defects(log) == expected

    @pytest.mark.parametrize("part", ["fact", "parties", "value"])
    @pytest.mark.parametrize("index", [0, 650])
    def test_a_flipped_bit_of_a_record_is_named(self, log: Log, part: str, index: int) -> None:
        entry = f"(SELECT id FROM ledger.entry WHERE idx = {index})"
        place = f"secret SET value = {FLIP.format('value', 3)} WHERE id" if part == "value" else None
        place = place or f"record SET {part} = {FLIP.format(part, 3)} WHERE entry_id"
        log.run(f"UPDATE ledger.{place} = {entry}")
        assert defects(log) == [f"record-does-not-open: index {index}"]

    def test_a_pending_entry_is_looked_at_too(self, log: Log) -> None:
        entry = log.run("SELECT id::text FROM ledger.entry WHERE idx IS NULL ORDER BY seq LIMIT 1")[0][0]
        log.run(f"UPDATE ledger.record SET fact = {FLIP.format('fact', 3)} WHERE entry_id = '{entry}'")
        assert defects(log) == [f"record-does-not-open: entry {entry}"]

    def test_a_leaf_exchanged_with_its_record_is_named(self, log: Log) -> None:
        log.run("UPDATE ledger.entry SET idx = -1 WHERE idx = 20")
        log.run("UPDATE ledger.entry SET idx = 20 WHERE idx = 21")
        log.run("UPDATE ledger.entry SET idx = 21 WHERE idx = -1")
        assert defects(log) == ["leaf-damaged: index 20", "leaf-damaged: index 21"]

    def test_a_leaf_cut_off_is_named(self, log: Log) -> None:
        log.run("UPDATE ledger.entry SET leaf = substring(leaf FROM 1 FOR 56) WHERE idx = 3")
        assert "leaf-malformed: index 3" in defects(log)

    def test_a_missing_entry_is_named(self, log: Log) -> None:
        log.run("DELETE FROM ledger.entry WHERE idx = 400")
        assert sorted(each.partition(" ")[0] for each in defects(log)) == ["leaf-missing:", "record-of-nothing:"]

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            ("level = 0 AND n = 1", "tile-missing: tile 0/001"),
            ("level = 0 AND n = 2", "tile-missing: tile 0/002.p/188"),
            ("level = 1", "tile-missing: tile 1/000.p/2"),
        ],
    )
    def test_a_missing_tile_is_named(self, log: Log, where: str, expected: str) -> None:
        log.run(f"DELETE FROM ledger.tile WHERE {where}")
        assert defects(log) == [expected]

    def test_a_tile_too_many_is_named(self, log: Log) -> None:
        log.run("INSERT INTO ledger.tile SELECT 0, 3, width, hashes FROM ledger.tile WHERE level = 1")
        assert defects(log) == ["tile-extra: tile 0/003"]

    def test_entries_in_clear_have_no_record_and_lost_none(self, log: Log) -> None:
        with log.database.unit() as db:
            log.evidence.append_clear(
                db, RegisterPublished(log.clock.now(), "duties", 1, "11310113XX00000A2R", "0" * 64, "1" * 64)
            )
        log.integrate()
        report = check(log)
        assert (report.clear, report.erased, report.defects) == (1, 0, [])
        log.run(
            "UPDATE ledger.entry SET leaf = convert_to(replace(convert_from(leaf, 'UTF8'), 'duties', 'DUTIES'), 'UTF8')"
            " WHERE leaf LIKE '{\"clear\"%'"
        )
        assert "leaf-malformed" in {each.code for each in check(log).defects}

    def test_half_a_record_is_lost_and_not_erased(self, log: Log) -> None:
        first, second = (log.run(f"SELECT id::text FROM ledger.entry WHERE idx = {index}")[0][0] for index in (1, 2))
        log.run(f"DELETE FROM ledger.secret WHERE id = '{first}'")
        log.run(f"DELETE FROM ledger.record WHERE entry_id = '{second}'")
        assert sorted(defects(log)) == [f"record-missing: entry {second}", f"salts-missing: entry {first}"]

    def test_a_checkpoint_signed_by_another_is_named(self, log: Log) -> None:
        log.run("UPDATE ledger.checkpoint SET note = replace(note, '301', '302') WHERE size = 301")
        assert defects(log) == ["checkpoint-signature: size 301"]

    def test_a_log_of_another_key_is_named(self, log: Log) -> None:
        key = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
        found = fsck(log.database, NoteVerifier.parse(key.vkey)).as_json()["defects"]
        assert found == [f"log-identity: {ORIGIN}", *(f"checkpoint-signature: size {size}" for size in (1, 301, 600))]

    def test_a_log_older_than_its_checkpoint_is_named(self, log: Log) -> None:
        log.run("INSERT INTO ledger.checkpoint SELECT 9000, root, note, at FROM ledger.checkpoint WHERE size = 600")
        assert defects(log) == ["checkpoint-beyond-log: size 9000"]

    def test_a_size_that_nothing_stands_for_is_named_and_not_searched(self, log: Log) -> None:
        log.run("UPDATE ledger.log SET size = size + (1::bigint << 40)")
        assert defects(log) == [f"head-size: size {700 + (1 << 40)}"]

    def test_an_index_beyond_the_head_is_named(self, log: Log) -> None:
        log.run("UPDATE ledger.entry SET idx = 9000 WHERE idx IS NULL AND seq = (SELECT max(seq) FROM ledger.entry)")
        assert defects(log) == ["entry-beyond-log: index 9000"]

    def test_an_anchor_of_another_root_is_named(self, log: Log) -> None:
        with log.database.unit() as db:
            for size, root in ((301, proofs.root(db, 301)), (600, bytes(32))):
                db.execute(insert(tables.anchor).values(size=size, root=root, state="confirmed"))
        report = check(log)
        assert (report.anchors, report.as_json()["defects"]) == (2, ["anchor-root: size 600"])

    def test_counts_on_when_all_is_wrong(self, log: Log) -> None:
        log.run(f"UPDATE ledger.record SET fact = {FLIP.format('fact', 3)}")
        log.run(f"UPDATE ledger.record SET parties = {FLIP.format('parties', 3)}")
        log.run("DELETE FROM ledger.secret WHERE id IN (SELECT id FROM ledger.entry WHERE idx >= 100)")
        report = check(log)
        assert report.defect_count == 100 + 604
        assert len(report.defects) == report.defect_count


class TestBeside:
    def test_a_key_without_its_object_is_named_and_the_reverse(self, log: Log) -> None:
        lone = "01890000-0000-7000-8000-000000000001"
        with log.database.unit() as db:
            db.execute(insert(tables.secret).values(kind="object", id=lone, value=b"key"))
        assert defects(log) == [f"key-of-nothing: object {lone}"]

    def test_a_promise_not_kept_is_named(self, log: Log) -> None:
        pending = log.run("SELECT id::text FROM ledger.entry WHERE idx IS NULL OR idx >= 600 ORDER BY seq")
        now = log.clock.now()
        assert fsck(log.database, log.key, beside=Beside(now=now)).defects == []
        late = fsck(log.database, log.key, beside=Beside(now=now + timedelta(seconds=61))).as_json()["defects"]
        assert late == [f"promise-overdue: entry {entry}" for (entry,) in pending]

    def test_a_checkpoint_short_of_its_witnesses_is_named(self, log: Log) -> None:
        witness = Cosigner("witness.test/a", Ed25519PrivateKey.from_private_bytes(bytes(31) + b"w"))
        beside = Beside(witnesses=(witness.verifier,))
        log.run("UPDATE ledger.checkpoint SET quorum = 1 WHERE size >= 301")
        (note,) = log.run("SELECT note FROM ledger.checkpoint WHERE size = 301")[0]
        signed = note + witness.cosign(Note.parse(note).text, 1_790_000_000)
        log.run("UPDATE ledger.checkpoint SET note = :note WHERE size = 301", note=signed)
        assert fsck(log.database, log.key, beside=beside).as_json()["defects"] == ["checkpoint-quorum: size 600"]

    @pytest.mark.parametrize(
        ("size", "expected"),
        [(300, "anchor-lost: size 301"), (301, None), (600, None), (9000, "anchor-beyond-log: size 9000")],
    )
    def test_the_chain_and_the_rows_agree(self, log: Log, size: int, expected: str | None) -> None:
        class Asked:
            def last_anchor(self, log_id: bytes) -> AnchoredHead:
                assert log_id == chainproof.log_id(ORIGIN)
                return AnchoredHead(size, bytes(32), 1)

        with log.database.unit() as db:
            root = proofs.root(db, 301)
            db.execute(insert(tables.anchor).values(size=301, root=root, state="confirmed"))
        found = fsck(log.database, log.key, beside=Beside(chain=Asked())).as_json()["defects"]
        assert found == ([expected] if expected else [])

    def test_a_transaction_under_another_hash_is_named(self, log: Log) -> None:
        values = {"size": 9, "root": bytes(32), "state": "void", "raw_tx": b"raw", "tx_hash": bytes(32)}
        with log.database.unit() as db:
            db.execute(insert(tables.anchor).values(**values))
        assert defects(log) == ["anchor-transaction: size 9"]

    def test_a_proof_that_proves_nothing_is_named(self, log: Log) -> None:
        with log.database.unit() as db:
            root = proofs.root(db, 301)
            db.execute(insert(tables.anchor).values(size=301, root=root, state="confirmed", proof={"size": 301}))
        assert defects(log) == ["anchor-proof: size 301"]


class TestResume:
    class Stopped(Exception):
        pass

    @pytest.fixture
    def long(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> Log:
        """A log of four pages, saved after each."""
        monkeypatch.setattr("ledger.fsck._SAVE_PAGES", 1)
        log = Log(database)
        for _ in range(3):
            log.append(4096)
        log.integrate()
        log.append(10)
        log.integrate()
        log.run(f"UPDATE ledger.entry SET leaf = {FLIP.format('leaf', 20)} WHERE idx = 5")
        log.run(f"UPDATE ledger.record SET fact = {FLIP.format('fact', 3)} WHERE entry_id ="
                " (SELECT id FROM ledger.entry WHERE idx = 9000)")  # fmt: skip
        return log

    def stop_at(self, log: Log, state: Path, size: int) -> None:
        def progress(done: int, _total: int) -> None:
            if done > size:
                raise self.Stopped

        with pytest.raises(self.Stopped):
            fsck(log.database, log.key, beside=Beside(), progress=progress, resume=state)

    def test_a_stopped_run_goes_on_and_finds_the_same(self, long: Log, tmp_path: Path) -> None:
        whole = check(long)
        assert whole.defect_count == 3
        state, seen = tmp_path / "state", []
        self.stop_at(long, state, 4096)
        resumed = fsck(
            long.database, long.key, beside=Beside(), progress=lambda done, _: seen.append(done), resume=state
        )
        assert resumed.as_json() == whole.as_json()
        assert seen == [8192, 12288, 12298]
        assert not state.exists()

    def test_a_log_that_grew_meanwhile_is_checked_to_its_end(self, long: Log, tmp_path: Path) -> None:
        self.stop_at(long, tmp_path / "state", 4096)
        long.append(5000)
        long.integrate()
        resumed = fsck(long.database, long.key, beside=Beside(), resume=tmp_path / "state")
        assert resumed.as_json() == check(long).as_json()

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda text: "{",
            lambda text: text.replace(ORIGIN, "other.test/log"),
            lambda text: text.replace('"version": 1', '"version": 2'),
            lambda text: text.replace('"size": 4096', '"size": 8192'),
            lambda text: text.replace('"nodes": ["', '"nodes": ["ff'),
            lambda text: re.sub(r'"nodes": \["..', '"nodes": ["00', text),
        ],
        ids=["no JSON", "another log", "another version", "another place", "a node too long", "another node"],
    )
    def test_a_state_of_something_else_is_refused(self, long: Log, tmp_path: Path, spoil: Callable[[str], str]) -> None:
        state = tmp_path / "state"
        self.stop_at(long, state, 4096)
        state.write_text(spoil(state.read_text()))
        with pytest.raises(FsckStateError):
            fsck(long.database, long.key, resume=state)

    def test_a_state_beyond_a_restored_log_is_refused(self, long: Log, tmp_path: Path) -> None:
        self.stop_at(long, tmp_path / "state", 4096)
        long.run("UPDATE ledger.log SET size = 100")
        with pytest.raises(FsckStateError):
            fsck(long.database, long.key, resume=tmp_path / "state")


class TestObjects:
    class Shelf:
        """What an object store holds, by key."""

        def __init__(self, **sizes: int) -> None:
            self.sizes = sizes

        def held_size(self, key: str, version_id: str) -> int:
            assert version_id == "v1"
            if key not in self.sizes:
                raise ObjectMissingError
            return self.sizes[key]

    def test_missing_and_cut_objects_are_named_and_erased_ones_are_not(self, log: Log) -> None:
        ids = {
            name: f"01890000-0000-7000-8000-00000000000{n}"
            for n, name in enumerate(["good", "cut", "gone", "erased", "lost"])
        }
        with log.database.unit() as db:
            for name, object_id in ids.items():
                db.execute(
                    insert(tables.object_).values(
                        id=object_id,
                        key=name,
                        size=10,
                        cipher_size=26,
                        profile="intl",
                        chunk=65536,
                        sha256=bytes(32),
                        sm3=bytes(32),
                        version_id="v1",
                        retain_until=log.clock.at,
                    )
                )
                if name in ("erased", "lost"):
                    continue
                db.execute(insert(tables.secret).values(kind="object", id=object_id, value=b"key"))
            values = {"kind": "object", "id": ids["erased"], "reason": "x", "proposer": "a", "approver": "b"}
            at = {"proposed_at": log.clock.at, "erased_at": log.clock.at}
            db.execute(insert(tables.erasure).values(**values, **at))
        report = fsck(log.database, log.key, beside=Beside(), objects=self.Shelf(good=26, cut=25))
        assert report.objects == 2
        assert report.as_json()["defects"] == [
            f"key-lost: object {ids['lost']}",
            f"object-size: object {ids['cut']}",
            f"object-missing: object {ids['gone']}",
        ]
