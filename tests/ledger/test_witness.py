"""The witness client on a real log: published with a quorum only, and no witness can do more than not cosign (L3)."""

from __future__ import annotations

import threading
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from api.adapters.witnesses import HttpWitnesses
from ledger import anchorrows, proofs, store, witnessrows as rows
from ledger.anchor import Anchorer, Step
from ledger.chain import Chain
from ledger.chainproof import log_id
from ledger.cosign import AddCheckpoint, origin_hash
from ledger.errors import NoteError, RollbackDetectedError, WitnessError
from ledger.model import Checkpoint, EntryState
from ledger.note import Note, open_checkpoint, sign_checkpoint
from ledger.witness import ATTEMPTS, Cosigning, Seat, ask
from tests.ledger.chains import anchored_sizes, member_accounts
from tests.ledger.logs import ORIGIN, Log
from tests.ledger.witnesses import NOW, Crooked, ToyLog, cosigner, in_memory, listening, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from api.witness.witness import Witness
    from ledger.db import Database
    from ledger.model import PublishedCheckpoint

OK, TEXT = 200, "text/plain"
CONFLICT, SIZE = 409, "text/x.tlog.size"


@pytest.fixture
def log(database: Database) -> Log:
    return Log(database, quorum=1)


@pytest.fixture
def witness(log: Log, tmp_path: Path) -> Iterator[Witness]:
    made = in_memory(tmp_path, [log.key.vkey])
    yield made
    made.memory.close()


@pytest.fixture
def seat(witness: Witness) -> Iterator[Seat]:
    with listening(witness) as seat:
        yield seat


@pytest.fixture
def crooked() -> Iterator[Callable[..., Crooked]]:
    made: list[Crooked] = []

    def make(answer: Callable[[bytes], tuple[int, str, bytes]], number: int = 9) -> Crooked:
        made.append(Crooked(answer, number))
        return made[-1]

    yield make
    for each in made:
        each.close()


def asking(log: Log, *seats: Seat, quorum: int = 1, timeout: float = 20.0) -> Cosigning:
    return Cosigning(log.database, HttpWitnesses(timeout), log.clock, log.key, seats, quorum)


def grow(log: Log, count: int = 3) -> PublishedCheckpoint:
    log.append(count)
    log.integrate()
    with log.database.unit() as db:
        newest = store.newest_checkpoint(db)
    assert newest is not None
    return newest


def published(log: Log) -> int:
    with log.database.unit() as db:
        newest = store.newest_published(db)
    return newest.head.size if newest else 0


def state_of(log: Log, seat: Seat) -> rows.WitnessState | None:
    with log.database.unit() as db:
        return rows.states(db).get(seat.key.vkey)


def failure(log: Log, seat: Seat) -> str | None:
    held = state_of(log, seat)
    return held.failure if held else None


class TestSeat:
    def test_reads_key_and_address(self) -> None:
        key = cosigner().verifier
        assert Seat.parse(f"{key.vkey} https://witness.test/w/") == (key, "https://witness.test/w")

    @pytest.mark.parametrize(
        "text", ["", "x", "{log} http://x", "{key}", "{key} ftp://x", "{key} http://x y", "http://x {key}"]
    )
    def test_refuses_everything_else(self, text: str) -> None:
        with pytest.raises(NoteError):
            Seat.parse(text.format(key=cosigner().verifier.vkey, log=ToyLog().vkey))


class TestPublishing:
    """Signed, then cosigned by a quorum, then served and anchored."""

    def test_waits_for_the_quorum(self, log: Log, seat: Seat) -> None:
        [entry_id] = log.append(1)
        log.integrate()
        with log.database.unit() as db:
            assert store.entry_state(db, entry_id).state is EntryState.integrated
            assert store.newest_published(db) is None
            assert rows.waiting_since(db) is not None
        job = asking(log, seat)
        job.look()
        assert job.serve(seat)
        with log.database.unit() as db:
            status = store.entry_state(db, entry_id)
            newest = store.newest_published(db)
            assert rows.waiting_since(db) is None
        assert (status.state, status.cosigned_size) == (EntryState.cosigned, 1)
        assert newest is not None
        assert newest.quorum == 1
        assert Note.parse(newest.note).verified_by([log.key, seat.key]) == [log.key, seat.key]

    def test_without_a_quorum_it_is_published_as_it_is_signed(self, database: Database) -> None:
        log = Log(database)
        [entry_id] = log.append(1)
        log.integrate()
        with database.unit() as db:
            assert store.entry_state(db, entry_id).state is EntryState.integrated
            newest = store.newest_published(db)
        assert newest is not None
        assert newest.quorum == 0

    def test_counts_each_witness_once(self, log: Log, tmp_path: Path, seat: Seat) -> None:
        with listening(in_memory(tmp_path, [log.key.vkey], 2)) as second:
            job = asking(log, seat, second, quorum=2)
            newest = grow(log)
            job.look()
            for _ in range(2):
                assert job.serve(seat)
                ask(log.database, log.line, seat, newest, log.key)  # again, and later
            with log.database.unit() as db:
                line = ask_line(log, seat, newest)
                rows.cosigned(db, newest.head.size, seat.key, line, log.clock.now(), (seat.key, second.key), 2)
            assert published(log) == 0
            assert job.serve(second)
            assert published(log) == newest.head.size
            with log.database.unit() as db:
                held = store.newest_published(db)
            assert held is not None
            assert [each.name for each in Note.parse(held.note).signatures] == [ORIGIN, seat.key.name, second.key.name]

    def test_a_later_witness_is_added(self, log: Log, tmp_path: Path, seat: Seat) -> None:
        with listening(in_memory(tmp_path, [log.key.vkey], 2)) as second:
            job = asking(log, seat, second, quorum=1)
            grow(log)
            job.look()
            job.serve(seat)
            assert published(log) == 3
            job.serve(second)
        with log.database.unit() as db:
            held = store.newest_published(db)
        assert held is not None
        assert len(Note.parse(held.note).verified_by([seat.key, second.key])) == 2
        assert held.quorum == 1

    def test_goes_from_size_to_size(self, log: Log, seat: Seat, witness: Witness) -> None:
        job = asking(log, seat)
        for count in (1, 1, 2, 255, 5):
            newest = grow(log, count)
            job.look()
            assert job.serve(seat)
            assert published(log) == newest.head.size
        shown = witness.memory.note(origin_hash(ORIGIN))
        assert shown is not None
        assert open_checkpoint(shown, log.key).size == 264

    def test_skips_what_was_overtaken(self, log: Log, seat: Seat) -> None:
        for _ in range(3):
            newest = grow(log)
        job = asking(log, seat)
        job.look()
        job.serve(seat)
        with log.database.unit() as db:
            held = [(each.head.size, each.quorum) for each in store.checkpoints(db)]
        assert held == [(3, None), (6, None), (newest.head.size, 1)]

    def test_all_are_asked_for_the_same_one(self, log: Log, seat: Seat) -> None:
        """A newer checkpoint does not move the target while the quorum is still out."""
        job = asking(log, seat, Seat(cosigner(2).verifier, "http://127.0.0.1:9"), quorum=2)
        first = grow(log)
        job.look()
        job.serve(seat)
        grow(log)
        job.look()
        assert job._target is not None
        assert job._target.head.size == first.head.size

    def test_a_lost_answer_is_asked_for_again(self, log: Log, seat: Seat, witness: Witness) -> None:
        """The witness cosigned and remembers, we do not: 409 with our own size, then a cosignature without proof."""
        grow(log)
        newest = grow(log)
        witness.add_checkpoint(AddCheckpoint(0, (), newest.note).encode())
        job = asking(log, seat)
        job.look()
        assert job.serve(seat)
        assert published(log) == newest.head.size

    def test_another_process_asked_for_more(self, log: Log, seat: Seat) -> None:
        """Its size is beyond our target and within our log: no failure, the target moves on."""
        slow, quick = asking(log, seat), asking(log, seat)
        grow(log)
        slow.look()
        newest = grow(log)
        quick.look()
        quick.serve(seat)
        assert slow.serve(seat)
        assert failure(log, seat) is None
        slow.look()
        assert slow.serve(seat)
        assert published(log) == newest.head.size

    def test_a_lowered_quorum_publishes_what_waited(self, log: Log, seat: Seat) -> None:
        newest = grow(log)
        job = asking(log, seat, quorum=0)
        job._publish_waiting()
        assert published(log) == newest.head.size
        with log.database.unit() as db:
            held = store.newest_published(db)
        assert held is not None
        assert held.quorum == 0

    def test_a_log_that_follows_a_frozen_one_begins_small(self, log: Log, seat: Seat, witness: Witness) -> None:
        """The rows under the job change to those of another log; the target follows."""
        job = asking(log, seat)
        grow(log, 5)
        job.look()
        witness.memory._db.execute("PRAGMA query_only = ON")
        assert not job.serve(seat)
        witness.memory._db.execute("PRAGMA query_only = OFF")
        newest = grow(Log(log.database, quorum=1), 2)
        job.look()
        assert job.serve(seat)
        assert published(log) == newest.head.size == 2

    def test_at_one_go(self, log: Log, seat: Seat) -> None:
        """`run_once`, as the command that freezes a log calls it."""
        newest = grow(log)
        asking(log, seat, Seat(cosigner(2).verifier, "http://127.0.0.1:9")).run_once()
        assert published(log) == newest.head.size

    def test_only_what_is_published_is_anchored(self, log: Log, seat: Seat, chain_url: str) -> None:
        chain = Chain(chain_url, bytes([3]) * 31 + bytes([len(ORIGIN)]))
        chain.deploy(member_accounts([bytes([5]) * 32]), 1)
        chain.register_log(log_id(ORIGIN), bytes(32), [bytes([5]) * 32])
        anchorer = Anchorer(log.database, chain, log.clock, ORIGIN, interval=0)
        cosigned = grow(log)
        assert anchorer.run_once() is Step.idle
        job = asking(log, seat)
        job.look()
        job.serve(seat)
        grow(log)  # signed, and not published
        assert anchorer.run_once() is Step.confirmed
        assert anchorer.run_once() is Step.idle
        assert anchored_sizes(chain, chain_url, log_id(ORIGIN)) == [cosigned.head.size]
        with log.database.unit() as db:
            assert anchorrows.newest_confirmed(db) is not None


def ask_line(log: Log, seat: Seat, target: PublishedCheckpoint) -> str:
    """Our witness's cosignature with a later time."""
    return cosigner(1).cosign(Note.parse(target.note).text, NOW + 1)


class TestFailing:
    """What a witness can do to us: not cosign (RELIABILITY L3)."""

    @pytest.mark.parametrize(
        ("answer", "why"),
        [
            ((500, TEXT, b""), "status 500"),
            ((404, TEXT, b""), "status 404"),
            ((403, TEXT, b""), "status 403"),
            ((422, TEXT, b""), "status 422"),
            ((301, TEXT, b""), "status 301"),
            ((OK, TEXT, b""), "wrong answer"),
            ((OK, TEXT, b"{}"), "wrong answer"),
            ((OK, TEXT, b"x" * 100_000), "too large"),
            ((CONFLICT, TEXT, b"0\n"), "wrong answer: type"),
            ((CONFLICT, SIZE, b"nonsense"), "wrong answer"),
            ((CONFLICT, SIZE, b"0\n"), "moves with every question"),
            ((CONFLICT, SIZE, b"2\n"), "moves with every question"),
            ((CONFLICT, SIZE, b"9000000000000000000\n"), "does not show it"),
        ],
    )
    def test_answers_of_no_use(
        self, log: Log, crooked: Callable[..., Crooked], answer: tuple[int, str, bytes], why: str
    ) -> None:
        server = crooked(lambda _: answer)
        job = asking(log, server.seat)
        grow(log)
        job.look()
        assert not job.serve(server.seat)
        assert why in (failure(log, server.seat) or "")
        assert published(log) == 0
        grow(log)  # the log goes on

    def test_slippery(self, log: Log, crooked: Callable[..., Crooked]) -> None:
        """Another size at every question: asked a few times, then left alone for a while."""
        sizes = iter(range(100))
        server = crooked(lambda _: (CONFLICT, SIZE, f"{next(sizes) % 5}\n".encode()))
        job = asking(log, server.seat)
        grow(log, 50)
        job.look()
        assert not job.serve(server.seat)
        assert len(server.asked) == ATTEMPTS

    def cosign(
        self, text_of: Callable[[str], str], time: int = NOW, number: int = 9
    ) -> Callable[[bytes], tuple[int, str, bytes]]:
        def answer(body: bytes) -> tuple[int, str, bytes]:
            note = AddCheckpoint.parse(body).note
            return OK, TEXT, cosigner(number).cosign(text_of(Note.parse(note).text), time).encode()

        return answer

    def test_a_good_answer_is_good(self, log: Log, crooked: Callable[..., Crooked]) -> None:
        """The crooked server can be straight, so the refusals below are about what it changes."""
        server = crooked(self.cosign(lambda text: text))
        job = asking(log, server.seat)
        grow(log)
        job.look()
        assert job.serve(server.seat)

    def test_wrong_key(self, log: Log, crooked: Callable[..., Crooked]) -> None:
        server = crooked(self.cosign(lambda text: text, number=8))
        self.refused(log, server, "no cosignature of this witness")

    def test_signature_over_another_tree(self, log: Log, crooked: Callable[..., Crooked]) -> None:
        server = crooked(self.cosign(lambda text: text.replace("\n3\n", "\n4\n")))
        self.refused(log, server, "bad signature")

    def test_time_of_zero(self, log: Log, crooked: Callable[..., Crooked]) -> None:
        def answer(body: bytes) -> tuple[int, str, bytes]:
            text = Note.parse(AddCheckpoint.parse(body).note).text
            maker = cosigner(9)
            signature = bytes(8) + maker._key.sign(f"cosignature/v1\ntime 0\n{text}".encode())
            line = Note.parse("x\n\n" + maker.cosign(text, 1)).signatures[0]
            return OK, TEXT, f"— {line.name} {b64encode(line.key_id + signature).decode()}\n".encode()

        self.refused(log, crooked(answer), "without a time")

    def refused(self, log: Log, server: Crooked, why: str) -> None:
        job = asking(log, server.seat)
        grow(log)
        job.look()
        assert not job.serve(server.seat)
        assert why in (failure(log, server.seat) or "")
        assert published(log) == 0
        with log.database.unit() as db:
            newest = store.newest_checkpoint(db)
        assert newest is not None
        assert len(Note.parse(newest.note).signatures) == 1  # nothing of it was taken over

    def test_down(self, log: Log) -> None:
        nobody = Seat(cosigner(9).verifier, "http://127.0.0.1:9")
        job = asking(log, nobody)
        grow(log)
        job.look()
        assert not job.serve(nobody)
        assert "no answer" in (failure(log, nobody) or "")

    def test_slow(self, log: Log, crooked: Callable[..., Crooked]) -> None:
        release = threading.Event()

        def hang(_: bytes) -> tuple[int, str, bytes]:
            release.wait(10)
            return 500, TEXT, b""

        server = crooked(hang)
        job = asking(log, server.seat, timeout=0.2)
        grow(log)
        job.look()
        assert not job.serve(server.seat)
        release.set()
        assert "no answer" in (failure(log, server.seat) or "")

    def test_a_failure_is_forgotten_when_it_cosigns(self, log: Log, seat: Seat, witness: Witness) -> None:
        witness.memory._db.execute("PRAGMA query_only = ON")
        job = asking(log, seat)
        grow(log)
        job.look()
        assert not job.serve(seat)
        assert failure(log, seat) == "status 503"
        witness.memory._db.execute("PRAGMA query_only = OFF")
        assert job.serve(seat)
        assert failure(log, seat) is None

    def test_our_own_fork_is_refused_by_the_witness(self, log: Log, seat: Seat, witness: Witness) -> None:
        """Our key signed another tree once: the witness says 422, and nothing more is published."""
        grow(log)
        other = sign_checkpoint(Checkpoint(ORIGIN, 3, bytes(32)), log.signer)
        witness.add_checkpoint(AddCheckpoint(0, (), other).encode())
        job = asking(log, seat)
        job.look()
        assert not job.serve(seat)
        assert failure(log, seat) == "status 422"
        assert published(log) == 0
        assert [each.kind for each in witness.memory.evidence()] == ["same-size"]


class TestRollback:
    """A database restored from an old backup: a witness remembers what we do not (RELIABILITY D9)."""

    def restored(self, log: Log, seat: Seat) -> None:
        """Cosigned at 6, then back to an empty log under the same key."""
        job = asking(log, seat)
        grow(log, 6)
        job.look()
        job.serve(seat)
        Log(log.database, quorum=1)

    def test_stops_the_sequencer(self, log: Log, seat: Seat) -> None:
        self.restored(log, seat)
        grow(log, 2)
        job = asking(log, seat)
        job.look()
        assert not job.serve(seat)
        assert "larger tree" in (failure(log, seat) or "")
        log.append(1)
        with pytest.raises(RollbackDetectedError) as stopped:
            log.sequencer.index_batch()
        assert stopped.value.fields["published"] == 6

    def test_a_witness_that_only_claims_it_is_not_believed(self, log: Log, crooked: Callable[..., Crooked]) -> None:
        """It shows nothing, a forgery, another log's checkpoint, or nonsense: the log goes on."""
        server = crooked(lambda _: (CONFLICT, SIZE, b"7\n"))
        job = asking(log, server.seat)
        grow(log)
        stranger = ToyLog(ORIGIN, seed=8)
        for shown in (b"", b"\xff", stranger.note(7).encode(), ToyLog().note(7).encode()):
            server.shown = (200, TEXT, shown)
            job.look()
            assert not job.serve(server.seat)
            held = state_of(log, server.seat)
            assert held is not None
            assert held.seen_size is None
        grow(log)

    def test_our_own_smaller_checkpoint_says_nothing(self, log: Log, crooked: Callable[..., Crooked]) -> None:
        server = crooked(lambda _: (CONFLICT, SIZE, b"7\n"))
        newest = grow(log)
        server.shown = (200, TEXT, newest.note.encode())
        job = asking(log, server.seat)
        job.look()
        assert not job.serve(server.seat)
        grow(log)


class TestRun:
    """The job with its threads."""

    def running(
        self, log: Log, seats: Sequence[Seat], quorum: int, timeout: float = 5
    ) -> tuple[threading.Event, threading.Thread]:
        stop = threading.Event()
        job = asking(log, *seats, quorum=quorum, timeout=timeout)
        thread = threading.Thread(target=job.run, args=(stop,))
        thread.start()
        return stop, thread

    def test_a_quorum_is_enough(self, log: Log, seat: Seat, crooked: Callable[..., Crooked]) -> None:
        """One good, one that hangs, one that is down, one that lies: every checkpoint is published, none is delayed."""
        release = threading.Event()
        hangs = crooked(lambda _: (release.wait(300), (500, TEXT, b""))[1], 8)
        lies = crooked(lambda _: (OK, TEXT, b"nonsense\n"), 7)
        down = Seat(cosigner(6).verifier, "http://127.0.0.1:9")
        stop, thread = self.running(log, [hangs.seat, down, seat, lies.seat], 1, timeout=300)
        try:
            for _ in range(3):
                newest = grow(log)
                assert until(lambda size=newest.head.size: published(log) == size)
        finally:
            stop.set()
            thread.join(60)
            release.set()
        assert not thread.is_alive()  # the one that hangs is not waited for

    def test_comes_back_with_the_witness(self, log: Log, witness: Witness) -> None:
        with listening(witness) as first:
            address = first.url
        stop, thread = self.running(log, [Seat(first.key, address)], 1)
        try:
            grow(log)
            assert until(lambda: failure(log, first) is not None)
            newest = grow(log)  # deposits never wait
            assert published(log) == 0
            with listening(witness, int(address.rpartition(":")[2])):
                assert until(lambda: published(log) == newest.head.size)
        finally:
            stop.set()
            thread.join(60)

    def test_without_witnesses_it_waits_for_its_end(self, log: Log) -> None:
        newest = grow(log)
        stop, thread = self.running(log, [], 0)
        try:
            assert until(lambda: published(log) == newest.head.size)
            assert thread.is_alive()
        finally:
            stop.set()
            thread.join(60)
        assert not thread.is_alive()


class TestAsk:
    def test_proves_from_the_size_it_knows(self, log: Log, seat: Seat, witness: Witness) -> None:
        grow(log, 5)
        newest = grow(log, 8)
        with log.database.unit() as db:
            proof = proofs.consistency(db, 5, 13)
            first = store.checkpoint(db, 5)
        assert first is not None
        witness.add_checkpoint(AddCheckpoint(0, (), first.note).encode())
        sent: list[bytes] = []

        class Listening(HttpWitnesses):
            def add_checkpoint(self, url: str, body: bytes):  # type: ignore[no-untyped-def]
                sent.append(body)
                return super().add_checkpoint(url, body)

        ask(log.database, Listening(), seat, newest, log.key)
        assert [AddCheckpoint.parse(each).old for each in sent] == [0, 5]
        assert AddCheckpoint.parse(sent[1]).proof == tuple(proof)

    def test_damaged_tiles_are_not_the_witness_s_fault(self, log: Log, seat: Seat, witness: Witness) -> None:
        first = grow(log, 5)
        witness.add_checkpoint(AddCheckpoint(0, (), first.note).encode())
        newest = grow(log, 8)
        log.run("UPDATE ledger.tile SET hashes = set_byte(hashes, 200, 255 - get_byte(hashes, 200)) WHERE level = 0")
        with pytest.raises(WitnessError, match="422"):
            ask(log.database, log.line, seat, newest, log.key)
