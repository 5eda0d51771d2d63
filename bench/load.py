"""Load from processes of their own, so that the client's interpreter lock is not what is measured.

A job is named by strings only and built in its process: `raw-put`, `raw-get`, `deposit`, `use-fetch`, ... Each returns
the seconds every single operation took.
"""

from __future__ import annotations

import http.client
import io
import json
import os
import time
import uuid
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import psycopg
import urllib3
from minio import Minio
from minio.commonconfig import GOVERNANCE
from minio.retention import Retention

from api.client import Client, ClientKey
from bench import paced, synthetic, wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.paced import Stream
    from bench.wire import Hit, Shot

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send load, as plain values that cross a process boundary.

    Attributes:
        base_url: the exchange.
        clients: client files by name.
        s3: endpoint, access key, secret key, region, bucket.
        size: bytes of one document.
        work: what a job needs to know (holder, case, objects).
    """

    base_url: str
    clients: dict[str, dict[str, str]]
    s3: dict[str, str]
    size: int
    work: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One measured run: operations, wall seconds, and the seconds of each operation."""

    count: int
    wall: float
    each: list[float]

    @property
    def rate(self) -> float:
        """Operations a second."""
        return self.count / self.wall

    def at(self, share: float) -> float:
        """Milliseconds below which that share of the operations lies."""
        return sorted(self.each)[min(len(self.each) - 1, int(len(self.each) * share))] * 1000


def document(size: int) -> bytes:
    """A small valid PDF, different each time, of the given size."""
    head = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%"
    tail = b"\nxref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R/Size 3>>\nstartxref\n100\n%%EOF\n"
    filling = size - len(head) - len(tail)
    return head + os.urandom(filling // 2).hex().encode() + b"0" * (filling % 2) + tail


class Load:
    """Client processes, started once and used for every run.

    Args:
        processes: how many.
    """

    def __init__(self, processes: int = 2) -> None:
        self._count = processes
        self._pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"))

    def close(self) -> None:
        """End the processes."""
        self._pool.shutdown()

    def call(self, act: Callable[..., T], *arguments: Any) -> Future[T]:
        """Do something in one of the processes."""
        return self._pool.submit(act, *arguments)

    def drive(self, shot: Shot) -> Hit:
        """Send prepared requests from one process."""
        return self._pool.submit(wire.drive, shot).result()

    def send(self, make: Callable[[Shot], list[bytes]], shot: Shot) -> Hit:
        """Send requests of a kind of their own from one process."""
        return self._pool.submit(wire.send, make, shot).result()

    def stream(self, stream: Stream) -> Hit:
        """Send prepared requests at a fixed rate from one process."""
        return self._pool.submit(paced.drive, stream).result()

    def run(self, target: Target, job: str, *, clients: int, seconds: float) -> Run:
        """Run a job with so many clients for so long."""
        count = min(self._count, clients)
        shares = [clients // count + (index < clients % count) for index in range(count)]
        started = [self._pool.submit(_process, target, job, share, seconds) for share in shares]
        parts = [future.result() for future in started]
        times = [second for part in parts for second in part[0]]
        return Run(len(times), max(part[1] for part in parts), times)


def _process(target: Target, job: str, threads: int, seconds: float) -> tuple[list[float], float]:
    with ThreadPoolExecutor(threads) as pool:
        workers = [JOBS[job](target) for _ in range(threads)]
        started = time.perf_counter()
        futures = [pool.submit(_loop, worker, started + seconds) for worker in workers]
        times = [second for future in futures for second in future.result()]
        return times, time.perf_counter() - started


def _loop(operation: Callable[[], None], ends: float) -> list[float]:
    times = []
    while (now := time.perf_counter()) < ends:
        operation()
        times.append(time.perf_counter() - now)
    return times


def _minio(target: Target) -> Minio:
    pool = urllib3.PoolManager(retries=False, maxsize=4)
    held = target.s3
    return Minio(
        held["endpoint"], held["access_key"], held["secret_key"], secure=False, region=held["region"], http_client=pool
    )


def raw_put(target: Target) -> Callable[[], None]:
    """PUT with the same retention the exchange sets."""
    client, data = _minio(target), document(target.size)
    retention = Retention(GOVERNANCE, datetime.now(UTC) + timedelta(days=1))

    def operation() -> None:
        key = f"raw/{uuid.uuid4()}"
        client.put_object(target.s3["bucket"], key, io.BytesIO(data), len(data), retention=retention)

    return operation


def raw_get(target: Target) -> Callable[[], None]:
    """GET of one of our own ciphertexts: the same bytes from the same server."""
    client, keys = _minio(target), target.work["keys"]
    turn = iter(range(10**9))

    def operation() -> None:
        answer = client.get_object(target.s3["bucket"], keys[next(turn) % len(keys)])
        answer.read()
        answer.close()
        answer.release_conn()

    return operation


def row_get(target: Target) -> Callable[[], None]:
    """What nobody guards: the row of a material from the database, and the bytes of its object from S3."""
    client, keys, objects = _minio(target), target.work["keys"], target.work["objects"]
    database = psycopg.connect(target.work["database"].replace("postgresql+psycopg", "postgresql"), autocommit=True)
    turn = iter(range(10**9))

    def operation() -> None:
        place = next(turn)
        database.execute("SELECT * FROM materials.material WHERE id = %s", (objects[place % len(objects)],)).fetchone()
        answer = client.get_object(target.s3["bucket"], keys[place % len(keys)])
        answer.read()
        answer.close()
        answer.release_conn()

    return operation


class _Caller:
    """Signed calls over one kept-alive connection."""

    def __init__(self, target: Target, name: str) -> None:
        held = target.clients[name]
        self.client = Client(target.base_url, held["client_id"], ClientKey(held["key"]))
        where = urlsplit(target.base_url)
        self.connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)

    def call(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        """Send one request; anything but success is an error of the benchmark."""
        signed = self.client.headers(method, path)
        self.connection.request(method, path, body, signed | headers)
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.status >= 300:
            msg = f"{method} {path}: {answer.status} {data[:300]!r}"
            raise RuntimeError(msg)
        return data


def deposit(target: Target) -> Callable[[], None]:
    """A whole deposit through the HTTP interface."""
    caller, data = _Caller(target, "baoshan-window"), document(target.size)
    boundary = uuid.uuid4().hex
    body = b"".join(
        (
            f'--{boundary}\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n'.encode(),
            json.dumps(target.work["metadata"]).encode(),
            f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="bench.pdf"\r\n'.encode(),
            b"Content-Type: application/pdf\r\n\r\n",
            data,
            f"\r\n--{boundary}--\r\n".encode(),
        )
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}

    def operation() -> None:
        caller.call("POST", "/v1/materials", body, headers | {"Idempotency-Key": str(uuid.uuid4())})

    return operation


def _use(target: Target) -> tuple[_Caller, Callable[[], str]]:
    caller, turn = _Caller(target, "qingpu-market"), iter(range(os.getpid(), 10**9))
    objects = target.work["objects"]

    def ask() -> str:
        wanted = target.work["use"] | {"object_id": objects[next(turn) % len(objects)]}
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        return str(json.loads(caller.call("POST", "/v1/uses", json.dumps(wanted).encode(), headers))["use_id"])

    return caller, ask


def use_fetch(target: Target) -> Callable[[], None]:
    """A use and the whole download."""
    caller, ask = _use(target)

    def operation() -> None:
        data = caller.call("GET", f"/v1/uses/{ask()}/content", None, {})
        if len(data) != target.size:
            msg = f"{len(data)} bytes, not {target.size}"
            raise RuntimeError(msg)

    return operation


def use_only(target: Target) -> Callable[[], None]:
    """The guard alone: a use without its download."""
    _, ask = _use(target)

    def operation() -> None:
        ask()

    return operation


def issue(target: Target) -> Callable[[], None]:
    """Issue an identity card to somebody new."""
    caller, today = _Caller(target, "shanghai-police"), date.fromisoformat(target.work["today"])
    turn = iter(range(target.work["first"] + uuid.uuid4().int % 4_000_000, 10**9))

    def operation() -> None:
        body = json.dumps(synthetic.card(next(turn), today)).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        caller.call("POST", "/v1/licences", body, headers)

    return operation


JOBS: dict[str, Callable[[Target], Callable[[], None]]] = {
    "raw-put": raw_put,
    "raw-get": raw_get,
    "row-get": row_get,
    "deposit": deposit,
    "use-fetch": use_fetch,
    "use-only": use_only,
    "issue": issue,
}
