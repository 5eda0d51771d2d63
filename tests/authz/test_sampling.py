"""The audit of duty uses: drawn by a checkpoint nobody knew, judged, answered, closed, and warned of when late."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from authz import sampling
from authz.duties import DutyEntry
from authz.errors import NotPermittedError, SampleClosedError, UnknownSampleError
from authz.model import Basis, Mode, Role
from authz.sampling import DOMAIN, Sampling, is_picked, seed_of
from authz.workdays import Workdays
from ledger import archive, shards, store as log
from ledger.db import Database
from ledger.evidence import Evidence
from ledger.note import NoteSigner, NoteVerifier
from ledger.record import Record
from ledger.sequencer import Sequencer, create_log
from tests.authz.world import ITEM, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from authz.store.dutyuses import Sample

ORIGIN = "log.test/authz"
NEXT = "log.test/authz-2"


class Audits(World):
    """`World` with a sequencer and the audit; 宝山 oversees by `bs-900`."""

    def __init__(self, database: Any) -> None:
        super().__init__(database)
        signer = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
        self.sequencer = Sequencer(database, signer, self.clock, quorum=0)
        self.sampling = self.audit(1000)
        entry = DutyEntry(
            "11310118XX00000B0W", "食品安全法 第一百一十条", ITEM, ("CL022",), Mode.copy, self.clock.now()
        )
        self.publish_duties(entry)
        with database.unit() as db:
            create_log(db, ORIGIN, signer.key_id)
            for handle, role in (("qp-204", Role.reviewer), ("qp-205", Role.reviewer)):
                self.parties.register_operator(db, self.qingpu.party_id, handle, {role})
            self.parties.register_operator(db, self.baoshan.party_id, "bs-900", {Role.auditor})
        self.overseer = self.call(self.baoshan)

    def audit(self, permille: int, *, witnessed: bool = False) -> Sampling:
        parts = (self.counter, self.evidence, self.vault, Workdays(), self.clock)
        return Sampling(*parts, permille=permille, witnessed=witnessed)

    def checkpoint(self) -> None:
        """Integrate what is pending."""
        self.sequencer.index_batch()
        self.clock.pass_(2)
        assert self.sequencer.publish() is not None

    def duty(self, **request: Any) -> str:
        use = self.use(**request)
        assert use.basis is Basis.duty
        return use.id

    def draw(self, sampling: Sampling | None = None) -> int:
        with self.database.unit() as db:
            return (sampling or self.sampling).draw(db)

    def drawn(self) -> str:
        """A use that waits for a verdict."""
        use = self.duty()
        self.checkpoint()
        assert self.draw() == 1
        return use

    def judge(self, use_id: str, verdict: str, operator: str = "bs-900") -> Sample:
        with self.database.unit() as db:
            return self.sampling.judge(
                db, self.overseer, use_id, verdict=verdict, finding="办件中未见对应的审查要点", operator=operator
            )

    def answer(self, use_id: str, operator: str = "qp-204") -> Sample:
        with self.database.unit() as db:
            return self.sampling.answer(db, self.caller, use_id, answer="系现场核查所需", operator=operator)

    def waiting(self) -> list[str]:
        with self.database.unit() as db:
            return [each.use_id for each in self.sampling.waiting(db, limit=10)]


@pytest.fixture
def world(database: Any) -> Audits:
    return Audits(database)


class TestSeed:
    ROOT = b"r" * 32
    NOTE = f"log\n7\nroot\n\n\u2014 {ORIGIN} own\n\u2014 w2 second\n\u2014 w1 first\n"

    def test_is_of_the_root_and_the_witnesses_in_one_order(self) -> None:
        lines = "\u2014 w1 first\n\u2014 w2 second\n"
        assert seed_of(self.ROOT, self.NOTE, ORIGIN) == sha256(DOMAIN + self.ROOT + lines.encode()).digest()

    def test_changes_with_the_root_and_with_every_witness(self) -> None:
        seeds = {
            seed_of(self.ROOT, self.NOTE, ORIGIN),
            seed_of(b"s" * 32, self.NOTE, ORIGIN),
            seed_of(self.ROOT, self.NOTE.replace("first", "other"), ORIGIN),
            seed_of(self.ROOT, self.NOTE.replace("second", "other"), ORIGIN),
        }
        assert len(seeds) == 4

    def test_does_not_change_with_the_logs_own_line(self) -> None:
        assert seed_of(self.ROOT, self.NOTE.replace("own", "another"), ORIGIN) == seed_of(self.ROOT, self.NOTE, ORIGIN)

    @pytest.mark.parametrize(
        ("permille", "low", "high"), [(0, 0, 0), (50, 25, 80), (500, 430, 570), (1000, 1000, 1000)]
    )
    def test_picks_about_the_rate(self, permille: int, low: int, high: int) -> None:
        picked = sum(is_picked(b"s" * 32, f"use-{number}", permille) for number in range(1000))
        assert low <= picked <= high


class TestDraw:
    def test_waits_for_a_checkpoint_after_the_use(self, world: Audits) -> None:
        use = world.duty()
        assert world.draw() == 0
        world.checkpoint()
        assert world.draw() == 1
        assert world.waiting() == [use]
        assert world.draw() == 0

    def test_waits_for_witnesses_where_there_are_some(self, world: Audits) -> None:
        world.duty()
        world.checkpoint()
        world.run("UPDATE ledger.checkpoint SET quorum = NULL")
        witnessed = world.audit(1000, witnessed=True)
        assert world.draw(witnessed) == 0
        world.run("UPDATE ledger.checkpoint SET quorum = 1")
        assert world.draw(witnessed) == 1

    def test_can_be_drawn_again_from_what_is_on_the_log(self, world: Audits) -> None:
        uses = [world.duty() for _ in range(8)]
        world.checkpoint()
        half = world.audit(500)
        world.draw(half)
        ((_, origin, size, root, seed, permille, count, picked, _, entry),) = self.draws(world)
        assert origin == ORIGIN
        fact, parties = world.record(entry)
        assert (fact["type"], parties["permille"], count) == ("duty.sampled", 500, 8)
        with world.database.unit() as db:
            checkpoint = log.checkpoint(db, size)
        assert checkpoint is not None
        assert checkpoint.head.root.hex() == root
        again = seed_of(bytes.fromhex(root), parties["note"], ORIGIN)
        assert again.hex() == seed == parties["seed"]
        expected = sorted(each for each in uses if is_picked(again, each, permille))
        assert (parties["uses"], parties["picked"], picked) == (sorted(uses), expected, len(expected))
        assert sorted(world.waiting()) == expected

    @staticmethod
    def draws(world: Audits) -> list[tuple[Any, ...]]:
        with world.database.unit() as db:
            return world.sampling.draws(db)

    def test_is_not_of_other_uses(self, world: Audits) -> None:
        world.grant()
        assert world.use().basis is Basis.grant
        world.checkpoint()
        assert world.draw() == 0


class Successor:
    """The log after the one of `Audits`, which was frozen, and the audit as the node's next process has it."""

    def __init__(self, world: Audits) -> None:
        signer = NoteSigner(NEXT, Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32))
        self._world = world
        self.database = Database(shards.as_writer(world.database.url, signer.key_id), pool_size=2)
        self.evidence = Evidence(NEXT, signer, world.clock)
        self._sequencer = Sequencer(self.database, signer, world.clock, quorum=0)
        with world.database.unit() as db:
            shards.freeze(db, world.clock.now())
        world.checkpoint()
        world.run(
            "INSERT INTO ledger.anchor (size, root, state, block_number, block_time)"
            " SELECT size, root, 'confirmed', 1, now() FROM ledger.log"
        )
        old = NoteVerifier.parse(NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32))).vkey)
        with world.database.unit() as db:
            self.frozen = shards.open_successor(db, NEXT, NoteVerifier.parse(signer.vkey), old, world.clock)

    def grow(self, size: int) -> None:
        """Let the log have a checkpoint of that size."""
        with self.database.unit() as db:
            for _ in range(size):
                self.evidence.append(db, Record({"type": "note", "time": "2026-11-21T04:00:00.000Z"}, {}))
        self._sequencer.index_batch()
        self._world.clock.pass_(2)
        assert self._sequencer.publish() is not None

    def draw(self, *, witnessed: bool = False) -> int:
        parts = (self._world.counter, self.evidence, self._world.vault, Workdays(), self._world.clock)
        with self.database.unit() as db:
            return Sampling(*parts, permille=1000, witnessed=witnessed).draw(db)


class TestFrozenLog:
    @pytest.fixture
    def world(self, database: Any) -> Iterator[Audits]:
        yield Audits(database)
        with database.unit() as db:
            for number in archive.numbers(db):
                db.exec_driver_sql(f"DROP SCHEMA {archive.schema(number)} CASCADE")
            db.exec_driver_sql("DROP TRIGGER IF EXISTS guard ON ledger.entry")

    @pytest.fixture
    def successor(self, world: Audits) -> Iterator[Successor]:
        """Two duty uses lie in the log before."""
        self.uses = sorted(world.duty() for _ in range(2))
        held = Successor(world)
        yield held
        held.database.close()

    def test_is_drawn_by_its_own_checkpoint(self, world: Audits, successor: Successor) -> None:
        successor.grow(successor.frozen.size)  # a checkpoint of the same size, and another root
        assert successor.draw() == 2
        ((_, origin, size, root, *_),) = TestDraw.draws(world)
        assert (origin, size, root) == (ORIGIN, successor.frozen.size, successor.frozen.root.hex())
        assert sorted(world.waiting()) == self.uses
        assert successor.draw() == 0

    def test_that_nobody_witnessed_is_drawn_by_the_next_one(
        self, world: Audits, successor: Successor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sampling, "_AT_ONCE", 1)  # so that what cannot be drawn would hold up the rest
        assert successor.draw(witnessed=True) == 0
        successor.grow(3)
        assert successor.draw(witnessed=True) == 0
        with successor.database.unit() as db:
            db.exec_driver_sql("UPDATE ledger.checkpoint SET quorum = 1")
        assert [successor.draw(witnessed=True) for _ in range(3)] == [1, 1, 0]
        assert {(each[1], each[2]) for each in TestDraw.draws(world)} == {(NEXT, 3)}


class TestVerdict:
    def test_lawful_closes_it(self, world: Audits) -> None:
        use = world.drawn()
        done = world.judge(use, "lawful")
        assert (done.verdict, done.closed_by) == ("lawful", "bs-900")
        assert world.waiting() == []
        fact, parties = world.record(done.entry_id or "")
        assert (fact["type"], parties["verdict"], parties["use"]) == ("duty.audited", "lawful", use)
        assert "审查要点" not in str(parties)

    def test_shows_the_entry_it_rested_on(self, world: Audits) -> None:
        use = world.drawn()
        with world.database.unit() as db:
            held = world.sampling.get(db, use)
        assert (held.article, held.operator, held.cause) == (
            "食品安全法 第一百一十条",
            "qp-103",
            "食品经营许可新办审查",
        )

    def test_anything_else_is_answered_by_another_person_and_closed(self, world: Audits) -> None:
        use = world.drawn()
        held = world.judge(use, "unclear")
        assert held.follow_due_at is not None
        with world.database.unit() as db:
            assert [each.use_id for each in world.sampling.followed(db, world.caller)] == [use]
            assert world.sampling.followed(db, world.overseer) == []
        with world.database.unit() as db, pytest.raises(SampleClosedError):
            world.sampling.close(db, world.overseer, use, "bs-900")
        answered = world.answer(use)
        texts = world.sampling.texts(answered)
        assert (texts.finding, texts.answer) == ("办件中未见对应的审查要点", "系现场核查所需")
        with world.database.unit() as db:
            done = world.sampling.close(db, world.overseer, use, "bs-900")
        assert done.closed_at is not None
        assert world.waiting() == []

    def test_is_answered_by_a_reviewer(self, world: Audits) -> None:
        use = world.drawn()
        world.judge(use, "unclear")
        with pytest.raises(NotPermittedError) as refused:
            world.answer(use, "qp-900")
        assert refused.value.fields["act"] == "answer_audit"

    def test_who_used_answers_nothing(self, world: Audits) -> None:
        use = world.duty(operator="qp-204")
        world.checkpoint()
        world.draw()
        world.judge(use, "unlawful")
        with pytest.raises(UnknownSampleError):
            world.answer(use, "qp-204")
        assert world.answer(use, "qp-205").answered_by == "qp-205"

    def test_is_an_auditors_and_given_once(self, world: Audits) -> None:
        use = world.drawn()
        with world.database.unit() as db, pytest.raises(NotPermittedError):
            world.sampling.judge(db, world.caller, use, verdict="lawful", finding="x", operator="qp-103")
        world.judge(use, "lawful")
        with pytest.raises(SampleClosedError):
            world.judge(use, "unlawful")
        with pytest.raises(UnknownSampleError):
            world.judge("019a0000-0000-7000-8000-00000000dead", "lawful")


class TestOverdue:
    def count(self, world: Audits) -> tuple[int, int]:
        with world.database.unit() as db:
            return world.sampling.count(db)

    def test_counts_what_nobody_judged_and_what_nobody_answered(self, world: Audits) -> None:
        use = world.drawn()
        assert self.count(world) == (1, 0)
        with world.database.unit() as db:
            held = world.sampling.get(db, use)
        world.clock.pass_((held.due_at - world.clock.now()).total_seconds())
        assert self.count(world) == (1, 1)
        judged = world.judge(use, "unclear")
        assert self.count(world) == (0, 0)
        assert judged.follow_due_at is not None
        world.clock.pass_((judged.follow_due_at - world.clock.now()).total_seconds())
        assert self.count(world) == (0, 1)
        world.answer(use)
        assert self.count(world) == (0, 0)
