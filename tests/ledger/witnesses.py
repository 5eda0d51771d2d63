"""Witnesses for tests: ours in a thread of this process, and crooked ones that answer whatever a test wants."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.witness.app import create_app
from api.witness.memory import Memory
from api.witness.witness import Witness
from ledger.cosign import Cosigner
from ledger.model import Checkpoint
from ledger.note import NoteSigner, sign_checkpoint
from ledger.witness import Seat
from tests.contracts.reference import Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

NOW = 1_795_233_600
"""A moment in November 2026."""


def cosigner(number: int = 1) -> Cosigner:
    return Cosigner(f"witness-{number}.test", Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


class ToyLog:
    """A log in memory that signs any tree it is told to, also two of one size."""

    def __init__(self, origin: str = "toy.test/log", seed: int = 7) -> None:
        self.signer = NoteSigner(origin, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))
        self.honest = Tree(*range(301))
        self.forked = Tree(*range(301), seed=b"forked")

    @property
    def vkey(self) -> str:
        return self.signer.vkey

    def note(self, size: int, tree: Tree | None = None, root: bytes | None = None) -> str:
        head = Checkpoint(self.signer.name, size, root or (tree or self.honest).root(size))
        return sign_checkpoint(head, self.signer)


def in_memory(folder: Path, logs: Sequence[str], number: int = 1, now: Callable[[], float] = lambda: NOW) -> Witness:
    return Witness(cosigner(number), Memory(folder / f"witness-{number}.sqlite", make=True), logs, now)


@contextmanager
def listening(witness: Witness, port: int = 0) -> Iterator[Seat]:
    """The witness over HTTP on loopback."""
    listener = socket.create_server(("127.0.0.1", port))
    config = uvicorn.Config(create_app(witness), ws="none", lifespan="off", access_log=False, log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield Seat(witness.cosigner.verifier, f"http://127.0.0.1:{listener.getsockname()[1]}")
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


class Crooked:
    """A server that gives one answer to everything, and counts the questions.

    `answer` is called with the body of each POST and gives status, content type and body; it may take its time.
    """

    def __init__(self, answer: Callable[[bytes], tuple[int, str, bytes]], number: int = 9) -> None:
        self.asked: list[bytes] = []
        self.shown = (404, "text/plain", b"")
        crooked = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                crooked.asked.append(body)
                self.give(*answer(body))

            def do_GET(self) -> None:
                self.give(*crooked.shown)

            def give(self, status: int, kind: str, body: bytes) -> None:
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", kind)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    pass  # the caller has given up

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.seat = Seat(cosigner(number).verifier, f"http://127.0.0.1:{self._server.server_port}")

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def until(true: Callable[[], bool], seconds: float = 60.0) -> bool:
    """Whether something came true in time."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not true():
        if time.monotonic() > deadline:
            return False
        pause.wait(0.02)
    return True
