"""Kill after kill under load (RELIABILITY D10): nothing acknowledged is lost, nothing is there twice.

Twelve kills in every run; `CAILIAN_TEST_STORM=600` is the long form. Kills are counted, not seconds: on a slow machine
each life of the server is as long as its work needs. Every second kill waits until some act was answered, so that clients
get on however slow they are; those between come at any moment, also to a server that has answered nothing yet.
"""

from __future__ import annotations

import os
import random
import threading
from contextlib import closing
from typing import TYPE_CHECKING

from tests.survival.acts import Acts
from tests.survival.site import until
from tests.survival.test_two import Leader

if TYPE_CHECKING:
    from tests.survival.recorder import Recorder
    from tests.survival.site import Site

KILLS = int(os.environ.get("CAILIAN_TEST_STORM", "12"))
SEED = int(os.environ.get("CAILIAN_TEST_SEED", "0")) or random.SystemRandom().getrandbits(32)
KINDS = ("deposit", "evidence", "bulk", "use", "fetch", "withdrawal")


class Worker(threading.Thread):
    """A client that acts without pause and repeats each act until it is answered.

    Attributes:
        done: how many acts were answered.
    """

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
    dice, over = random.Random(SEED), threading.Event()
    print(f"{KILLS} kills, CAILIAN_TEST_SEED={SEED}")
    recorder.clear()
    site.start_http()
    with closing(Acts(site)) as one, closing(Acts(site)) as other:
        for acts in (one, other):
            acts.begin()
        workers = [Worker(acts, over, random.Random(SEED + n)) for n, acts in enumerate((one, other))]
        sequencer = Leader(site, recorder)
        for worker in workers:
            worker.start()
        for number in range(KILLS):
            before = done(workers)
            if number % 2:
                until(lambda before=before: done(workers) > before or failed(workers) or None)
            over.wait(dice.uniform(0.05, 0.6))
            if dice.random() < 0.7:
                site.stop_http()
                site.start_http()
            else:
                sequencer.process.kill()
                sequencer.process.join()
                sequencer = Leader(site, recorder)
        over.set()
        for worker in workers:
            worker.join()  # each request of its act is given up at last
            if worker.failure is not None:
                raise worker.failure
        until(lambda: site.is_integrated() or None)
        assert sequencer.stop() == "stopped"
    site.stop_http()
    print(f"{done(workers)} acts, {sum(acts.repeated for acts in (one, other))} requests repeated")
    assert one.repeated + other.repeated > 0, "no act was cut short"
    site.prove(anchor=True)


def done(workers: list[Worker]) -> int:
    return sum(worker.done for worker in workers)


def failed(workers: list[Worker]) -> bool:
    return any(worker.failure is not None for worker in workers)
