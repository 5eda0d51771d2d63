"""HTTP to the superior node of a district: one time-out, small answers, no redirects."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import urllib3

from api.errors import SettingsError
from ledger.db import outside_any_unit
from ledger.errors import SuperiorUnavailableError, TrustFileError
from ledger.forwarder import MAX_ANSWER, Answer, Forwarder
from ledger.trust import Trust

if TYPE_CHECKING:
    from api.settings import Settings
    from ledger.clock import Clock
    from ledger.db import Database

_PIECE: Final = 64 * 1024


def trust(settings: Settings) -> Trust | None:
    """The trust file of the superior; None where this node has none above it.

    Raises:
        SettingsError: it has one, and the file cannot be read.
    """
    if not settings.superior_url:
        return None
    try:
        return Trust.load(Path(settings.superior_trust))
    except TrustFileError as error:
        raise SettingsError(setting="superior_trust", problem=str(error)) from error


def forwarder(settings: Settings, database: Database, clock: Clock) -> Forwarder | None:
    """What shows our log to the superior; None where this node has none above it.

    Raises:
        SettingsError: see `trust`.
    """
    held = trust(settings)
    if held is None:
        return None
    line = HttpSuperior(settings.superior_url)
    return Forwarder(database, line, held, clock, settings.division, interval=settings.superior_interval)


class HttpSuperior:
    """`ledger.forwarder.SuperiorLine` over HTTP.

    Args:
        url: base address of the superior.
        timeout: seconds for connecting, and for the whole answer.
    """

    def __init__(self, url: str, timeout: float = 10.0) -> None:
        self._base = url.rstrip("/")
        self._timeout = timeout
        self._pool = urllib3.PoolManager(
            maxsize=1,
            retries=False,
            timeout=urllib3.Timeout(connect=timeout, read=timeout),
            headers={"User-Agent": "cailian"},
        )

    def send(self, division: str, body: bytes) -> Answer:
        """See `SuperiorLine`."""
        return self._exchange("POST", f"{self._base}/v1/districts/{division}/checkpoints", body)

    def receipt(self, division: str, size: int) -> Answer:
        """See `SuperiorLine`."""
        return self._exchange("GET", f"{self._base}/v1/districts/{division}/checkpoints/{size}", None)

    def _exchange(self, method: str, url: str, body: bytes | None) -> Answer:
        outside_any_unit("HTTP")
        deadline = time.monotonic() + self._timeout
        headers = {"Content-Type": "text/plain; charset=utf-8"} if body else {}
        try:
            answer = self._pool.request(method, url, body=body, headers=headers, preload_content=False, redirect=False)
            held = bytearray()
            try:
                while piece := answer.read1(_PIECE):
                    held += piece
                    if len(held) > MAX_ANSWER or time.monotonic() > deadline:
                        answer.close()
                        raise SuperiorUnavailableError(reason="answer too large or too slow")
            finally:
                answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise SuperiorUnavailableError(reason=f"no answer: {type(error).__name__}") from error
        return Answer(answer.status, bytes(held))
