"""Starts a process of ours in a container: secret settings come from files, then Python runs what was asked for.

`entrypoint.py -m api.serve`: every file of `CAILIAN_SECRETS_DIR` whose name starts with `CAILIAN_` is a setting of that
name, so no secret stands in docker-compose.yml or in `docker inspect`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> None:
    """Read the files and become the process."""
    environment = dict(os.environ)
    for file in Path(environment["CAILIAN_SECRETS_DIR"]).glob("CAILIAN_*"):
        environment[file.name] = file.read_text(encoding="utf-8").strip()
    os.execve(sys.executable, [sys.executable, *sys.argv[1:]], environment)  # noqa: S606 - that is its whole purpose


if __name__ == "__main__":
    main()
