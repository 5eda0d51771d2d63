"""Secrets of one data directory: JSON files of mode 0600 in a directory of mode 0700, made once, at random.

They never travel by argument or log (RELIABILITY 4.24): servers read them from files or descriptors.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


def write_private(path: Path, content: bytes) -> None:
    """Replace a file as a whole, durably, readable by the owner only.

    A crash leaves the old file or the new one: written beside it, synced, renamed, and the directory synced.
    """
    scratch = path.with_name(path.name + ".new")
    scratch.unlink(missing_ok=True)
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    scratch.rename(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


class Keyring:
    """The secret files below one directory.

    Args:
        directory: created with mode 0700 when missing.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o700)
        self.directory = directory

    def slot(self, name: str, make: Callable[[], Mapping[str, str]]) -> dict[str, str]:
        """Read `<name>.json`, or make and keep it when it is not there yet.

        Args:
            name: file name without ending (`postgres`, `s3`, or the node's own: `log-signer`, ...).
            make: gives the values of a new slot; called at most once in the life of the directory.
        """
        path = self.directory / f"{name}.json"
        if not path.exists():
            write_private(path, json.dumps(dict(make()), indent=1).encode())
        values: dict[str, str] = json.loads(path.read_bytes())
        return values
