"""What a process under test does, in order: the points it passes and the durable acts it attempts.

Points are told by the process itself (`ledger.failpoints`) and acts are seen on its wires (`tests.survival.lines`), so
neither can be forgotten on behalf of the other. Both arrive before they take effect, and wait for leave.
"""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from ledger.failpoints import DIE, GO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Cut(Enum):
    """What happens to a durable act."""

    not_at_all = "it goes through"
    before = "it never arrives: error, and not stored"
    after = "it arrives and takes effect, the answer is lost: error, but stored"


@dataclass
class Recorder:
    """Points and acts since `clear`, and what shall happen at one of them.

    Attributes:
        address: of the socket for `CAILIAN_FAILPOINTS`.
        events: points by name, acts as `db: ...`, `s3: ...`, `chain: ...`, `witness: ...`.
        die_at: number of the point, counted from `clear`, at which the process is killed.
        cut_at: number of the act, likewise, that is cut, and how.
        hold_at: name of a point at which the first process that comes waits until `release` is called.
        held_process: its id, once `held` is set.
    """

    address: str
    events: list[str] = field(default_factory=list)
    die_at: int | None = None
    cut_at: tuple[int, Cut] | None = None
    hold_at: str | None = None
    held_process: int = 0
    held: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    _points: int = 0
    _acts: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def clear(
        self, *, die_at: int | None = None, cut_at: tuple[int, Cut] | None = None, hold_at: str | None = None
    ) -> None:
        """Forget what was, and say what shall be."""
        with self._lock:
            self.events.clear()
            self._points = self._acts = 0
            self.die_at, self.cut_at, self.hold_at = die_at, cut_at, hold_at
            self.held.clear()
            self.released.clear()

    def release(self) -> None:
        """Let a held process go on."""
        self.released.set()

    @property
    def points(self) -> list[str]:
        """The points among the events."""
        return [event for event in self.events if ": " not in event]

    @property
    def acts(self) -> list[str]:
        """The acts among the events."""
        return [event for event in self.events if ": " in event]

    def point(self, pid: int, name: str) -> bytes:
        """A process is at a point; what it is told."""
        with self._lock:
            self.events.append(name)
            number, self._points = self._points, self._points + 1
            hold = self.hold_at == name and not self.held.is_set()
            dies = self.die_at == number
        if hold:
            self.held_process = pid
            self.held.set()
            self.released.wait()
        return DIE if dies else GO

    def act(self, what: str) -> Cut:
        """A process is about to act; what becomes of it."""
        with self._lock:
            self.events.append(what)
            number, self._acts = self._acts, self._acts + 1
            if self.cut_at is not None and self.cut_at[0] == number:
                return self.cut_at[1]
        return Cut.not_at_all


@contextmanager
def recording(folder: Path) -> Iterator[Recorder]:
    """A recorder that listens until the block ends.

    Args:
        folder: for its socket; a short path, since a socket's name holds 107 characters.
    """
    recorder = Recorder(str(folder / "points"))
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(recorder.address)
    listener.listen(64)

    def answer(client: socket.socket) -> None:
        with client, suppress(OSError):
            told = client.makefile().readline().split()
            if len(told) == 2:  # a process killed between its two calls says nothing
                client.sendall(recorder.point(int(told[0]), told[1]))

    def listen() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(client,), daemon=True).start()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield recorder
    finally:
        recorder.released.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
