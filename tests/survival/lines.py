"""Wires between a process under test and the real PostgreSQL: everything passes, and one durable act may be cut.

The line reads PostgreSQL's protocol (version 3, manual chapter 55) as far as needed to know which message makes
something durable: a COMMIT of a transaction that wrote, or a write outside any transaction. HTTP lines are those of
`tests.ledger.faults`.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from tests.ledger.faults import line_to
from tests.survival.recorder import Cut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.survival.recorder import Recorder

_SSL, _GSS, _CANCEL = 80877103, 80877104, 80877102
_WRITES: Final = re.compile(
    r"(?<!\.)\b(INSERT\s+INTO|UPDATE\s+(?:ONLY\s+)?\w+\.|DELETE\s+FROM|COPY\s)\s*([\w.]*)", re.IGNORECASE
)

_BY_THE_CLOCK: Final = frozenset({"authz.party_usage"})
"""What a process writes each second, whatever it is asked: counts of usage. They belong to no act."""


class _Hangup(Exception):
    """The connection is cut on purpose."""


class _Session:
    """One connection through the line."""

    def __init__(self, client: socket.socket, server: socket.socket, recorder: Recorder) -> None:
        self._client, self._server, self._recorder = client, server, recorder
        self._statements: dict[bytes, str] = {}
        self._in_transaction = False
        self._wrote: list[str] = []
        self._swallow = False

    def run(self) -> None:
        """Pass messages both ways until one side hangs up."""
        back = threading.Thread(target=self._backward, daemon=True)
        try:
            self._start()
            back.start()
            with suppress(OSError, EOFError, _Hangup):
                self._forward()
        except (OSError, EOFError):
            pass
        finally:
            # Where an answer shall be lost, the server must still have come to its end.
            if not self._swallow:
                self._hang_up()
            if back.ident is not None:
                back.join()
            self._hang_up()

    def _hang_up(self) -> None:
        for each in (self._client, self._server):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _start(self) -> None:
        while True:
            size, code = struct.unpack("!II", _exactly(self._client, 8))
            if code in (_SSL, _GSS):
                self._client.sendall(b"N")
                continue
            self._server.sendall(struct.pack("!II", size, code) + _exactly(self._client, size - 8))
            if code == _CANCEL:
                raise EOFError
            return

    def _forward(self) -> None:
        while True:
            kind, body = _message(self._client)
            cut = self._look(kind, body)
            if cut is Cut.before:
                raise _Hangup
            if cut is Cut.after:
                self._swallow = True
            self._server.sendall(kind + struct.pack("!I", len(body) + 4) + body)
            if self._swallow and kind in (b"Q", b"S"):
                raise _Hangup  # nothing more from the client; the other side ends when the server is ready

    def _backward(self) -> None:
        with suppress(OSError, EOFError):
            while True:
                kind, body = _message(self._server)
                if kind == b"Z":
                    self._in_transaction = body != b"I"
                    if self._swallow:
                        break
                if not self._swallow:
                    self._client.sendall(kind + struct.pack("!I", len(body) + 4) + body)
        self._hang_up()

    def _look(self, kind: bytes, body: bytes) -> Cut:
        """What becomes of a message of the client."""
        if kind == b"P":
            name, statement, _ = body.split(b"\0", 2)
            self._statements[name] = statement.decode()
            return Cut.not_at_all
        if kind == b"Q":
            return self._statement(body[:-1].decode())
        if kind == b"B":
            _, name, _ = body.split(b"\0", 2)
            return self._statement(self._statements[name])
        return Cut.not_at_all

    def _statement(self, statement: str) -> Cut:
        word = statement.split(maxsplit=1)[0].upper() if statement.strip() else ""
        written = [table for _, table in _WRITES.findall(statement) if table not in _BY_THE_CLOCK]
        if word == "ROLLBACK" and "TO SAVEPOINT" not in statement.upper():
            self._wrote = []
        elif word == "COMMIT":
            wrote, self._wrote = self._wrote, []
            if wrote:
                return self._recorder.act(f"db: {_names(wrote)}")
        elif written and self._in_transaction:
            self._wrote += written
        elif written:
            return self._recorder.act(f"db: {_names(written)}")
        return Cut.not_at_all


def _names(tables: list[str]) -> str:
    """Tables of one commit, each once, in the order of the alphabet."""
    return " ".join(sorted({table.rpartition(".")[2].rstrip("_") for table in tables}))


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)


def _message(connection: socket.socket) -> tuple[bytes, bytes]:
    head = _exactly(connection, 5)
    return head[:1], _exactly(connection, struct.unpack("!I", head[1:])[0] - 4)


@contextmanager
def database_line(upstream: tuple[str, int], recorder: Recorder) -> Iterator[int]:
    """A line to PostgreSQL; the port it listens at."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(client: socket.socket) -> None:
        server = socket.create_connection(upstream)
        for each in (client, server):  # messages are passed one by one: none may wait for the one before
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _Session(client, server, recorder).run()

    def listen() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@contextmanager
def http_line(upstream: str, recorder: Recorder, kind: str) -> Iterator[str]:
    """A line to S3, a chain node or a witness; `host:port` it listens at.

    Args:
        upstream: `host:port` of the server.
        recorder: told of each durable request.
        kind: `s3`, `chain` or `witness`.
    """
    with line_to(upstream) as line:
        verdict = threading.local()

        def coming(method: str, body: bytes) -> bytes:
            verdict.cut = Cut.not_at_all
            if (what := _durable(kind, method, body)) is not None:
                verdict.cut = recorder.act(f"{kind}: {what}")
            if verdict.cut is Cut.before:
                raise ConnectionAbortedError
            return body

        line.spoil_request = coming
        line.spoil_answer = lambda _method, answer: None if verdict.cut is Cut.after else answer
        yield line.endpoint


def _durable(kind: str, method: str, body: bytes) -> str | None:
    """What a request makes durable, None for one that only asks."""
    if kind == "chain":
        asked = json.loads(body)
        called = [each["method"] for each in (asked if isinstance(asked, list) else [asked])]
        return "send" if "eth_sendRawTransaction" in called else None
    return None if method in ("GET", "HEAD") else method
