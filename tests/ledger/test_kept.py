"""Digests of documents that departments keep: sealed like every act, indexed at once, found by their owner only."""

from __future__ import annotations

import json
import uuid
from base64 import b64decode, b64encode
from collections.abc import Generator
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, strategies as st

from ledger import kept, keptrows, store
from ledger.clock import rfc3339
from ledger.db import Database
from ledger.errors import (
    EntryNotFoundError,
    InvalidKeptDocumentError,
    LogBusyError,
    PromiseInvalidError,
    RecordErasedError,
)
from ledger.fsck import fsck
from ledger.kept import Keeping, Kept, KeptDocument, KeptDocuments
from ledger.model import EntryState
from ledger.promise import BatchPromise
from ledger.record import Opening, canonical, open_leaf
from ledger.steps import run
from tests.ledger.logs import Log

OWNER, OTHER = "019a0000-0000-7000-8000-000000000001", "019a0000-0000-7000-8000-000000000002"
ORG = "11310113XX00000A2R"
NOTHING = ("DELETE FROM ledger.kept WHERE entry_id = %(none)s::uuid", {"none": str(uuid.UUID(int=0))})
"""What the caller writes beside: here nothing."""


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def keeping(name: str, owner: str = OWNER, **more: Any) -> Keeping:
    return Keeping(owner, ORG, KeptDocument(f"REF-{name}", digest(name), **more))


@pytest.fixture
def log(database: Database) -> Log:
    return Log(database)


@pytest.fixture
def documents(log: Log) -> KeptDocuments:
    return KeptDocuments(log.evidence, log.sequencer, log.clock)


def anchor(log: Log, documents: KeptDocuments, *batch: Keeping, waiting: bool = False) -> Kept:
    with log.database.unit() as db:
        return documents.anchor(db, batch, lambda *_: NOTHING, waiting=waiting)


def anchor_few(log: Log, documents: KeptDocuments, *batch: Keeping, waiting: bool = False) -> Kept:
    """The same by steps, in the same form."""
    told: list[Any] = []

    def beside(*given: Any) -> Any:
        told.extend(given)
        return NOTHING

    with log.database.unit() as db:
        run(db, documents.anchor_few(batch, beside, waiting=waiting))
    return Kept(told[0], tuple(told[1]), None)


WAYS = pytest.mark.parametrize("way", [anchor, anchor_few])


class TestKeptDocument:
    @pytest.mark.parametrize(
        ("change", "member"),
        [
            ({"sha256": "A" * 64}, "sha256"),
            ({"sha256": "a" * 63}, "sha256"),
            ({"sha256": 7}, "sha256"),
            ({"sha256": digest("x") + "\n"}, "sha256"),
            ({"sm3": "0"}, "sm3"),
            ({"reference": ""}, "reference"),
            ({"reference": "x" * 129}, "reference"),
            ({"reference": "张三"}, "reference"),
            ({"reference": 'a"b'}, "reference"),
            ({"reference": "a\\b"}, "reference"),
            ({"reference": None}, "reference"),
            ({"reference": "a b"}, "reference"),
            ({"type_code": "X" * 33}, "type_code"),
            ({"type_code": ""}, "type_code"),
            ({"size": -1}, "size"),
            ({"size": True}, "size"),
            ({"size": 2**53}, "size"),
            ({"size": "12"}, "size"),
            ({"size": 1.0}, "size"),
            ({"name": "x"}, "unknown"),
        ],
    )
    def test_refuses_another_form_and_names_the_member_only(self, change: dict[str, Any], member: str) -> None:
        with pytest.raises(InvalidKeptDocumentError) as caught:
            KeptDocument.of({"reference": "R", "sha256": digest("x")} | change)
        assert caught.value.fields == {"member": member}

    @given(
        st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}\Z"),
        st.none() | st.just(digest("sm3")),
        st.none() | st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9.-]{0,31}\Z"),
        st.none() | st.integers(0, 2**53 - 1),
    )
    def test_is_written_as_the_canonical_form(
        self, reference: str, sm3: str | None, code: str | None, size: int | None
    ) -> None:
        each = Keeping(OWNER, ORG, KeptDocument(reference, digest("x"), sm3, code, size))
        fact: dict[str, Any] = {"type": "evidence.anchored", "time": "2026-11-21T04:00:00.000Z"}
        fact["digests"] = {"sha256": digest("x")} | ({"sm3": sm3} if sm3 else {})
        fact |= {"size": size} if size is not None else {}
        fact |= {"type_code": code} if code else {}
        assert kept._fact(each.document, fact["time"]) == canonical(fact)
        assert kept._parties(each) == canonical({"reference": reference, "requester": ORG})


class TestAnchor:
    @WAYS
    @pytest.mark.parametrize("waiting", [False, True])
    def test_stores_what_opens_each_leaf(self, log: Log, documents: KeptDocuments, way: Any, waiting: bool) -> None:
        batch = [keeping("a", size=7, sm3=digest("sm3")), keeping("b", type_code="CL022"), keeping("c", OTHER)]
        held = way(log, documents, *batch, waiting=waiting)
        held.promise.verify(log.key)
        with log.database.unit() as db:
            for each, (entry_id, leaf) in zip(batch, held.promise.entries, strict=True):
                record = store.record(db, entry_id)
                open_leaf(leaf, Opening.of(record.fact, record.parties, record.salts))
                fact = json.loads(record.fact)
                assert fact["digests"]["sha256"] == each.document.sha256
                assert fact["time"] == rfc3339(held.promise.promised_at)
                assert json.loads(record.parties) == {"reference": each.document.reference, "requester": ORG}
                index = store.entry(db, entry_id).index
                assert index is None if waiting else index is not None
        log.integrate()
        assert fsck(log.database, log.key).defects == []
        with log.database.unit() as db:
            states = store.entry_states(db, [entry_id for entry_id, _ in held.promise.entries])
        assert {state.state for state in states.values()} == {EntryState.integrated}

    @WAYS
    def test_indices_follow_in_order_after_what_was_waiting(self, log: Log, documents: KeptDocuments, way: Any) -> None:
        waiting = log.append(3)
        held = way(log, documents, *(keeping(str(number)) for number in range(300)))
        ids = [entry_id for entry_id, _ in held.promise.entries]
        rows = log.run("SELECT id::text FROM ledger.entry ORDER BY idx")
        assert [row[0] for row in rows] == waiting + ids
        more = way(log, documents, keeping("later"))
        assert log.run("SELECT max(idx) FROM ledger.entry") == [(303,)]
        log.integrate()
        assert fsck(log.database, log.key).defects == []
        assert more.earlier == (None,)

    def test_gives_all_that_waits_its_indices_even_more_than_one_batch(
        self, log: Log, documents: KeptDocuments, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ledger.sequencer.BATCH", 5)
        log.append(12)
        for name in "abc":
            anchor(log, documents, keeping(name))
        assert log.run("SELECT count(*) FROM ledger.entry WHERE idx IS NULL") == [(0,)]

    @WAYS
    def test_says_with_which_entry_the_owner_anchored_a_digest_before(
        self, log: Log, documents: KeptDocuments, way: Any
    ) -> None:
        first = way(log, documents, keeping("a"), keeping("a"), keeping("b")).promise.entries
        assert way(log, documents, keeping("a"), keeping("a", OTHER), keeping("c")).earlier == (first[0][0], None, None)
        again = way(log, documents, keeping("d"), keeping("a"), keeping("d"))
        assert again.earlier == (None, first[0][0], again.promise.entries[0][0])

    @WAYS
    def test_leaves_nothing_when_the_unit_fails(self, log: Log, documents: KeptDocuments, way: Any) -> None:
        before = way(log, documents, keeping("a"))

        def fail() -> None:
            with log.database.unit() as db:
                if way is anchor:
                    documents.anchor(db, [keeping("b")], lambda *_: NOTHING)
                else:
                    run(db, documents.anchor_few([keeping("b")], lambda *_: NOTHING))
                raise ConnectionError

        with pytest.raises(ConnectionError):
            fail()
        counts = [log.run(f"SELECT count(*) FROM ledger.{name}") for name in ("entry", "record", "kept", "secret")]
        assert counts == [[(1,)]] * 4
        # The sequencer keeps the edge of its last unit in memory; after one that failed it must not be used.
        after = way(log, documents, keeping("c"))
        log.integrate()
        assert fsck(log.database, log.key).defects == []
        assert len({before.promise.entries[0][0], after.promise.entries[0][0]}) == 2

    def test_two_writers_take_turns(self, log: Log, documents: KeptDocuments) -> None:
        other = KeptDocuments(log.evidence, log.another_sequencer(), log.clock)
        for number in range(6):
            anchor(log, (documents, other)[number % 2], *(keeping(f"{number}-{n}") for n in range(100)))
        log.integrate()
        report = fsck(log.database, log.key)
        assert (report.entries, report.defects) == (600, [])

    @WAYS
    def test_says_busy_when_the_lead_cannot_be_had_and_goes_on_waiting(
        self, log: Log, documents: KeptDocuments, way: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ledger.sequencer._LEAD_MILLISECONDS", 20)
        other = Database(log.database.url)
        with other.engine.begin() as frozen:
            assert store.try_lead(frozen)
            with pytest.raises(LogBusyError):
                way(log, documents, keeping("a"))
            assert log.run("SELECT count(*) FROM ledger.kept") == [(0,)]
            held = way(log, documents, keeping("a"), waiting=True)
        other.close()
        log.integrate()
        with log.database.unit() as db:
            assert store.entry_state(db, held.promise.entries[0][0]).state is EntryState.integrated

    def test_by_steps_it_is_five_statements(self, log: Log, documents: KeptDocuments) -> None:
        anchor_few(log, documents, keeping("warm"))
        seen = []

        def listened(steps: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
            rows: Any = None
            try:
                while True:
                    statement = steps.send(rows)
                    seen.append(statement)
                    rows = yield statement
            except StopIteration:
                return

        with log.database.unit() as db:
            run(db, listened(documents.anchor_few([keeping(str(n)) for n in range(50)], lambda *_: NOTHING)))
        assert len(seen) == 5


class TestFind:
    def test_by_reference_and_by_digest_newest_first(self, log: Log, documents: KeptDocuments) -> None:
        ids = [anchor(log, documents, keeping("a")).promise.entries[0][0] for _ in range(3)]
        with log.database.unit() as db:
            by = documents.find(db, OWNER, reference="REF-a", sha256=None, before=None)
            assert by == [(each, "REF-a", digest("a")) for each in reversed(ids)]
            assert documents.find(db, OWNER, reference=None, sha256=digest("a"), before=None) == by
            assert documents.find(db, OWNER, reference=None, sha256=digest("a"), before=ids[1])[0][0] == ids[0]
            assert documents.find(db, OTHER, reference="REF-a", sha256=None, before=None) == []
            assert documents.find(db, OTHER, reference=None, sha256=digest("a"), before=None) == []

    @pytest.mark.parametrize(("reference", "sha256_"), [("a b", None), (None, "xyz"), (None, None)])
    def test_refuses_what_nothing_can_have(
        self, log: Log, documents: KeptDocuments, reference: str | None, sha256_: str | None
    ) -> None:
        with log.database.unit() as db, pytest.raises(InvalidKeptDocumentError):
            documents.find(db, OWNER, reference=reference, sha256=sha256_, before=None)

    def test_pages(self, log: Log, documents: KeptDocuments) -> None:
        anchor(log, documents, *(keeping("same") for _ in range(kept.MAX_FOUND + 5)))
        with log.database.unit() as db:
            first = documents.find(db, OWNER, reference="REF-same", sha256=None, before=None)
            rest = documents.find(db, OWNER, reference="REF-same", sha256=None, before=first[-1][0])
        assert (len(first), len(rest), len(set(first + rest))) == (kept.MAX_FOUND, 5, kept.MAX_FOUND + 5)

    def test_uses_its_indexes_in_a_large_table(self, log: Log) -> None:
        log.run(
            "INSERT INTO ledger.kept (entry_id, owner, reference, sha256, digest_key)"
            " SELECT gen_random_uuid(), CAST(:owner AS uuid), 'r' || n, sha256(n::text::bytea), n"
            " FROM generate_series(1, 100000) n",
            owner=OWNER,
        )
        log.run("ANALYZE ledger.kept")
        values = {"owner": OWNER, "before": None, "limit": 100}
        wanted = {"owners": f"{{{OWNER}}}", "digests": rf"{{\\x{digest('a')}}}", "keys": "{7}"}
        for index, query, given_ in (
            ("ix_kept_reference", keptrows._BY_REFERENCE, values | {"reference": "r7"}),
            ("ix_kept_digest_key", keptrows._BY_SHA256, values | {"sha256": bytes(32), "key": 7}),
            ("ix_kept_digest_key", keptrows._EARLIER, wanted),
        ):
            with log.database.unit() as db:
                plan = "\n".join(row[0] for row in db.exec_driver_sql(f"EXPLAIN {query}", given_))
            assert index in plan
            assert "Seq Scan" not in plan
            assert "Sort" not in plan or index == "ix_kept_digest_key"

    def test_tells_digests_with_the_same_key_apart(
        self, log: Log, documents: KeptDocuments, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keptrows, "digest_key", lambda _owner, _sha256: 7)
        first = anchor(log, documents, keeping("a")).promise.entries[0][0]
        assert anchor(log, documents, keeping("b"), keeping("a", OTHER), keeping("a")).earlier == (None, None, first)
        with log.database.unit() as db:
            found = documents.find(db, OTHER, reference=None, sha256=digest("a"), before=None)
        assert len(found) == 1


class TestCheckOwner:
    def test_knows_the_owner_only(self, log: Log, documents: KeptDocuments) -> None:
        entry_id = anchor(log, documents, keeping("a")).promise.entries[0][0]
        with log.database.unit() as db:
            documents.check_owner(db, OWNER, entry_id)
            for owner, entry in ((OTHER, entry_id), (OWNER, str(uuid.uuid4()))):
                with pytest.raises(EntryNotFoundError):
                    documents.check_owner(db, owner, entry)

    def test_finds_nothing_after_erasure(self, log: Log, documents: KeptDocuments) -> None:
        entry_id = anchor(log, documents, keeping("a")).promise.entries[0][0]
        with log.database.unit() as db:
            store.erase_record(db, entry_id)
        with log.database.unit() as db:
            with pytest.raises(EntryNotFoundError):
                documents.check_owner(db, OWNER, entry_id)
            with pytest.raises(RecordErasedError):
                store.record(db, entry_id)
            assert documents.find(db, OWNER, reference="REF-a", sha256=None, before=None) == []
        assert anchor(log, documents, keeping("a")).earlier == (None,)


class TestBatchPromise:
    def test_is_for_exactly_these_leaves_in_this_order(self, log: Log, documents: KeptDocuments) -> None:
        promise = anchor(log, documents, *(keeping(str(number)) for number in range(5))).promise
        entries = list(promise.entries)
        BatchPromise.from_json(promise.to_json(), entries).verify(log.key)
        with pytest.raises(PromiseInvalidError, match="other entries"):
            BatchPromise.from_json(promise.to_json(), entries[::-1]).verify(log.key)
        for wrong in (entries[:-1], [*entries, entries[0]]):
            with pytest.raises(PromiseInvalidError, match="count"):
                BatchPromise.from_json(promise.to_json(), wrong)

    def test_makes_the_promise_of_each_leaf(self, log: Log, documents: KeptDocuments) -> None:
        promise = anchor(log, documents, *(keeping(str(number)) for number in range(5))).promise
        for each in promise.each():
            each.verify(log.key)

    @pytest.mark.parametrize(
        "change",
        [
            {"v": 2},
            {"more": 1},
            {"count": True},
            {"root": 1},
            {"root": "!"},
            {"deadline": "soon"},
            {"promised_at": "2026-11-21T04:00:00"},
        ],
    )
    def test_refuses_another_shape(self, log: Log, documents: KeptDocuments, change: dict[str, Any]) -> None:
        promise = anchor(log, documents, keeping("a")).promise
        with pytest.raises(PromiseInvalidError):
            BatchPromise.from_json(promise.to_json() | change, promise.entries)

    @pytest.mark.parametrize("member", ["root", "signature", "deadline", "promised_at", "log"])
    def test_refuses_every_changed_member(self, log: Log, documents: KeptDocuments, member: str) -> None:
        promise = anchor(log, documents, keeping("a")).promise
        said = promise.to_json()
        text = str(said[member])
        if member in {"root", "signature"}:
            raw = bytearray(b64decode(text))
            raw[3] ^= 1
            said[member] = b64encode(bytes(raw)).decode()
        else:
            said[member] = text.replace("2026", "2027") if "2026" in text else "log.test/other"
        with pytest.raises(PromiseInvalidError):
            BatchPromise.from_json(said, promise.entries).verify(log.key)
