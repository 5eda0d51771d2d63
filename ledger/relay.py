"""Hands sealed bytes from the thread that reads a document to the one that uploads it.

The source of a document may only be read by the thread that asked for the deposit (a request's body belongs to it),
and the SDK reads what it uploads by itself: so they meet in a bounded queue, and sealing the next part overlaps with
sending the last one.
"""

from __future__ import annotations

from collections import deque
from threading import Condition


class RelayBrokenError(Exception):
    """The other side gave up; never leaves `ledger`."""


class Relay:
    """A pipe of bytes between two threads.

    Args:
        most: bytes held at most, give or take a piece.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._pieces: deque[memoryview] = deque()
        self._held = 0
        self._ended = False
        self._broken = False
        self._changed = Condition()

    def write(self, piece: bytes | bytearray) -> None:
        """Add bytes, which must not change afterwards; waits while the relay is full.

        Raises:
            RelayBrokenError: nobody reads any more.
        """
        if not piece:
            return
        with self._changed:
            self._changed.wait_for(lambda: self._broken or self._held < self._most)
            if self._broken:
                raise RelayBrokenError
            self._pieces.append(memoryview(piece))
            self._held += len(piece)
            self._changed.notify_all()

    def end(self) -> None:
        """Say that nothing follows."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def breakdown(self) -> None:
        """Give up, from either side: both `read` and `write` raise from now on."""
        with self._changed:
            self._broken = True
            self._pieces.clear()
            self._changed.notify_all()

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes, fewer only at the end.

        Raises:
            RelayBrokenError: the writer gave up; what was read must not be used.
        """
        taken: list[memoryview] = []
        wanted = size
        while wanted:
            with self._changed:
                self._changed.wait_for(lambda: self._broken or self._ended or bool(self._pieces))
                if self._broken:
                    raise RelayBrokenError
                if not self._pieces:
                    break
                piece = self._pieces.popleft()
                part, rest = piece[:wanted], piece[wanted:]
                if rest:
                    self._pieces.appendleft(rest)
                self._held -= len(part)
                self._changed.notify_all()
            taken.append(part)
            wanted -= len(part)
        return b"".join(taken)
