"""HTTP to witnesses (c2sp.org/tlog-witness): kept connections, one time-out, small answers, no redirects."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import urllib3

from api.errors import SettingsError
from ledger.clock import rfc3339
from ledger.db import outside_any_unit
from ledger.errors import NoteError, WitnessError
from ledger.witness import Answer, Seat

if TYPE_CHECKING:
    from api.settings import Settings
    from ledger.witnessrows import WitnessState

SETTING: Final = "witnesses"
MAX_ANSWER: Final = 80 * 1024
"""Bytes: the largest note we read, and room for headers' sake."""


def seats(settings: Settings) -> tuple[Seat, ...]:
    """The witnesses that the settings name.

    Raises:
        SettingsError: one of them is none, one key stands twice, or the quorum cannot be met.
    """
    try:
        held = tuple(Seat.parse(each) for each in settings.witnesses)
    except NoteError as error:
        raise SettingsError(setting=SETTING, problem=str(error.fields["reason"])) from error
    if len({seat.key.public_key for seat in held}) != len(held):
        raise SettingsError(setting=SETTING, problem="one key twice")
    if not 0 <= settings.witness_quorum <= len(held):
        raise SettingsError(setting="witness_quorum", problem=f"{settings.witness_quorum} of {len(held)}")
    return held


def shown(seat: Seat, state: WitnessState | None) -> dict[str, Any]:
    """A witness as `/healthz` shows it: what it cosigned last, and why it failed since."""
    return {
        "name": seat.key.name,
        "size": state.size if state else 0,
        "cosigned_at": rfc3339(state.cosigned_at) if state and state.cosigned_at else None,
        "failure": state.failure if state else None,
    }


class HttpWitnesses:
    """`ledger.witness.WitnessLine` over HTTP.

    Args:
        timeout: seconds for connecting, and for the whole answer.
    """

    def __init__(self, timeout: float = 5.0) -> None:
        self._timeout = timeout
        self._pool = urllib3.PoolManager(
            num_pools=16,
            maxsize=2,
            retries=False,
            timeout=urllib3.Timeout(connect=timeout, read=timeout),
            headers={"User-Agent": "cailian"},
        )

    def add_checkpoint(self, url: str, body: bytes) -> Answer:
        """See `WitnessLine`."""
        return self._exchange("POST", f"{url}/add-checkpoint", body)

    def checkpoint(self, url: str, name: str) -> Answer:
        """See `WitnessLine`."""
        return self._exchange("GET", f"{url}/{name}/checkpoint", None)

    def _exchange(self, method: str, url: str, body: bytes | None) -> Answer:
        outside_any_unit("HTTP")
        deadline = time.monotonic() + self._timeout
        try:
            answer = self._pool.request(method, url, body=body, preload_content=False, redirect=False)
            held = bytearray()
            try:
                while piece := answer.read1(MAX_ANSWER):
                    held += piece
                    if len(held) > MAX_ANSWER or time.monotonic() > deadline:
                        answer.close()
                        raise WitnessError(reason="answer too large or too slow")
            finally:
                answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise WitnessError(reason=f"no answer: {type(error).__name__}") from error
        return Answer(answer.status, answer.headers.get("Content-Type", ""), bytes(held))
