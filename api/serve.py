"""One HTTP worker process: `python -m api.serve --fd N` serves on a listening socket its supervisor opened.

Several workers share the socket, so one that dies takes no waiting connection with it and the next accept goes to
another. Without `--fd` it opens its own from the settings (one process, containers).
"""

from __future__ import annotations

import argparse
import socket

import uvicorn

from api.app import create_app
from api.settings import Settings


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fd", type=int, help="number of an inherited listening socket")
    given = parser.parse_args()
    settings = Settings()  # type: ignore[call-arg]  # fields come from the environment
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        backlog=512,
        timeout_graceful_shutdown=10,
        h11_max_incomplete_event_size=32 * 1024,
    )
    sockets = [socket.socket(fileno=given.fd)] if given.fd is not None else None
    uvicorn.Server(config).run(sockets=sockets)


if __name__ == "__main__":
    main()
