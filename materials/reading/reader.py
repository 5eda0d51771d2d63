"""Whoever asks the reader's process: starts it, hands it documents, waits so long for a page and no longer."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Self, cast

from materials.reading import process
from materials.reading.errors import ReaderFailedError, UnreadableError
from materials.reading.model import PageText

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

PAGE_SECONDS: Final = 300.0
"""How long one page may take by the clock, on whatever machine: the process bounds its processor time itself."""
_ENDING: Final = 0.05
STOPPED: Final = "stopped"
"""Problem of a page that was not read because the worker stops."""
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "HOME", "TMPDIR", "LD_LIBRARY_PATH")
"""What the process gets of our environment: no address, no key."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document to be read."""

    content: bytes
    media_type: str


class Reader:
    """One process that reads, started when needed; one caller at a time.

    Args:
        page_seconds: how long it may take over one page.
    """

    def __init__(self, page_seconds: float = PAGE_SECONDS) -> None:
        self._seconds = page_seconds
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._open: tuple[str, int] | None = None
        self._ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process, also in the middle of a page; whoever waits for it is told `stopped`."""
        self._ended = True
        held = self._process
        if held is not None:
            with suppress(ProcessLookupError):
                held.kill()
        with self._lock:
            self._stop()

    @property
    def pid(self) -> int | None:
        """The process's number, while it runs: for whoever measures it."""
        return None if self._process is None else self._process.pid

    def pages(self, key: str, load: Callable[[], Document]) -> int:
        """How many pages a document has.

        Args:
            key: names the document; as long as the same is asked for, it stays open.
            load: gives it where it is not open.

        Raises:
            UnreadableError: damaged, locked, too large, or of a type nobody reads.
            ReaderFailedError: the process ended or took too long.
        """
        with self._lock:
            return self._opened(key, load)

    def page(self, key: str, number: int, load: Callable[[], Document]) -> PageText:
        """What stands on a page, from 1; as `pages`."""
        with self._lock:
            self._opened(key, load)
            return PageText.of_json(self._ask({"do": "page", "number": number}))

    def _opened(self, key: str, load: Callable[[], Document]) -> int:
        if self._ended:
            raise ReaderFailedError(problem=STOPPED)
        alive = self._process is not None and self._process.poll() is None
        if alive and self._open is not None and self._open[0] == key:
            return self._open[1]
        document = load()
        self._open = None
        if not alive:
            self._start()
        asked = {"do": "open", "media_type": document.media_type, "size": len(document.content)}
        answer = self._ask(asked, document.content)
        if "failure" in answer:
            raise UnreadableError(problem=str(answer["failure"]))
        self._open = (key, int(answer["pages"]))
        return self._open[1]

    def _start(self) -> None:
        self._stop()
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", process.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment | {"OMP_NUM_THREADS": "1"},
            start_new_session=True,  # a signal to the terminal is for the parent, which ends it in order
        )

    def _stop(self) -> None:
        held, self._process, self._open = self._process, None, None
        if held is None:
            return
        with suppress(subprocess.TimeoutExpired):
            held.wait(_ENDING)  # one that ended by itself says how
        with suppress(ProcessLookupError):
            held.kill()
        for pipe in (held.stdin, held.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        held.wait()

    def _ask(self, header: dict[str, Any], body: bytes = b"") -> dict[str, Any]:
        """One question and its answer; whatever goes wrong, the process is gone afterwards."""
        held = self._process
        if held is None or held.stdin is None or held.stdout is None:
            raise ReaderFailedError(problem=STOPPED)
        try:
            process.write(cast("BinaryIO", held.stdin), header, body)
            return _answer(cast("BinaryIO", held.stdout), time.monotonic() + self._seconds)
        except (TimeoutError, EOFError, OSError, ValueError) as error:
            self._stop()
            slow = isinstance(error, TimeoutError) or held.returncode == -signal.SIGPROF
            problem = "took-too-long" if slow else "ended"
            raise ReaderFailedError(problem=STOPPED if self._ended else problem) from error


def _answer(pipe: BinaryIO, until: float) -> dict[str, Any]:
    """Wait for an answer; it is written in one go, so that waiting for its start is enough."""
    if not select.select([pipe], [], [], max(0.0, until - time.monotonic()))[0]:
        raise TimeoutError
    return process.read(pipe)
