"""Keeps parts alive: starts them together, brings dead ones back with growing pauses, stops them in reverse order.

Knows nothing of databases or chains. One thread starts every process and lives until all have ended: the parent-death
signal of Linux is tied to the thread, not to the process (`launch.py`).
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from api.stack.errors import PartFailedError
from api.stack.spawn import Child

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from api.stack.model import Part

_log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 10.0
STABLE_SECONDS: Final = 30.0
"""A part that served this long starts over with the shortest pause."""
FIRST_START_ATTEMPTS: Final = 5
POLL_STARTING_SECONDS: Final = 0.02
POLL_WATCHING_SECONDS: Final = 0.1
LOG_TAIL_BYTES: Final = 2000


@dataclass(slots=True)
class _Kept:
    """A part and where it stands. `child` is None between a death and the next start."""

    part: Part
    child: Child | None = None
    ready: bool = False
    served: bool = False
    failures: int = 0
    restarts: int = 0
    started: float = 0.0
    next_start: float = 0.0
    error: str = ""


class Keeper:
    """The processes of one data directory.

    Args:
        log_dir: one file per part.
        keep_fds: descriptors every process inherits; the directory's lock, so that it is held until the last one ends.
    """

    def __init__(self, log_dir: Path, keep_fds: tuple[int, ...] = ()) -> None:
        log_dir.mkdir(parents=True, exist_ok=True)
        self._log_dir = log_dir
        self._keep_fds = keep_fds
        self._kept: dict[str, _Kept] = {}
        self._changed = threading.Condition()
        self._wake = threading.Event()
        self._stopping = False
        self._ended = False
        self._thread = threading.Thread(target=self._watch, name="stack-keeper", daemon=True)

    def start(self, parts: Sequence[Part], timeout: float = 60.0) -> None:
        """Start parts together and wait until all are ready. May be called again for more parts.

        Args:
            parts: new parts, in the order of starting; they stop in the reverse order.
            timeout: seconds for all of them.

        Raises:
            PartFailedError: a part ended several times before it was ready, or was not ready in time. It is left as it
                is: call `stop`.
        """
        deadline = time.monotonic() + timeout
        with self._changed:
            for part in parts:
                if part.name in self._kept:
                    raise PartFailedError(part=part.name, step="start", log="a part of this name runs already")
                self._kept[part.name] = _Kept(part)
        if not self._thread.is_alive():
            self._thread.start()
        self._wake.set()
        waiting = [self._kept[part.name] for part in parts]
        with self._changed:
            while not all(kept.ready for kept in waiting):
                for kept in waiting:
                    if not kept.served and kept.failures >= FIRST_START_ATTEMPTS:
                        raise PartFailedError(part=kept.part.name, step="start", log=self._tail(kept))
                left = deadline - time.monotonic()
                if left <= 0:
                    late = next(kept for kept in waiting if not kept.ready)
                    raise PartFailedError(part=late.part.name, step="ready", log=self._tail(late))
                self._changed.wait(left)

    def stop(self) -> None:
        """Stop all parts, the last started first, each by its own plan. Returns when no process is left."""
        with self._changed:
            self._stopping = True
            order = list(reversed(self._kept.values()))
        for kept in order:
            self._stop_one(kept)
        self._ended = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def pids(self) -> dict[str, int]:
        """Process id by part name, of the parts that run now."""
        with self._changed:
            return {name: kept.child.pid for name, kept in self._kept.items() if kept.child is not None}

    def restarts(self) -> dict[str, int]:
        """How often each part was brought back."""
        with self._changed:
            return {name: kept.restarts for name, kept in self._kept.items()}

    def check(self) -> None:
        """Make sure that somebody still watches. A part that keeps dying is no error here: it may recover (D4).

        Raises:
            PartFailedError: the watching thread has ended; nothing would be brought back.
        """
        if not self._thread.is_alive():
            raise PartFailedError(part="keeper", step="watch", log="the watching thread has ended")

    def wait_ready(self, name: str, restarts: int, timeout: float = 30.0) -> bool:
        """Wait until a part was brought back at least so many times and serves. Returns False when time is up."""
        with self._changed:
            kept = self._kept[name]
            return self._changed.wait_for(lambda: kept.ready and kept.restarts >= restarts, timeout)

    def _stop_one(self, kept: _Kept) -> None:
        child = kept.child
        if child is None:
            return
        if not child.ended():
            kept.part.before_stop()
            for number, seconds in kept.part.stop_plan:
                child.signal(number)
                if child.wait(seconds):
                    break
            else:
                _log.warning("part %s did not stop when asked; killed", kept.part.name)
                child.signal(signal.SIGKILL)
                child.wait(30.0)
        with self._changed:
            kept.child, kept.ready = None, False
        kept.part.after_exit()

    def _watch(self) -> None:
        """The thread that starts everything; it must outlive every child it started."""
        while not self._ended:
            with self._changed:
                kept_parts = list(self._kept.values())
            busy = False
            for kept in kept_parts:
                if not self._stopping:
                    busy |= self._tend(kept)
            self._wake.wait(POLL_STARTING_SECONDS if busy else POLL_WATCHING_SECONDS)
            self._wake.clear()

    def _tend(self, kept: _Kept) -> bool:
        """Start, check or bury one part. Returns whether something is under way."""
        now = time.monotonic()
        if kept.child is None:
            if now >= kept.next_start:
                self._start_one(kept, now)
            return True
        if kept.child.ended():
            self._bury(kept, now)
            return True
        if not kept.ready and self._is_ready(kept):
            with self._changed:
                kept.ready = kept.served = True
                self._changed.notify_all()
        if kept.ready and kept.part.is_ill():
            _log.warning("part %s has to be started anew", kept.part.name)
            kept.child.signal(signal.SIGKILL)  # as survivable as any crash, and quick
            return True
        if kept.ready and kept.failures and now - kept.started > STABLE_SECONDS:
            kept.failures = 0
        return not kept.ready

    @staticmethod
    def _is_ready(kept: _Kept) -> bool:
        try:
            return kept.part.ready()
        except Exception:  # noqa: BLE001 - it would end the thread and with it, by the parent-death signal, every part
            _log.exception("part %s could not be asked whether it is ready", kept.part.name)
            return False

    def _start_one(self, kept: _Kept, now: float) -> None:
        try:
            command = kept.part.command()
            child = Child(command, kept.part.orphan_signal, self._log_of(kept), self._keep_fds)
        except OSError as error:
            # No process, no memory, a full disk: as good as a process that died at once.
            kept.error = str(error)
            self._fail(kept, now)
            return
        with self._changed:
            kept.child, kept.started = child, now
            kept.restarts += 1 if kept.failures else 0
            stopping = self._stopping
        if stopping:  # stop() may have passed this part while it was between two lives
            self._stop_one(kept)

    def _bury(self, kept: _Kept, now: float) -> None:
        status = kept.child.status if kept.child else None
        if self._stopping:
            return
        _log.warning("part %s ended with status %s; starting it again", kept.part.name, status)
        kept.part.after_exit()
        self._fail(kept, now)

    def _fail(self, kept: _Kept, now: float) -> None:
        pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0**kept.failures)
        with self._changed:
            kept.child, kept.ready = None, False
            kept.failures += 1
            kept.next_start = now + pause
            self._changed.notify_all()

    def _log_of(self, kept: _Kept) -> Path:
        return self._log_dir / f"{kept.part.name}.log"

    def _tail(self, kept: _Kept) -> str:
        try:
            with self._log_of(kept).open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - LOG_TAIL_BYTES))
                return file.read().decode(errors="replace")
        except OSError:
            return kept.error
