"""Two of everything against one database (RELIABILITY D7): one signs, and a leader that froze is done without.

A leader is stopped (SIGSTOP) inside its unit, holding the lead. PostgreSQL ends its session when it has been silent for
too long; the other leads. When the first is resumed, its commit fails, and it reads again.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.survival import child
from tests.survival.acts import append
from tests.survival.child import started
from tests.survival.site import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.context import ForkServerProcess

    from tests.survival.recorder import Recorder
    from tests.survival.site import Site

LEASE = 0.5


class Leader:
    """A process that runs the sequencer's own loop.

    Args:
        idle: seconds after which its session is ended where it froze.
    """

    def __init__(self, site: Site, recorder: Recorder, idle: float = LEASE) -> None:
        self._pipe, theirs = child.CONTEXT.Pipe(duplex=False)
        order = replace(site.order(recorder), idle=idle)
        self.process: ForkServerProcess = started(child.lead, order, theirs)
        theirs.close()
        self.began: tuple[str, int] = self._pipe.recv()
        self.peak = 0

    def stop(self) -> str:
        """Ask it to stop; how its loop ended."""
        self.process.terminate()
        how, self.peak = self._pipe.recv()
        self.process.join(60)
        return str(how)


@contextmanager
def leaders(site: Site, recorder: Recorder) -> Iterator[list[Leader]]:
    """Two of them, both running; at the end both have stopped as asked and neither died."""
    two = [Leader(site, recorder) for _ in range(2)]
    yield two
    assert [each.stop() for each in two] == ["stopped", "stopped"]


class TestTwoSequencers:
    def test_every_entry_gets_one_index_and_every_size_one_signature(self, site: Site, recorder: Recorder) -> None:
        recorder.clear()
        with leaders(site, recorder):
            writers = [threading.Thread(target=lambda: [append(site, 7) for _ in range(20)]) for _ in range(2)]
            for writer in writers:
                writer.start()
            for writer in writers:
                writer.join()
            until(lambda: site.is_integrated() or None)
        site.prove()

    @pytest.mark.parametrize("point", ["sequence.grown", "publish.stored"])
    def test_a_leader_that_froze_is_done_without_and_cannot_write_afterwards(
        self, site: Site, recorder: Recorder, point: str
    ) -> None:
        recorder.clear(hold_at=point)
        with leaders(site, recorder):
            append(site, 3)
            until(lambda: recorder.held.is_set() or None)
            os.kill(recorder.held_process, signal.SIGSTOP)
            try:
                recorder.release()
                append(site, 3)
                until(lambda: site.is_integrated() or None)
                site.see()
            finally:
                os.kill(recorder.held_process, signal.SIGCONT)
            append(site, 3)
            until(lambda: site.is_integrated() or None)
        site.prove()
