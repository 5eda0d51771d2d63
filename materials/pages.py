"""Pictures of the pages of a material, for its holder to look at, or a window that is about to hand it in.

A material is a file that anybody may have made. It is drawn by a process of its own (`materials.pagechild`) with a cap
on memory, time and files, and with no environment: whatever a malformed file does to the library that draws it ends
with that process, and nothing of this node's keys or connections is within its reach.

Drawing takes a thread of the process for seconds, and the file in memory. So few have a turn at a time, taken before a
deposited file is read, and nobody waits long for one: the threads are there for everything else the process answers.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Final

from ledger.db import outside_any_unit
from materials.errors import NoPagesError, PagesBusyError

if TYPE_CHECKING:
    from collections.abc import Iterator

DRAWN: Final = frozenset({"application/pdf", "image/jpeg", "image/png", "image/tiff", "image/bmp"})
"""Media types that have pages to draw."""
MOST_BYTES: Final = 64 * 1024 * 1024
WIDTH: Final = 1080
"""Pixels: what a phone shows at its full width."""
_SECONDS: Final = 20
_CHILD: Final = Path(__file__).with_name("pagechild.py")
_TURNS: Final = BoundedSemaphore(2)
"""Of the six threads of a process (`settings.threads`)."""
_WAIT: Final = 1.0
"""Seconds somebody waits for a turn; most drawings take less."""


@dataclass(frozen=True, slots=True)
class PagePicture:
    """One page as PNG, and how many there are."""

    png: bytes
    pages: int


@contextmanager
def turn() -> Iterator[None]:
    """A turn at reading a file and drawing of it.

    Raises:
        PagesBusyError: others have them all, and keep them.
    """
    if not _TURNS.acquire(timeout=_WAIT):
        raise PagesBusyError
    try:
        yield
    finally:
        _TURNS.release()


def draw(data: bytes, media_type: str, page: int, width: int = WIDTH) -> PagePicture:
    """Draw a page, within a turn.

    Args:
        data: the file.
        media_type: as it was checked when it was deposited.
        page: counted from 0.
        width: pixels.

    Raises:
        NoPagesError: a form without pages, no such page, or a file that cannot be drawn within the limits.
    """
    outside_any_unit("drawing a page")
    if media_type not in DRAWN or len(data) > MOST_BYTES:
        raise NoPagesError
    try:
        done = subprocess.run(  # noqa: S603 - our own program, with numbers and a media type of a fixed set
            [sys.executable, "-I", str(_CHILD), media_type, str(page), str(width)],
            input=data,
            capture_output=True,
            timeout=_SECONDS,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NoPagesError from error
    if done.returncode != 0 or len(done.stdout) <= 4:
        raise NoPagesError
    return PagePicture(done.stdout[4:], int.from_bytes(done.stdout[:4]))
