"""The background process: sequencer, witnesses, anchor worker, housekeeping. `python -m api.worker` runs until stopped.

Each job is a loop of its own in a thread of its own; a job that dies takes the process down with it, so that the
supervisor starts it anew and the ordinary start is the recovery (DESIGN 4.3).
"""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from api import canary, definitionkeeper, figurejobs, watch, webhooks
from api.node import Node
from api.observe import configure_logs, log
from api.reactions import Reactions
from api.readingjobs import ReadingJobs
from api.settings import Settings
from authz import notices
from authz.store.backchannel import PING
from certs.issuing import VERSIONED
from ledger import failpoints
from materials.reading.reader import Reader
from materials.reading.service import PAGE as READING

if TYPE_CHECKING:
    from collections.abc import Callable

SENDERS: Final = 4
"""Webhooks under way at the same time, so that one slow receiver delays few others."""


class Worker:
    """All background jobs of one node."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.stop = Event()
        self.failed: list[str] = []

    def run(self) -> int:
        """Run until `stop` is set or a job dies; the exit code."""
        node = self.node
        node.look_outside()
        reader = Reader()
        remake = node.routes.reviewing.remake
        reading = ReadingJobs(node.database, node.objects, node.readings, reader, node.clock, remake)
        jobs = {
            "sequencer": node.sequencer.run,
            "cosigning": node.cosigning.run,
            "definitions": partial(definitionkeeper.run, node),
            "upkeep": node.upkeep.run,
            "watch": partial(watch.run, node),
            "figures": partial(figurejobs.run, node),
            "reactions": Reactions(
                node.database,
                {
                    webhooks.CHANGED: node.webhooks.fan_out,
                    VERSIONED: node.automatic.linked.changed,
                    webhooks.MATERIAL: node.webhooks.material_changed,
                    webhooks.ASSISTANCE: node.webhooks.assistance,
                    webhooks.COMMITMENT: node.webhooks.commitment,
                    webhooks.WITHDRAWN: node.webhooks.withdrawn,
                    webhooks.EMERGENCY: node.webhooks.emergency,
                },
                node.clock,
            ).run,
            "telling": Reactions(
                node.database,
                {notices.OUTBOX: node.telling.notice, PING: node.telling.ping},
                node.clock,
                SENDERS,
            ).run,
            "webhooks": Reactions(node.database, {webhooks.KIND: node.webhooks.deliver}, node.clock, SENDERS).run,
            "automatic": node.automatic.automating.run,
            "linked": node.automatic.linked.run,
            "reading": Reactions(node.database, {READING: reading.page}, node.clock, batch=1).run,
        }
        if node.forwarder is None:  # else the log above ours is anchored, with our checkpoints in it
            jobs |= {"anchorer": node.anchorer.run, "recorder": node.recorder.run}
        else:
            jobs["forwarder"] = node.forwarder.run
        if (bird := canary.load(node.settings)) is not None:
            jobs["canary"] = partial(canary.run, bird, node.database, node.clock)
        threads = [Thread(target=self._guard, args=(name, job), name=name) for name, job in jobs.items()]
        for thread in threads:
            thread.start()
        self.stop.wait()
        reader.close()  # a page may take long, and is read again
        for thread in threads:
            thread.join()
        return 1 if self.failed else 0

    def _guard(self, name: str, job: Callable[[Event], None]) -> None:
        try:
            job(self.stop)
        except Exception as error:  # noqa: BLE001 - whatever it was, the process must end and be started anew
            self.failed.append(name)
            log.error("job died", job=name, kind=type(error).__name__, code=getattr(error, "code", None))
        finally:
            self.stop.set()


def main() -> None:
    """Run the jobs of the node the environment describes."""
    settings = Settings()  # type: ignore[call-arg]  # fields come from the environment
    failpoints.arm(os.environ, allowed=settings.demo)
    configure_logs(settings.log_level)
    worker = Worker(Node(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop.set())
    code = worker.run()
    worker.node.close()
    sys.exit(code)


if __name__ == "__main__":
    main()
