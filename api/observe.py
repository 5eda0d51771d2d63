"""What the node says about itself: request ids, structured logs and Prometheus metrics, all without personal data.

Logs and metrics name the route's template, never the path, query, headers or body (DESIGN 5, 10).
"""

from __future__ import annotations

import logging
import os
import re
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram

from ledger.ids import new_id

if TYPE_CHECKING:
    from typing import TextIO

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"
METRICS_BYTES: Final = 1024**2
"""Room for one kind of metrics of one process: about 8,000 series, ten times what our labels can make."""

_REQUEST_ID: Final = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""A UUID, since what is taken is logged: an identity code or a phone number would pass a looser pattern."""

registry = CollectorRegistry()
REQUESTS = Counter("cailian_http_requests", "Requests answered.", ["route", "method", "status"], registry=registry)
SECONDS = Histogram(
    "cailian_http_request_seconds",
    "Time until the answer's last byte.",
    ["route", "method"],
    registry=registry,
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 30),
)
DEPOSITS = Counter("cailian_deposits", "Materials deposited.", ["type"], registry=registry)
ISSUED = Counter("cailian_licences_issued", "Licences issued.", ["type"], registry=registry)
SCANS = Counter("cailian_scans", "Codes scanned.", ["result"], registry=registry)
LOOKS = Counter("cailian_own_looks", "Looks at what is one's own or handed in; no uses.", ["what"], registry=registry)
DECISIONS = Counter("cailian_use_decisions", "Uses decided.", ["result", "reason"], registry=registry)

log = structlog.get_logger()


class Unfailing:
    """A stream whose writing never fails: a full disk under the log must not turn answers into errors.

    Args:
        stream: where the lines go; what it cannot take is lost.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write, or lose it."""
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        """Write what is held back, or lose it."""
        with suppress(OSError):
            self._stream.flush()


def reserve_metrics() -> None:
    """Give this process's metrics their room on the disk before the first one is counted.

    `prometheus_client` maps files with holes; where a full disk cannot fill one, the kernel kills the process (SIGBUS).
    A process that starts on a full disk keeps its figures in memory, where its siblings do not see them.

    Raises:
        OSError: there is no room anywhere.
    """
    if folder := os.environ.get(_SHARED):
        try:
            _reserve(Path(folder))
        except OSError:
            memory = Path("/dev/shm")  # noqa: S108 - a folder of our own in it
            os.environ[_SHARED] = tempfile.mkdtemp(dir=memory if memory.is_dir() else None)
            _reserve(Path(os.environ[_SHARED]))


def _reserve(folder: Path) -> None:
    for kind in ("counter", "histogram"):
        path = folder / f"{kind}_{os.getpid()}.db"
        try:
            with path.open("xb") as file:
                file.write(bytes(METRICS_BYTES))
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            path.unlink(missing_ok=True)
            raise


def configure_logs(level: str) -> None:
    """Write JSON lines to standard error; quiet the libraries' own access logs."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(Unfailing(sys.stderr)),  # type: ignore[arg-type]  # it writes and flushes
        cache_logger_on_first_use=True,
    )


class Observe:
    """ASGI layer: gives each request an id, counts it, times it, logs one line about it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        request_id = given.decode() if _REQUEST_ID.fullmatch(given) else new_id()
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.perf_counter()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                    (b"x-content-type-options", b"nosniff"),
                ]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except Exception:  # answered and logged by api.problems; raised again only for the server's own log
            if status == 0:
                raise
        finally:
            self._record(scope, request_id, status, time.perf_counter() - started)

    @staticmethod
    def _record(scope: Scope, request_id: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "none")
        REQUESTS.labels(route, scope["method"], status).inc()
        SECONDS.labels(route, scope["method"]).observe(seconds)
        log.info(
            "request",
            route=route,
            method=scope["method"],
            status=status,
            ms=round(seconds * 1000, 1),
            request_id=request_id,
            client=scope["state"].get("client_id"),
        )
