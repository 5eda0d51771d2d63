"""Requests at a fixed rate, whether or not the answers keep up (an open loop, as people at counters are).

A request that has to wait for a free connection has begun to wait when it was due, so a server that falls behind shows
it. Requests are made beforehand; see `bench.wire` for why.
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import uvloop

from bench.wire import Hit, Shot, Signer

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Stream:
    """Requests to send, as plain values that cross a process boundary.

    Attributes:
        shot: where to and as whom; `connections` are kept alive.
        bodies: JSON of each request.
        rate: requests a second.
    """

    shot: Shot
    bodies: tuple[bytes, ...]
    rate: float


def drive(stream: Stream) -> Hit:
    """Sign the requests, then send them; call it in a process of its own.

    Raises:
        RuntimeError: an answer that is no success.
    """
    shot, signer = stream.shot, Signer(stream.shot)
    head = f"{shot.method} {shot.path} HTTP/1.1\r\nHost: {urlsplit(shot.address).netloc}\r\n"
    head += f"Content-Type: application/json\r\nAuthorization: DPoP {signer.token}\r\n"
    made = [
        f"{head}DPoP: {signer.proof()}\r\nIdempotency-Key: {os.urandom(16).hex()}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
        for body in stream.bodies
    ]
    return uvloop.run(_send(shot, made, stream.rate))


async def _send(shot: Shot, made: Sequence[bytes], rate: float) -> Hit:
    where, hit = urlsplit(shot.address), Hit()
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(shot.connections):
        free.put_nowait(await asyncio.open_connection(where.hostname, where.port or 80))
        await asyncio.sleep(0.005)  # as in `bench.wire`: so that all workers accept some
    began = time.perf_counter()

    async def one(number: int, request: bytes) -> None:
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        line = await free.get()
        await _ask(line, request)
        hit.each.append(time.perf_counter() - due)
        free.put_nowait(line)

    await asyncio.gather(*(one(number, request) for number, request in enumerate(made)))
    hit.wall = time.perf_counter() - began
    while not free.empty():
        free.get_nowait()[1].close()
    return hit


async def _ask(line: tuple[Any, Any], request: bytes) -> None:
    reader, writer = line
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    body = await reader.readexactly(int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]))
    if head.split(b" ", 2)[1][:1] != b"2":
        msg = f"{head[:20]!r}: {body[:300]!r}"
        raise RuntimeError(msg)
