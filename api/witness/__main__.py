"""One witness process: `python -m api.witness --data-dir D --name N --log VKEY [--fd F | --host H --port P]`."""

from __future__ import annotations

import argparse
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from api.observe import configure_logs
from api.witness.app import create_app
from api.witness.errors import WitnessHomeError
from api.witness.home import open_home, read_logs
from api.witness.witness import Witness
from ledger.errors import NoteError

if TYPE_CHECKING:
    from collections.abc import Sequence


def serve(
    folder: Path, name: str, logs: Sequence[str], *, host: str = "127.0.0.1", port: int = 8090, fd: int | None = None
) -> None:
    """Run a witness until told to stop.

    Args:
        folder: its key and memory.
        name: its name.
        logs: verifier keys of the logs it watches.
        host, port: where it listens.
        fd: an inherited listening socket instead.

    Raises:
        WitnessHomeError: it cannot start.
        NoteError: a log's key is none.
    """
    home = open_home(folder, name)
    app = create_app(Witness(home.cosigner, home.memory, logs, time.time))
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        limit_concurrency=256,
        timeout_graceful_shutdown=5,
    )
    try:
        uvicorn.Server(config).run(sockets=[socket.socket(fileno=fd)] if fd is not None else None)
    finally:
        home.memory.close()


def main() -> int:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m api.witness", description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True, help="folder with key and memory, made when missing")
    parser.add_argument("--name", required=True, help="the witness's name, a URL without its scheme")
    parser.add_argument("--log", action="append", default=[], help="verifier key of a log to watch")
    parser.add_argument("--logs", type=Path, help="file with such keys, one a line")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--fd", type=int, help="number of an inherited listening socket")
    given = parser.parse_args()
    configure_logs("info")
    try:
        logs = [*given.log, *(read_logs(given.logs) if given.logs else ())]
        serve(given.data_dir, given.name, logs, host=given.host, port=given.port, fd=given.fd)
    except (WitnessHomeError, NoteError) as error:
        sys.stderr.write(f"{error.code}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
