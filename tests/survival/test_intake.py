"""Bulk intake: death at every point of a request of many files, and what stops it when the log is behind."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from api.client import ProblemError
from tests.survival.acts import append
from tests.survival.site import until

if TYPE_CHECKING:
    from tests.survival.acts import Acts
    from tests.survival.recorder import Recorder

FILES = 6
POINTS = ["intake.checked", *["intake.stored"] * FILES, "intake.recorded", "intake.committed"]
"""Files go to the object store several at once; each passes its own point."""


class TestManyFiles:
    def test_pass_their_points(self, acts: Acts, recorder: Recorder) -> None:
        held = acts.begun(FILES)
        recorder.clear()
        acts.finish("intake", held)
        assert recorder.points == POINTS
        assert recorder.acts.count("s3: PUT") == FILES

    @pytest.mark.parametrize("number", range(len(POINTS)))
    def test_death_takes_all_or_none_and_nothing_twice(self, acts: Acts, recorder: Recorder, number: int) -> None:
        site, held = acts.site, acts.begun(FILES)
        recorder.clear(die_at=number)
        assert not acts.is_answered("intake", held)
        assert site.wait_http() == -signal.SIGKILL
        taken = site.count("SELECT count(*) FROM materials.intake_row WHERE intake_id = :id", id=held.values["intake"])
        assert taken == (FILES if POINTS[number] == "intake.committed" else 0)
        recorder.clear()
        site.start_http()
        acts.finish("intake", held)
        site.prove()


class TestLag:
    def test_stops_past_limit_1_and_goes_on_after_it(self, acts: Acts, recorder: Recorder) -> None:
        site = acts.site
        site.stop_http()
        site.reroute(lag_limit_1=1)
        site.raise_children(recorder)
        site.start_http()
        append(site, 1)

        def stopped() -> str | None:
            """Sends another document each time, until the oldest entry is a second old without an anchor."""
            try:
                acts.once("intake", acts.begun(1))
            except ProblemError as refused:
                return refused.code
            return None

        assert until(stopped) == "anchor-overdue"
        acts.finish("deposit", acts.prepare("deposit"))
        site.prove(anchor=True)
        acts.finish("intake", acts.begun(1))
