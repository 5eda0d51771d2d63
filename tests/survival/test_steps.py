"""Death at every step of every act (RELIABILITY D1): for every N, the process is killed at its Nth point.

What is killed is the real HTTP server, with a client outside that repeats its request until it is answered, and the real
jobs of the worker. After each death the ordinary start is the recovery, and the oracle looks.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from ledger.failpoints import POINTS
from tests.survival.acts import append
from tests.survival.site import until

if TYPE_CHECKING:
    from tests.survival.acts import Acts
    from tests.survival.recorder import Recorder
    from tests.survival.site import Site

STEPS = {
    "deposit": ["deposit.checked", "deposit.stored", "deposit.recorded", "deposit.committed"],
    "issue": ["issue.asked", "issue.planned", "issue.half", "issue.stored", "issue.recorded", "issue.committed"],
    "grant": ["grant.signed", "grant.recorded", "once.committed"],
    "withdrawal": ["withdrawal.signed", "withdrawal.recorded", "once.committed"],
    "use": ["use.decided", "use.recorded", "use.committed"],
    "fetch": ["fetch.passed", "fetch.read", "fetch.completed"],
    "evidence": ["evidence.sealed", "sequence.grown", "evidence.committed"],
    "bulk": ["evidence.sealed", "sequence.grown", "evidence.committed"],
    "intake": ["intake.checked", "intake.stored", "intake.recorded", "intake.committed"],
    "copy": ["copy.made", "copy.stored", "copy.recorded", "copy.committed", "fetch.passed", "fetch.read",
             "fetch.completed"],
    "check": ["instalments.begun", "check.asked", "check.answered", "check.recorded", "check.committed"],
    "document": ["instalments.begun", "document.used", "copy.made", "copy.stored", "copy.recorded", "copy.committed", "document.read",
                 "document.stored", "document.recorded", "document.committed"],
    "form": ["instalments.begun", "form.read", "form.used", "form.recorded", "form.committed"],
    "stream": ["fetch.passed", *["stream.piece"] * 4, "stream.ended", "stream.completed"],
}  # fmt: skip
"""The points that each act of a client passes, in order."""

JOBS = {
    "sequence": ["sequence.led", "sequence.indexed", "sequence.grown", "sequence.led", "publish.led", "publish.checked",
                 "publish.signed", "publish.stored", "publish.committed"],
    "cosign": ["cosign.asking", "cosign.answered", "cosign.kept", "cosign.committed"],
    "anchor": ["anchor.identified", "anchor.looked", "anchor.built", "anchor.intended", "anchor.sent", "anchor.proven", "anchor.confirmed"],
}  # fmt: skip
"""The points that each job of the worker passes."""


def assert_separated(recorder: Recorder) -> None:
    """No two durable acts without a point between them, none after the last: a new step needs a new point."""
    for one, other in zip(recorder.events, recorder.events[1:], strict=False):
        assert not (one in recorder.acts and other in recorder.acts), f"no point between {one} and {other}"
    assert recorder.events[-1] in POINTS, f"no point after {recorder.events[-1]}"


class TestTable:
    def test_every_point_is_passed_by_some_act(self) -> None:
        passed = {point for steps in (STEPS | JOBS).values() for point in steps}
        assert passed == set(POINTS)


class TestClients:
    @pytest.mark.parametrize("act", STEPS)
    def test_passes_its_points_and_no_others(self, acts: Acts, recorder: Recorder, act: str) -> None:
        held = acts.prepare(act)
        recorder.clear()
        acts.finish(act, held)
        until(lambda: (len(recorder.events) > 1 and recorder.points[-1] == STEPS[act][-1]) or None)  # a stream's last
        assert recorder.points == STEPS[act]
        assert_separated(recorder)

    @pytest.mark.parametrize(("act", "number"), [(act, n) for act, steps in STEPS.items() for n in range(len(steps))])
    def test_death_loses_nothing_acknowledged(self, acts: Acts, recorder: Recorder, act: str, number: int) -> None:
        site = acts.site
        held = acts.prepare(act)
        recorder.clear(die_at=number)
        if acts.is_answered(act, held):  # a stream ends for its client before it ends for the server
            assert STEPS[act][number].startswith("stream.")
        assert site.wait_http() == -signal.SIGKILL
        assert recorder.points == STEPS[act][: number + 1]
        recorder.clear()
        site.start_http()
        acts.finish(act, held)
        site.prove()


class TestWorker:
    def test_passes_its_points_and_no_others(self, site: Site, recorder: Recorder) -> None:
        append(site, 3)
        for job, steps in JOBS.items():
            recorder.clear()
            assert site.work(job) == ("done", 0)
            assert recorder.points == steps
            assert_separated(recorder)

    @pytest.mark.parametrize("number", range(sum(map(len, JOBS.values()))))
    def test_death_loses_nothing_promised(self, site: Site, recorder: Recorder, number: int) -> None:
        append(site, 3)
        recorder.clear(die_at=number)
        assert site.work(*JOBS) == ("", -signal.SIGKILL)
        assert recorder.points == [point for steps in JOBS.values() for point in steps][: number + 1]
        site.prove(anchor=recorder.points[-1].startswith("anchor."))
