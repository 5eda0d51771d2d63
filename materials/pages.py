"""Pictures of the pages of a material, for its holder to look at.

A material is a file that anybody may have made. It is drawn by a process of its own (`materials.pagechild`) with a cap
on memory, time and files, and with no environment: whatever a malformed file does to the library that draws it ends
with that process, and nothing of this node's keys or connections is within its reach.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import Final

from ledger.db import outside_any_unit
from materials.errors import NoPagesError

DRAWN: Final = frozenset({"application/pdf", "image/jpeg", "image/png", "image/tiff", "image/bmp"})
"""Media types that have pages to draw."""
MOST_BYTES: Final = 64 * 1024 * 1024
WIDTH: Final = 1080
"""Pixels: what a phone shows at its full width."""
_SECONDS: Final = 20
_CHILD: Final = Path(__file__).with_name("pagechild.py")
_AT_ONCE: Final = BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class PagePicture:
    """One page as PNG, and how many there are."""

    png: bytes
    pages: int


def draw(data: bytes, media_type: str, page: int) -> PagePicture:
    """Draw a page.

    Args:
        data: the file.
        media_type: as it was checked when it was deposited.
        page: counted from 0.

    Raises:
        NoPagesError: a form without pages, no such page, or a file that cannot be drawn within the limits.
    """
    outside_any_unit("drawing a page")
    if media_type not in DRAWN or len(data) > MOST_BYTES:
        raise NoPagesError
    with _AT_ONCE:
        try:
            done = subprocess.run(  # noqa: S603 - our own program, with numbers and a media type of a fixed set
                [sys.executable, "-I", str(_CHILD), media_type, str(page), str(WIDTH)],
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
