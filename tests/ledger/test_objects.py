"""The object store on a real S3 server, and on one whose line fails in every way RELIABILITY O1 names."""

from __future__ import annotations

import hashlib
import io
import os
import random
import socket
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import psutil
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from minio import Minio
from minio.commonconfig import GOVERNANCE
from minio.error import S3Error
from sqlalchemy import text

from ledger import digests
from ledger.errors import (
    LedgerError,
    ObjectDamagedError,
    ObjectErasedError,
    ObjectMissingError,
    ObjectNotFoundError,
    ObjectStoreUnavailableError,
    SecretUnreadableError,
    StorageFullError,
)
from ledger.ids import new_id
from ledger.objects import PART, SMALL, ObjectStore, StoredObject
from ledger.s3 import S3Settings
from ledger.sealing import CHUNK, TAG, Profile
from ledger.secrets import KeyRing
from ledger.steps import execute, run, together
from tests.ledger.faults import Answer, Line, line_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.db import Database
    from tests.conftest import Bucket

UNTIL = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
LARGE = SMALL + 3 * 1024 * 1024 + 17
MIB = 1024 * 1024


def settings_of(bucket: Bucket, endpoint: str | None = None) -> S3Settings:
    """Settings with time-outs short enough for a test."""
    return S3Settings(
        endpoint or bucket.endpoint,
        bucket.access_key,
        bucket.secret_key,
        bucket.region,
        bucket.bucket,
        connect_timeout=2.0,
        read_timeout=5.0,
    )


@pytest.fixture(scope="module", params=list(Profile))
def store(request: pytest.FixtureRequest, s3: Bucket) -> Iterator[ObjectStore]:
    """A store of each profile."""
    store = ObjectStore(settings_of(s3), KeyRing(b"k" * 32), profile=request.param)
    yield store
    store.close()


@pytest.fixture(scope="module")
def client(s3: Bucket) -> Minio:
    """The SDK without our store."""
    return Minio(s3.endpoint, s3.access_key, s3.secret_key, secure=False, region=s3.region)


@pytest.fixture
def line(s3: Bucket) -> Iterator[Line]:
    """A line to S3 that can fail."""
    with line_to(s3.endpoint) as line:
        yield line


@pytest.fixture
def lined(s3: Bucket, line: Line) -> Iterator[ObjectStore]:
    """A store behind that line."""
    store = ObjectStore(settings_of(s3, line.endpoint), KeyRing(b"k" * 32), profile=Profile.INTL)
    yield store
    store.close()


@pytest.fixture(scope="module")
def document() -> bytes:
    """A document of four chunks and a bit."""
    return random.Random(1).randbytes(4 * CHUNK + 1234)


@pytest.fixture(scope="module")
def stored(store: ObjectStore, document: bytes) -> StoredObject:
    """That document, stored."""
    return put(store, document)


def put(store: ObjectStore, document: bytes) -> StoredObject:
    """Store bytes."""
    return store.put(io.BytesIO(document), retain_until=UNTIL)


def names(client: Minio, bucket: str) -> set[str]:
    """Keys of everything in the bucket."""
    return {item.object_name or "" for item in client.list_objects(bucket, recursive=True)}


class Refusing:
    """An inspector that refuses at a place; it writes down what it saw."""

    def __init__(self, *, at: int | None = None, at_end: bool = False) -> None:
        self.at, self.at_end = at, at_end
        self.seen = hashlib.sha256()
        self.size = 0
        self.finished = False

    def feed(self, piece: bytes) -> None:
        self.seen.update(piece)
        self.size += len(piece)
        if self.at is not None and self.size > self.at:
            raise LedgerError(reason="refused on the way")

    def finish(self) -> None:
        self.finished = True
        if self.at_end:
            raise LedgerError(reason="refused at the end")


class Slow:
    """A source that gives a few bytes at a time, then perhaps breaks."""

    def __init__(self, document: bytes, piece: int, *, breaks: bool = False) -> None:
        self.rest, self.piece, self.breaks = io.BytesIO(document), piece, breaks

    def read(self, size: int) -> bytes:
        data = self.rest.read(min(size, self.piece))
        if not data and self.breaks:
            raise ConnectionResetError("the client hung up")
        return data


class TestPut:
    @pytest.mark.parametrize("size", [0, 1, CHUNK, 3 * CHUNK, SMALL, SMALL + 1, LARGE])
    def test_round_trip_with_both_digests(self, store: ObjectStore, size: int) -> None:
        document = random.Random(size).randbytes(size)
        stored = store.put(Slow(document, 70_000), retain_until=UNTIL)
        both = digests.digest(document)
        assert (stored.size, stored.sha256, stored.sm3) == (size, both.sha256.hex(), both.sm3.hex())
        reader = store.open(stored)
        assert b"".join(reader.range(0, size)) == document
        assert reader.read_all() == document
        assert store.held_size(stored.key, stored.version_id) == stored.cipher_size

    def test_s3_holds_no_plaintext_and_no_id(self, store: ObjectStore, client: Minio, s3: Bucket) -> None:
        stored = put(store, "宝山青禾餐饮管理有限公司".encode() * 1000)
        response = client.get_object(s3.bucket, stored.key)
        assert "宝山".encode() not in response.read()
        response.close()
        assert stored.object_id.replace("-", "") not in stored.key
        assert stored.wrapped_key.hex() not in repr(stored)

    @pytest.mark.parametrize("size", [1000, LARGE])
    def test_is_locked_from_the_first_moment(self, store: ObjectStore, client: Minio, s3: Bucket, size: int) -> None:
        stored = put(store, bytes(size))
        held = client.get_object_retention(s3.bucket, stored.key, version_id=stored.version_id)
        assert held is not None
        assert (held.mode, held.retain_until_date) == (GOVERNANCE, UNTIL)
        with pytest.raises(S3Error):
            client.remove_object(s3.bucket, stored.key, version_id=stored.version_id)

    def test_same_content_at_the_same_time_makes_two_objects(self, store: ObjectStore, document: bytes) -> None:
        """RELIABILITY O4: nobody learns that somebody else holds the same file."""
        made: list[StoredObject] = []
        threads = [threading.Thread(target=lambda: made.append(put(store, document))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({stored.key for stored in made}) == len({stored.object_id for stored in made}) == 4
        assert len({stored.wrapped_key for stored in made}) == 4
        assert all(store.open(stored).read_all() == document for stored in made)

    @pytest.mark.parametrize("size", [1000, LARGE])
    def test_the_inspector_sees_every_byte_first(self, store: ObjectStore, size: int) -> None:
        inspector = Refusing()
        stored = store.put(io.BytesIO(bytes(size)), retain_until=UNTIL, inspect=inspector)
        assert (inspector.finished, inspector.seen.hexdigest()) == (True, stored.sha256)

    @pytest.mark.parametrize(
        ("size", "inspector"),
        [
            (1000, Refusing(at=0)),
            (1000, Refusing(at_end=True)),
            (LARGE, Refusing(at=0)),
            (LARGE, Refusing(at=SMALL + MIB)),
            (LARGE, Refusing(at_end=True)),
        ],
    )
    def test_what_the_inspector_refuses_is_not_stored(
        self, store: ObjectStore, client: Minio, s3: Bucket, size: int, inspector: Refusing
    ) -> None:
        before = names(client, s3.bucket)
        with pytest.raises(LedgerError, match="refused"):
            store.put(io.BytesIO(bytes(size)), retain_until=UNTIL, inspect=inspector)
        assert names(client, s3.bucket) == before
        assert not client._list_multipart_uploads(s3.bucket).uploads

    def test_a_client_that_hangs_up_leaves_nothing(self, store: ObjectStore, client: Minio, s3: Bucket) -> None:
        before, threads = names(client, s3.bucket), threading.active_count()
        for size in (1000, LARGE):
            with pytest.raises(ConnectionResetError):
                store.put(Slow(bytes(size), MIB, breaks=True), retain_until=UNTIL)
        assert names(client, s3.bucket) == before
        assert threading.active_count() <= threads + 2  # the two SM3 threads, made at first use

    def test_refuses_inside_a_unit_of_work(self, store: ObjectStore, database: Database) -> None:
        with pytest.raises(RuntimeError, match="open unit of work"), database.unit():
            put(store, b"x")

    def test_memory_stays_flat(self, store: ObjectStore) -> None:
        """The issue allows 150 MiB for 1 GiB; parts do not add up, so 96 MiB show it."""
        process, size, block = psutil.Process(), 96 * MIB, os.urandom(MIB)
        peak, done = [0], threading.Event()

        class Endless:
            left = size

            def read(self, wanted: int) -> bytes:
                piece = block[: min(wanted, self.left)]
                self.left -= len(piece)
                return piece

        def watch() -> None:
            while not done.wait(0.01):
                peak[0] = max(peak[0], process.memory_info().rss)

        watcher = threading.Thread(target=watch)
        before = process.memory_info().rss
        watcher.start()
        stored = store.put(Endless(), retain_until=UNTIL)
        count = sum(len(piece) for piece in store.open(stored).range(0, size))
        done.set()
        watcher.join()
        assert count == size
        assert peak[0] - before < 80 * MIB


class TestPutOnABadLine:
    def test_refused_connection(self, s3: Bucket, document: bytes) -> None:
        store = ObjectStore(settings_of(s3, "127.0.0.1:9"), KeyRing(b"k" * 32), profile=Profile.INTL)
        for data in (document, bytes(LARGE)):
            with pytest.raises(ObjectStoreUnavailableError):
                put(store, data)
        store.close()

    def test_hanging_server(self, s3: Bucket, document: bytes) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            hanging = replace(settings_of(s3, f"127.0.0.1:{silent.getsockname()[1]}"), read_timeout=0.3)
            store = ObjectStore(hanging, KeyRing(b"k" * 32), profile=Profile.INTL)
            with pytest.raises(ObjectStoreUnavailableError, match="timeout"):
                put(store, document)
            store.close()

    @pytest.mark.parametrize("size", [1000, LARGE])
    def test_503_is_not_tried_again(self, lined: ObjectStore, line: Line, size: int) -> None:
        line.before = lambda _method, _path: Answer(503, [("Content-Type", "text/plain")], b"busy")
        with pytest.raises(ObjectStoreUnavailableError):
            put(lined, bytes(size))
        assert len(line.requests) == 1

    @pytest.mark.parametrize("size", [1000, LARGE])
    @pytest.mark.parametrize(
        "answer",
        [
            Answer(507, [("Content-Type", "text/plain")], b""),
            Answer(507, [("Content-Type", "application/xml")], b"<Error><Code>XMinioStorageFull</Code></Error>"),
            Answer(
                500,
                [("Content-Type", "application/xml")],
                b"<Error><Code>InternalError</Code><Message>write: no space left on device</Message></Error>",
            ),
        ],
    )
    def test_full_server_is_named_full(self, lined: ObjectStore, line: Line, size: int, answer: Answer) -> None:
        line.before = lambda _method, _path: answer
        with pytest.raises(StorageFullError) as caught:
            put(lined, bytes(size))
        assert caught.value.fields == {"part": "object store"}

    @pytest.mark.parametrize("size", [1000, LARGE])
    @pytest.mark.parametrize(("full", "expected"), [(True, StorageFullError), (False, ObjectStoreUnavailableError)])
    def test_server_that_does_not_say_why(
        self, s3: Bucket, line: Line, size: int, full: bool, expected: type[LedgerError]
    ) -> None:
        """What SeaweedFS 4.48 answers on a full disk: nothing but `InternalError`."""
        error = b"<Error><Code>InternalError</Code><Message>We encountered an internal error</Message></Error>"
        line.before = lambda _method, _path: Answer(500, [("Content-Type", "application/xml")], error)
        settings, keys = settings_of(s3, line.endpoint), KeyRing(b"k" * 32)
        store = ObjectStore(settings, keys, profile=Profile.INTL, is_full=lambda: full)
        with pytest.raises(expected):
            put(store, bytes(size))
        store.close()

    @pytest.mark.parametrize("size", [1000, LARGE])
    def test_bytes_changed_on_the_way_in_are_noticed(self, lined: ObjectStore, line: Line, size: int) -> None:
        """The server stores them and says 200: only the ETag tells (LIBRARIES, SeaweedFS)."""

        def flip(method: str, body: bytes) -> bytes:
            return bytes([body[0] ^ 1]) + body[1:] if method == "PUT" and body else body

        line.spoil_request = flip
        with pytest.raises(ObjectDamagedError, match="ETag"):
            put(lined, bytes(size))

    @pytest.mark.parametrize("size", [1000, LARGE])
    def test_a_line_cut_before_the_answer(self, lined: ObjectStore, line: Line, size: int) -> None:
        """Stored but not acknowledged: never sent again, and never acknowledged by us."""
        line.spoil_answer = lambda method, answer: None if method == "PUT" else answer
        with pytest.raises(ObjectStoreUnavailableError):
            put(lined, bytes(size))
        assert sum(request.startswith("PUT") for request in line.requests) == 1


class TestRecord:
    def test_look_up_gives_back_what_was_recorded(self, store: ObjectStore, database: Database) -> None:
        stored = put(store, b"lease")
        with database.unit() as db:
            execute(db, together(*store.record(stored)))
        with database.unit() as db:
            assert run(db, store.lookup(stored.object_id)) == stored

    def test_the_wrapped_key_lies_in_the_secret_table_only(self, store: ObjectStore, database: Database) -> None:
        stored = put(store, b"lease")
        with database.unit() as db:
            execute(db, together(*store.record(stored)))
            dump = db.execute(text("select o::text from ledger.object o where id = :id"), {"id": stored.object_id})
            assert stored.wrapped_key.hex() not in dump.scalar_one()
            held = db.execute(
                text("select value from ledger.secret where kind = 'object' and id = :id"), {"id": stored.object_id}
            )
            assert bytes(held.scalar_one()) == stored.wrapped_key

    def test_absent_object(self, store: ObjectStore, database: Database) -> None:
        with database.unit() as db, pytest.raises(ObjectNotFoundError):
            run(db, store.lookup(new_id()))


class TestErase:
    def test_erased_content_cannot_be_opened(self, store: ObjectStore, database: Database) -> None:
        stored = put(store, b"lease")
        with database.unit() as db:
            execute(db, together(*store.record(stored)))
        with database.unit() as db:
            assert store.erase(db, stored.object_id)
            assert not store.erase(db, stored.object_id)
        with database.unit() as db, pytest.raises(ObjectErasedError):
            run(db, store.lookup(stored.object_id))
        assert store.held_size(stored.key, stored.version_id) == stored.cipher_size  # locked, and unreadable for ever


class TestRange:
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_any_range(self, store: ObjectStore, stored: StoredObject, document: bytes, data: st.DataObject) -> None:
        edges = [edge for chunk in range(6) for edge in (chunk * CHUNK - 1, chunk * CHUNK, chunk * CHUNK + 1)]
        place = st.one_of(
            st.sampled_from([edge for edge in edges if 0 <= edge < len(document)]), st.integers(0, 263_377)
        )
        start, end = sorted([data.draw(place), data.draw(place) + 1])
        if start == end:
            end += 1
        assert b"".join(store.open(stored).range(start, end)) == document[start:end]

    @pytest.mark.parametrize(("start", "end"), [(0, 0), (-1, 5), (5, 4), (0, 4 * CHUNK + 1235)])
    def test_rejects_what_is_no_range(self, store: ObjectStore, stored: StoredObject, start: int, end: int) -> None:
        with pytest.raises(ValueError, match="range"):
            store.open(stored).range(start, end)

    def test_asks_only_for_the_chunks_it_needs(self, lined: ObjectStore, line: Line) -> None:
        stored, asked = put(lined, bytes(20 * CHUNK)), []

        def note(_method: str, answer: Answer) -> Answer:
            asked.append(len(answer.body))
            return answer

        line.spoil_answer = note
        assert b"".join(lined.open(stored).range(3 * CHUNK + 5, 3 * CHUNK + 6)) == b"\0"
        assert asked == [CHUNK + TAG]

    def test_refuses_inside_a_unit_of_work(self, store: ObjectStore, stored: StoredObject, database: Database) -> None:
        with pytest.raises(RuntimeError, match="open unit of work"), database.unit():
            store.open(stored).range(0, 1)
        with pytest.raises(RuntimeError, match="open unit of work"), database.unit():
            store.open(stored).read_all()

    def test_closing_the_generator_closes_the_connection(self, lined: ObjectStore, line: Line) -> None:
        stored = put(lined, bytes(200 * CHUNK))
        pieces = lined.open(stored).range(0, 200 * CHUNK)
        assert len(next(pieces)) == 8 * CHUNK
        pieces.close()  # type: ignore[attr-defined]
        assert lined.open(stored).range(0, 5)  # the pool still has room
        for _ in range(20):
            abandoned = lined.open(stored).range(0, 200 * CHUNK)
            next(abandoned)
            abandoned.close()  # type: ignore[attr-defined]
        deadline = threading.Event()
        while line.open_connections > 2 and not deadline.wait(0.01):
            pass
        assert line.open_connections <= 2

    def test_a_finished_range_keeps_its_connection_for_the_next(self, lined: ObjectStore, line: Line) -> None:
        stored = put(lined, bytes(3 * CHUNK))
        for _ in range(5):
            assert b"".join(lined.open(stored).range(0, 3 * CHUNK)) == bytes(3 * CHUNK)
        assert line.open_connections == 1


class TestRangeOnABadLine:
    def test_wrong_bytes_are_never_yielded(self, lined: ObjectStore, line: Line, document: bytes) -> None:
        stored = put(lined, document)

        def flip(_method: str, answer: Answer) -> Answer:
            answer.body = bytes([answer.body[0] ^ 1]) + answer.body[1:]
            return answer

        line.spoil_answer = flip
        with pytest.raises(ObjectDamagedError):
            next(lined.open(stored).range(0, 10))
        with pytest.raises(ObjectDamagedError):
            lined.open(stored).read_all()

    def test_a_bad_chunk_later_ends_what_was_good_so_far(self, lined: ObjectStore, line: Line) -> None:
        document = random.Random(2).randbytes(20 * CHUNK)
        stored = put(lined, document)

        def flip(_method: str, answer: Answer) -> Answer:
            answer.body = answer.body[:-1] + bytes([answer.body[-1] ^ 1])
            return answer

        line.spoil_answer = flip
        pieces = lined.open(stored).range(0, len(document))
        got = next(pieces) + next(pieces)
        with pytest.raises(ObjectDamagedError):
            next(pieces)
        assert got == document[: 16 * CHUNK]

    def test_another_objects_bytes_are_refused(self, store: ObjectStore, document: bytes) -> None:
        first, second = put(store, document), put(store, document)
        swapped = replace(first, key=second.key, version_id=second.version_id)
        with pytest.raises(ObjectDamagedError):
            store.open(swapped).read_all()

    def test_a_swapped_key_is_refused(self, store: ObjectStore, document: bytes) -> None:
        first, second = put(store, document), put(store, document)
        with pytest.raises(SecretUnreadableError):
            store.open(replace(first, wrapped_key=second.wrapped_key))

    def test_a_row_with_another_size_is_refused(self, store: ObjectStore, document: bytes) -> None:
        with pytest.raises(ObjectDamagedError):
            store.open(replace(put(store, document), size=len(document) - 1))
        shorter = replace(put(store, document), size=4 * CHUNK, cipher_size=4 * (CHUNK + TAG))
        with pytest.raises(ObjectDamagedError):
            store.open(shorter).read_all()

    @pytest.mark.parametrize("change", [{"chunk": 0}, {"chunk": -CHUNK}, {"size": -1}])
    def test_a_row_that_no_document_has_is_refused(
        self, store: ObjectStore, document: bytes, change: dict[str, int]
    ) -> None:
        with pytest.raises(ObjectDamagedError):
            store.open(replace(put(store, document), **change))

    def test_a_server_that_ignores_the_range_is_refused(self, lined: ObjectStore, line: Line) -> None:
        stored = put(lined, bytes(5 * CHUNK))

        def lengthen(_method: str, answer: Answer) -> Answer:
            answer.body = answer.body + bytes(100)
            answer.set("Content-Length", str(len(answer.body)))
            return answer

        line.spoil_answer = lengthen
        with pytest.raises(ObjectDamagedError):
            next(lined.open(stored).range(CHUNK, 2 * CHUNK))

    def test_a_line_cut_in_the_middle_is_taken_up_again(self, lined: ObjectStore, line: Line) -> None:
        document = random.Random(3).randbytes(40 * CHUNK)
        stored, cuts = put(lined, document), iter([17 * CHUNK, None])

        def cut(_method: str, answer: Answer) -> Answer:
            answer.cut_after = next(cuts)
            return answer

        line.spoil_answer = cut
        line.requests.clear()
        assert b"".join(lined.open(stored).range(0, len(document))) == document
        assert len(line.requests) == 2

    def test_gives_up_after_three_attempts(self, lined: ObjectStore, line: Line, document: bytes) -> None:
        stored = put(lined, document)
        line.spoil_answer = lambda _method, _answer: None
        line.requests.clear()
        with pytest.raises(ObjectStoreUnavailableError):
            next(lined.open(stored).range(0, 10))
        assert len(line.requests) == 3

    def test_a_lost_object_is_an_alarm(self, store: ObjectStore, document: bytes) -> None:
        lost = replace(put(store, document), key="00/lost", version_id="")
        for act in (store.open(lost).read_all, lambda: store.held_size(lost.key, "")):
            with pytest.raises(ObjectMissingError):
                act()


class TestParts:
    def test_a_part_is_what_the_etag_is_summed_over(self) -> None:
        assert PART >= 5 * MIB  # the least S3 takes for a part that is not the last
