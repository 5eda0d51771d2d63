"""A death with more waiting than any limit takes at once (RELIABILITY D6): it starts, drains, and stays small.

immudb once could not be started again when what had queued exceeded a configured limit. Here every queue is filled past
its limits: pending entries past the sequencer's batch and past the backlog at which intake stops, uses that ran out,
proofs and answers to be forgotten, intents of the outbox, checkpoints that nobody anchored.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from api import lag
from api.errors import MergeOverdueError
from api.lag import Lag
from ledger import outbox, store
from ledger.record import Record
from ledger.sequencer import BATCH, Sequencer
from ledger.steps import run
from tests.survival.acts import append
from tests.survival.child import Jobs, ShiftedClock
from tests.survival.site import until
from tests.survival.test_two import Leader

if TYPE_CHECKING:
    from tests.survival.acts import Acts
    from tests.survival.recorder import Recorder
    from tests.survival.site import Site

KIB = 1024


def pend(site: Site, count: int) -> None:
    """Let entries pend."""
    for first in range(0, count, 5000):
        with site.node.database.unit() as db:
            site.node.evidence.append_many(db, [Record({"type": "x"}, {})] * min(5000, count - first))


def growth(site: Site, recorder: Recorder, *, deaths: int) -> int:
    """KiB by which a sequencer grows while it drains everything, having been killed so many times before."""
    for _ in range(deaths):
        recorder.clear(hold_at="sequence.grown")
        leader = Leader(site, recorder)
        until(lambda: recorder.held.is_set() or None)
        leader.process.kill()
        recorder.release()
        leader.process.join(60)
    recorder.clear()
    leader = Leader(site, recorder)
    until(lambda: site.is_integrated() or None)
    assert leader.stop() == "stopped"
    return leader.peak - leader.began[1]


class TestSequencer:
    def test_drains_past_every_limit_in_bounded_memory(
        self, site: Site, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lag, "BACKLOG", 4 * BATCH)  # a smaller one, for a shorter test
        pend(site, BATCH)
        small = growth(site, recorder, deaths=0)
        pend(site, 6 * BATCH)
        with site.node.database.unit() as db:
            assert store.has_pending(db)
            with pytest.raises(MergeOverdueError):
                run(db, Lag(site.node.settings).refuse_deposit())
        large = growth(site, recorder, deaths=2)
        assert large - small < 4 * KIB, f"{small} KiB for {BATCH}, {large} KiB for {6 * BATCH} entries"
        site.prove()
        with site.node.database.unit() as db:
            run(db, Lag(site.node.settings).refuse_deposit())


class TestOutbox:
    def test_every_intent_is_claimed_once_by_two_workers_one_of_which_dies(self, site: Site) -> None:
        node, count, limit = site.node, 1500, 200
        now = node.clock.now()
        with node.database.unit() as db:
            for number in range(count):
                outbox.emit(db, "webhook", f"backlog-{number}", {"number": number}, now)
        seen: list[str] = []
        with node.database.unit() as db:
            lost = outbox.claim(db, limit, now)  # by a worker that dies before it delivers
        later = now + timedelta(seconds=outbox.LEASE_SECONDS + 1)
        for moment in (now, later):
            while True:
                with node.database.unit() as db:
                    claimed = outbox.claim(db, limit, moment)
                assert len(claimed) <= limit
                if not claimed:
                    break
                with node.database.unit() as db:
                    for message in claimed:
                        outbox.done(db, message, moment)
                seen += [message.key for message in claimed]
        assert len(seen) == count
        assert len(set(seen)) == count
        assert {message.key for message in lost} <= set(seen[-limit:])


class TestAnchorer:
    def test_only_the_newest_of_many_checkpoints_is_sent(self, site: Site, recorder: Recorder) -> None:
        for _ in range(15):
            append(site, 1)
            site.ahead += 2.0
            clock = ShiftedClock(site.ahead)
            sequencer = Sequencer(site.node.database, site.node.signer, clock)
            sequencer.index_batch()
            assert sequencer.publish()
        recorder.clear()
        assert site.work("cosign", "anchor") == ("done", 0)
        assert recorder.acts.count("chain: send") == 1
        with site.node.database.unit() as db:
            newest = store.newest_checkpoint(db)
            assert newest is not None
            assert store.newest_anchor_size(db) == newest.head.size
        Jobs(site.node, site.ahead + 2, ()).anchor()
        site.prove(anchor=True)


class TestSweeper:
    """The last test of this file: what it makes up has no evidence."""

    def test_drains_what_ran_out(self, acts: Acts) -> None:
        site = acts.site
        acts.prepare("fetch")
        with site.node.database.unit() as db:
            db.exec_driver_sql(
                """
                INSERT INTO authz.use_ SELECT (jsonb_populate_record(u, jsonb_build_object('id', gen_random_uuid(),
                  'key', gen_random_uuid()::text, 'holder_seq', n + 1000000,
                  'intent_entry_id', u.intent_entry_id, 'closes_at', now() - interval '1 minute'))).*
                FROM authz.use_ u, generate_series(1, 1200) n
                WHERE u.id = (SELECT id FROM authz.use_ WHERE state = 'open' LIMIT 1)
                """
            )
            db.exec_driver_sql(
                """
                INSERT INTO api.idempotency (principal, key, fingerprint, status, body, created_at)
                SELECT 'old', n::text, '', 200, '', now() - interval '2 days' FROM generate_series(1, 2500) n
                """
            )
        rounds = 0
        while site.count(
            "SELECT (SELECT count(*) FROM authz.use_ WHERE state = 'open' AND closes_at < now())"
            " + (SELECT count(*) FROM api.idempotency WHERE principal = 'old')"
        ):
            assert site.node.upkeep.once() == []
            rounds += 1
            assert rounds <= 3
        assert rounds == 3
