"""A cheap HTTP client for load: whole requests made beforehand, one process, no library between it and the socket.

What is measured is the server. Requests are signed before the clock runs (a proof is good for a minute), so that a
client costs some microseconds a request, as wrk does, and both sides of a comparison get the same bytes but the path.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import resource
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2
import uvloop
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from api.client import Client, ClientKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Shot:
    """One kind of load, as plain values that cross a process boundary.

    Attributes:
        address: where the server listens.
        base_url: what proofs must name.
        client: a client file.
        method: HTTP method.
        path: of every request.
        rows: documents in a request; 0: none, a GET without a proof.
        minimal: ask for refused rows only.
        connections: kept alive, each waiting for its answer.
        seconds: how long.
        count: requests made beforehand; the run ends with them.
    """

    address: str
    base_url: str
    client: dict[str, str]
    method: str
    path: str
    rows: int
    connections: int
    seconds: float
    count: int
    minimal: bool = True


@dataclass(slots=True)
class Hit:
    """What a run gave: seconds of each answered request, wall and client CPU seconds, one answer in a hundred."""

    each: list[float] = field(default_factory=list)
    wall: float = 0.0
    cpu: float = 0.0
    size: int = 0
    samples: list[bytes] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.each) / self.wall

    def at(self, share: float) -> float:
        """Milliseconds below which that share of the requests lies."""
        return sorted(self.each)[min(len(self.each) - 1, int(len(self.each) * share))] * 1000


class Signer:
    """DPoP proofs (RFC 9449) at a fraction of a library's cost: everything but the jti is written once."""

    def __init__(self, shot: Shot) -> None:
        key = load_pem_private_key(shot.client["key"].encode(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key
        held = ClientKey(shot.client["key"])
        with Client(shot.base_url, shot.client["client_id"], held) as node:
            self.token = node.token()
        self._head = _b64(json.dumps({"typ": "dpop+jwt", "alg": "ES256", "jwk": held.public_jwk}).encode())
        self._claims = {
            "htm": shot.method,
            "htu": shot.base_url + shot.path,
            "iat": int(time.time()),
            "ath": _b64(hashlib.sha256(self.token.encode()).digest()),
        }

    def proof(self) -> str:
        """A fresh one."""
        claims = _b64(json.dumps(self._claims | {"jti": os.urandom(16).hex()}).encode())
        signed = f"{self._head}.{claims}"
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(SHA256())))
        return f"{signed}.{_b64(r.to_bytes(32) + s.to_bytes(32))}"


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def bodies(shot: Shot) -> Iterator[bytes]:
    """A fresh body for each request: every digest is another document."""
    run = os.urandom(4).hex()
    for number in range(shot.count):
        rows = (
            f'{{"reference":"b-{run}-{number}-{row}","sha256":"{os.urandom(32).hex()}","size":48213}}'
            for row in range(shot.rows)
        )
        yield "\n".join(rows).encode()


def requests(shot: Shot) -> list[bytes]:
    """Whole requests, head and body."""
    host = urlsplit(shot.address).netloc
    head = f"{shot.method} {shot.path} HTTP/1.1\r\nHost: {host}\r\n"
    if not shot.rows:
        return [f"{head}\r\n".encode()] * shot.count
    signer = Signer(shot)
    kind = "application/json" if shot.rows == 1 else "application/x-ndjson"
    head += f"Content-Type: {kind}\r\nAuthorization: DPoP {signer.token}\r\n"
    head += "Prefer: return=minimal\r\n" if shot.minimal and shot.rows > 1 else ""
    return [
        f"{head}DPoP: {signer.proof()}\r\nIdempotency-Key: {os.urandom(16).hex()}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
        for body in bodies(shot)
    ]


class _Connection(asyncio.Protocol):
    """One kept-alive connection: send, wait for the whole answer, send the next."""

    def __init__(self, queue: Iterator[bytes], hit: Hit, done: asyncio.Future[None]) -> None:
        self._queue, self._hit, self._done = queue, hit, done
        self._until = 0.0
        self._held = bytearray()
        self._needed = -1
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def start(self, until: float) -> None:
        """Send until then."""
        self._until = until
        self._send()

    def _send(self) -> None:
        now = time.perf_counter()
        request = next(self._queue, None) if now < self._until else None
        if request is None:
            self._transport.close()
            return
        self._sent = now
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._held += data
        if self._needed < 0:
            end = self._held.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._held[:end]).lower()
            status = head.split(b" ", 2)[1]
            length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            self._needed = end + 4 + length
            if status[:1] != b"2":
                self._needed = 1 << 40
                self._fail(f"{status.decode()}: {bytes(self._held[end:])[:300]!r}")
                return
        if len(self._held) < self._needed:
            return
        hit = self._hit
        hit.each.append(time.perf_counter() - self._sent)
        hit.size = len(self._held)
        if len(hit.each) % 100 == 1:
            hit.samples.append(bytes(self._held[self._held.find(b"\r\n\r\n") + 4 :]))
        self._held.clear()
        self._needed = -1
        self._send()

    def _fail(self, text: str) -> None:
        if not self._done.done():
            self._done.set_exception(RuntimeError(text))
        self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._done.done():
            if error or self._held or self._needed >= 0:
                self._done.set_exception(error or RuntimeError("cut off"))
            else:
                self._done.set_result(None)


def send(make: Callable[[Shot], list[bytes]], shot: Shot) -> Hit:
    """As `drive`, with requests of another kind.

    Args:
        make: a function of a module; whole requests, head and body.
    """
    return uvloop.run(_drive(shot, make(shot)))


def drive(shot: Shot) -> Hit:
    """Make the requests, then send them; call it in a process of its own.

    Raises:
        RuntimeError: an answer that is no success.
    """
    made = requests(shot)
    return uvloop.run(_drive(shot, made))


async def _drive(shot: Shot, made: Sequence[bytes]) -> Hit:
    loop, hit, queue = asyncio.get_running_loop(), Hit(), iter(made)
    where = urlsplit(shot.address)
    ends: list[asyncio.Future[None]] = []
    connections: list[_Connection] = []
    for _ in range(shot.connections):
        done: asyncio.Future[None] = loop.create_future()
        ends.append(done)
        connection = _Connection(queue, hit, done)
        await loop.create_connection(lambda held=connection: held, str(where.hostname), where.port or 80)  # type: ignore[misc]
        connections.append(connection)
        # Clients do not all come in the same millisecond; if they did, the first worker awake would accept them all.
        await asyncio.sleep(0.005)
    began, cpu = time.perf_counter(), _cpu()
    for connection in connections:
        connection.start(began + shot.seconds)
    await asyncio.gather(*ends)
    hit.wall, hit.cpu = time.perf_counter() - began, _cpu() - cpu
    return hit


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def get(base_url: str, path: str) -> Any:
    """JSON of an open route."""
    return httpx2.get(base_url + path, timeout=30).json()
