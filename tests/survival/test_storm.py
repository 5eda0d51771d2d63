"""Kill after kill under load (RELIABILITY D10): nothing acknowledged is lost, nothing is there twice.

Eight seconds in every run; `CAILIAN_TEST_STORM=600` is the long form.
"""

from __future__ import annotations

import os
import random
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING

from tests.survival.acts import Acts
from tests.survival.site import until
from tests.survival.test_two import Leader

if TYPE_CHECKING:
    from tests.survival.recorder import Recorder
    from tests.survival.site import Site

SECONDS = float(os.environ.get("CAILIAN_TEST_STORM", "8"))
SEED = int(os.environ.get("CAILIAN_TEST_SEED", "0")) or random.SystemRandom().getrandbits(32)
KINDS = ("deposit", "evidence", "bulk", "use", "fetch", "withdrawal")


class Worker(threading.Thread):
    """A client that acts without pause and repeats each act until it is answered."""

    def __init__(self, acts: Acts, over: threading.Event, dice: random.Random) -> None:
        super().__init__()
        self.acts, self.over, self.dice = acts, over, dice
        self.done = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.over.is_set():
                act = self.dice.choice(KINDS)
                self.acts.finish(act, self.acts.prepare(act))
                self.done += 1
        except BaseException as failure:  # noqa: BLE001 - told by the test
            self.failure = failure


def test_nothing_acknowledged_is_lost(site: Site, recorder: Recorder) -> None:
    dice, kills, over = random.Random(SEED), 0, threading.Event()
    print(f"{SECONDS} s, CAILIAN_TEST_SEED={SEED}")
    recorder.clear()
    site.start_http()
    with closing(Acts(site)) as one, closing(Acts(site)) as other:
        for acts in (one, other):
            acts.begin()
        workers = [Worker(acts, over, random.Random(SEED + n)) for n, acts in enumerate((one, other))]
        sequencer = Leader(site, recorder)
        for worker in workers:
            worker.start()
        ends = time.monotonic() + SECONDS
        while time.monotonic() < ends:
            over.wait(dice.uniform(0.05, 0.6))
            if dice.random() < 0.7:
                site.stop_http()
                site.start_http()
            else:
                sequencer.process.kill()
                sequencer.process.join(10)
                sequencer = Leader(site, recorder)
            kills += 1
        over.set()
        for worker in workers:
            worker.join(60)
            assert not worker.is_alive()
            if worker.failure is not None:
                raise worker.failure
        until(lambda: site.is_integrated() or None)
        assert sequencer.stop() == "stopped"
    site.stop_http()
    done = sum(worker.done for worker in workers)
    print(f"{kills} kills, {done} acts")
    assert kills > 5
    assert done > kills
    site.prove(anchor=True)
