"""One HTTP worker process: `python -m api.serve --fd N` serves on a listening socket its supervisor opened.

Several workers share the socket, so one that dies takes no waiting connection with it and the next accept goes to
another. Without `--fd` it opens its own from the settings (one process, containers).
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import socket

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api import problems
from api.app import create_app
from api.settings import Settings
from ledger import failpoints
from ledger.ids import new_id


class Protocol(HttpToolsProtocol):
    """HTTP/1.1 whose answer to what is no HTTP is a problem document, like every other answer."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the parser's words are not for the caller
        """Answer a request that could not be parsed, and hang up."""
        request_id = new_id()
        body = json.dumps(problems.document("malformed-request", request_id, {}) | {"status": 400}).encode()
        head = (
            "HTTP/1.1 400 Bad Request\r\n"
            f"Content-Type: {problems.MEDIA_TYPE}\r\nContent-Length: {len(body)}\r\n"
            f"X-Request-Id: {request_id}\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


class Server(uvicorn.Server):
    """A server whose garbage collector leaves alone what lives as long as the process."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then set aside all that is there by now: looking through it would stop every request for 0.2 s."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fd", type=int, help="number of an inherited listening socket")
    given = parser.parse_args()
    settings = Settings()  # type: ignore[call-arg]  # fields come from the environment
    failpoints.arm(os.environ, allowed=settings.demo)
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        http=Protocol,
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # who is at the other end decides whether a certificate counts (`api.certificates`)
        date_header=True,
        backlog=512,
        timeout_graceful_shutdown=10,
        h11_max_incomplete_event_size=32 * 1024,
    )
    sockets = [socket.socket(fileno=given.fd)] if given.fd is not None else None
    Server(config).run(sockets=sockets)


if __name__ == "__main__":
    main()
