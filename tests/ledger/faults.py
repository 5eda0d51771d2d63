"""A line to S3 that can be made to fail: refuse, hang, answer wrongly, cut off.

It stands between the store and the real server and passes everything on unchanged unless a fault is set.
"""

from __future__ import annotations

import http.client
import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class Answer:
    """What the real server said, or what the fault makes of it."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    cut_after: int | None = None

    def set(self, name: str, value: str) -> None:
        """Replace a header."""
        self.headers = [(key, held) for key, held in self.headers if key.lower() != name.lower()] + [(name, value)]


@dataclass
class Line:
    """The faults now in force.

    Attributes:
        endpoint: what the store connects to.
        before: asked with method and path before anything reaches the server; an answer is given instead.
        spoil_request: changes the body on its way in.
        spoil_answer: changes the answer on its way out, or returns None to hang up without one.
        requests: method and path of what came through.
    """

    endpoint: str
    before: Callable[[str, str], Answer | None] = lambda _method, _path: None
    spoil_request: Callable[[str, bytes], bytes] = lambda _method, body: body
    spoil_answer: Callable[[str, Answer], Answer | None] = lambda _method, answer: answer
    requests: list[str] = field(default_factory=list)
    open_connections: int = 0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    line: Line
    upstream: str

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are written apart: the body would wait 40 ms for the other side
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.line.open_connections += 1

    def finish(self) -> None:
        self.server.line.open_connections -= 1
        with suppress(OSError):
            super().finish()

    def log_message(self, *_: object) -> None:
        pass

    def pass_on(self) -> None:
        line = self.server.line
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        line.requests.append(f"{self.command} {self.path}")
        answer = line.before(self.command, self.path) or self.ask(line.spoil_request(self.command, body))
        spoiled = line.spoil_answer(self.command, answer)
        if spoiled is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.give(spoiled)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = pass_on  # noqa: N815

    def ask(self, body: bytes) -> Answer:
        connection = http.client.HTTPConnection(self.server.upstream, timeout=20)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "content-length"}
        connection.request(self.command, self.path, body, headers)
        response = connection.getresponse()
        answer = Answer(response.status, response.getheaders(), response.read())
        connection.close()
        return answer

    def give(self, answer: Answer) -> None:
        self.send_response(answer.status)
        named = {name.lower() for name, _ in answer.headers}
        for name, value in answer.headers:
            if name.lower() not in {"connection", "transfer-encoding", "date", "server"}:
                self.send_header(name, value)
        if "content-length" not in named:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body[: answer.cut_after])
        if answer.cut_after is not None:
            self.close_connection = True


@contextmanager
def line_to(upstream: str) -> Iterator[Line]:
    """A line to a server, open until the block ends.

    Args:
        upstream: `host:port` of the real server.
    """
    server = _Server(("127.0.0.1", 0), _Handler)
    server.upstream = upstream
    server.line = Line(f"127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.line
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
