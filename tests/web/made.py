"""What the tests of the pages need made first, by one process at a time: the suite runs split over several.

Nothing is rewritten that is as its sources are, so no other process loses a file that it is reading.
"""

from __future__ import annotations

import fcntl
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]


@contextmanager
def alone() -> Iterator[None]:
    """Nobody else makes anything until the block ends."""
    with (ROOT / "Makefile").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def make(target: str) -> None:
    """Make a file as its sources are now, by its rule in the Makefile."""
    with alone():
        subprocess.run(["make", "--silent", target], cwd=ROOT, check=True)
