"""Each durable act in its two failures (RELIABILITY D2): not stored; stored, and the answer lost.

The wire to the real server is cut before the message that makes the act durable, or after the server has carried it out.
The process goes on; whoever asked asks again, as clients and jobs do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.survival.acts import append
from tests.survival.recorder import Cut

if TYPE_CHECKING:
    from tests.survival.acts import Acts
    from tests.survival.recorder import Recorder
    from tests.survival.site import Site

PROOF = "db: jti"
WRITES = {
    "deposit": [PROOF, "s3: PUT", "db: entry idempotency material object record secret"],
    "grant": ["db: ask entry grant idempotency notice outbox record secret"],
    "withdrawal": ["db: cessation entry grant idempotency notice outbox record secret use"],
    "use": [PROOF, "db: entry grant holder idempotency record secret use"],
    "fetch": [PROOF, "db: entry record secret use"],
    "stream": [PROOF, "db: entry record secret use"],
    "evidence": [PROOF, "db: entry idempotency kept log record secret tile"],
    "bulk": [PROOF, "db: entry idempotency kept log record secret tile"],
    "copy": [PROOF, "s3: PUT", "db: copy entry object record secret use", "db: entry record secret use"],
    "check": [
        PROOF,
        "db: data_check entry record secret",
        "db: data_check entry grant holder idempotency record secret use",
    ],
    "document": [
        PROOF,
        "db: copy entry grant holder idempotency record secret use",
        "s3: PUT",
        "db: copy entry object record secret use",
        "db: entry record secret use",
        "s3: PUT",
        "db: entry generated idempotency material object record secret",
    ],
    "form": [
        PROOF,
        "db: entry form_source grant holder record secret use",
        "db: entry form idempotency record secret",
    ],
    "intake": [PROOF, "s3: PUT", "db: entry idempotency intake_row material object record secret"],
}
"""The durable acts of each act of a client, in order, by the tables they write."""

JOBS = {
    "sequence": ["db: entry log tile", "db: checkpoint"],
    "cosign": ["witness: POST", "db: checkpoint witness"],
    "anchor": ["db: anchor", "db: anchor", "chain: send", "db: anchor"],
}
"""The same of each job of the worker."""

BOTH = pytest.mark.parametrize("how", [Cut.before, Cut.after], ids=["not stored", "stored"])


class TestClients:
    @pytest.mark.parametrize("act", WRITES)
    def test_writes_this_and_nothing_else(self, acts: Acts, recorder: Recorder, act: str) -> None:
        held = acts.prepare(act)
        recorder.clear()
        acts.finish(act, held)
        assert recorder.acts == WRITES[act]

    @BOTH
    @pytest.mark.parametrize("act", WRITES)
    def test_repeated_it_happens_once(self, acts: Acts, recorder: Recorder, act: str, how: Cut) -> None:
        for number in range(len(WRITES[act])):
            held = acts.prepare(act)
            recorder.clear(cut_at=(number, how))
            if acts.is_answered(act, held):  # what a stream leaves behind is written after the client has gone
                assert (act, number) == ("stream", 1)
            acts.finish(act, held)
        acts.site.prove()


class TestWorker:
    def test_writes_this_and_nothing_else(self, site: Site, recorder: Recorder) -> None:
        append(site, 1)
        site.prove(anchor=True)  # the first look at a chain writes which one it is
        append(site, 3)
        for job, writes in JOBS.items():
            recorder.clear()
            assert site.work(job) == ("done", 0)
            assert recorder.acts == writes

    @BOTH
    @pytest.mark.parametrize("number", range(sum(map(len, JOBS.values()))))
    def test_repeated_it_happens_once(self, site: Site, recorder: Recorder, number: int, how: Cut) -> None:
        append(site, 3)
        recorder.clear(cut_at=(number, how))
        site.work(*JOBS)
        anchors = site.count("SELECT count(*) FROM ledger.anchor WHERE state <> 'void'")
        recorder.clear()
        assert site.work(*JOBS) == ("done", 0)
        assert site.count("SELECT count(*) FROM ledger.anchor WHERE state <> 'void'") - anchors in (0, 1)
        site.prove(anchor=True)
        assert site.count("SELECT count(*) FROM ledger.anchor WHERE state = 'sending'") == 0
