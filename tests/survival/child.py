"""What runs in the processes that are killed: the real HTTP server, and the real jobs of the worker.

They are forked from processes that have imported and made everything, so a start costs little; what runs in them is what
`api.serve` and `api.worker` run.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import resource
import signal
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any

import uvicorn

from api.adapters import witnesses
from api.app import create_app
from api.node import Node
from api.observe import configure_logs
from api.settings import Settings
from api.witness.__main__ import serve as run_witness
from ledger import db, failpoints
from ledger.anchor import Anchorer, Step
from ledger.note import NoteVerifier
from ledger.sequencer import Sequencer
from ledger.witness import Cosigning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess
    from pathlib import Path

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload([__name__])


@dataclass(frozen=True, slots=True)
class Order:
    """What a child is told.

    Attributes:
        settings: of its node, by name.
        points: socket for failpoints; empty where none listens.
        ahead: seconds its clock runs ahead of ours, so that nothing waits for "at most once a second".
        idle: seconds after which PostgreSQL ends a unit that froze, in place of the ordinary ten.
    """

    settings: dict[str, Any]
    points: str = ""
    ahead: float = 0.0
    idle: float = db.IDLE_SECONDS


@dataclass(frozen=True, slots=True)
class ShiftedClock:
    """The machine's clock, some seconds ahead."""

    ahead: float

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)


def _die_with_parent() -> None:
    """No child outlives the tests, however they end (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)


def _begin(order: Order) -> Settings:
    _die_with_parent()
    os.environ[failpoints.VARIABLE] = order.points
    db.IDLE_SECONDS = order.idle
    settings = Settings(**order.settings)
    failpoints.arm(os.environ, allowed=settings.demo)
    return settings


def nursery(order: Order, pipe: Connection) -> None:
    """Make server and jobs once, and fork from them whatever is asked for: a start then costs what a fork costs.

    Nothing is connected and no thread runs before the fork. Asked `("serve",)`, answers the process id; asked
    `("work", ahead, parts)`, lets the child say how it went; asked `("reap", id)` and after work, answers how it ended.
    """
    settings = _begin(order)
    config = uvicorn.Config(create_app(settings), host=settings.host, port=settings.port, log_config=None, ws="none")
    node = Node(settings)
    while True:
        what, *arguments = pipe.recv()
        if what == "reap":
            pid = arguments[0]
        elif pid := os.fork():
            pipe.send(pid)
        else:
            _grow_up(uvicorn.Server(config).run if what == "serve" else partial(_work, Jobs(node, *arguments), pipe))
        if what != "serve":
            pipe.send(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def _grow_up(act: Callable[[], None]) -> None:
    """Do it and end, past everything that belongs to the parent."""
    _die_with_parent()
    code = 1
    try:
        act()
        code = 0
    finally:
        os._exit(code)


def _work(held: Jobs, pipe: Connection) -> None:
    """Do parts of the worker's work, and say `done` or the error's code."""
    try:
        for part in held.parts:
            getattr(held, part)()
    except Exception as error:  # noqa: BLE001 - told to the test
        pipe.send(getattr(error, "code", repr(error)))
    else:
        pipe.send("done")


@contextmanager
def jobs(order: Order) -> Iterator[Jobs]:
    """The jobs of one worker."""
    node = Node(_begin(order))
    try:
        yield Jobs(node, order.ahead, ())
    finally:
        node.close()


class Jobs:
    """The jobs of the worker, one round at a time; `parts` names those that `_work` does."""

    def __init__(self, node: Node, ahead: float, parts: Sequence[str]) -> None:
        self.node = node
        self.parts = parts
        clock = ShiftedClock(ahead)
        quorum = node.settings.witness_quorum
        self.sequencer = Sequencer(node.database, node.signer, clock, quorum=quorum)
        key = NoteVerifier.parse(node.signer.vkey)
        line = witnesses.HttpWitnesses(5.0)
        self.cosigning = Cosigning(node.database, line, clock, key, node.witnesses, quorum)
        self.anchorer = Anchorer(node.database, node.chain, clock, node.settings.origin, interval=0.0)

    def sequence(self) -> None:
        """Index what is pending and publish."""
        while self.sequencer.index_batch():
            pass
        self.sequencer.publish()

    def cosign(self) -> None:
        """Get the newest checkpoint cosigned."""
        self.cosigning.look()
        for seat in self.node.witnesses:
            while not self.cosigning.serve(seat):
                pass

    def anchor(self) -> None:
        """Anchor what is published."""
        while self.anchorer.run_once() not in (Step.confirmed, Step.idle):
            pass


def lead(order: Order, pipe: Connection) -> None:
    """Run the sequencer's own loop until told to stop; say how it ended and how much memory it took, in KiB."""
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with jobs(order) as held:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        pipe.send(("began", before))
        try:
            held.sequencer.run(stop)
        except Exception as error:  # noqa: BLE001 - told to the test
            pipe.send((getattr(error, "code", repr(error)), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
        else:
            pipe.send(("stopped", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))


def witness(folder: Path, name: str, vkey: str, port: int) -> None:
    """Be a witness until killed."""
    _die_with_parent()
    configure_logs("critical")
    run_witness(folder, name, [vkey], port=port)


def started(act: Callable[..., None], *arguments: object) -> ForkServerProcess:
    """Start a child."""
    child = CONTEXT.Process(target=act, args=arguments, daemon=True)
    child.start()
    return child
