"""The canary: an ordinary client of the operator's own organisation, once a minute (RELIABILITY L6).

It deposits a digest through the public interface, fetches the evidence bundle until that shows the entry in the log,
and verifies it with a trust file, as a stranger does. Only the last step's success
counts, and its time is what `canary_last_success` says. It runs in the worker where a client file is configured, or
alone as `cailian canary`, which is how it is run from outside the node.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

import httpx2
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.client import Client, ProblemError
from api.errors import SettingsError
from api.observe import log
from ledger.errors import LedgerError
from ledger.report import Verdict
from ledger.trust import Trust
from ledger.verify import load_bundle, verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from threading import Event

    from sqlalchemy import Connection

    from api.settings import Settings
    from ledger.clock import Clock
    from ledger.db import Database

T = TypeVar("T")

NAME: Final = "canary"
SECONDS: Final = 60.0
"""How often it submits."""
ALARM_SECONDS: Final = 180.0
"""How long without success until it is an alarm."""
INTEGRATE_SECONDS: Final = 60.0
"""How long it waits for its entry: the merge delay that was promised."""
_POLL_SECONDS: Final = 0.5
_LETTERS: Final = str.maketrans("0123456789", "ghijklmnop")

_BEAT: Final = text(
    "INSERT INTO api.beat (name, at) VALUES (:name, :at) ON CONFLICT (name) DO UPDATE SET at = excluded.at"
)
_LAST: Final = text("SELECT at FROM api.beat WHERE name = :name")


class CanaryError(Exception):
    """A round failed; the message names the step, and never holds what was sent."""


class Canary:
    """Submits and verifies.

    Args:
        client: of the operator's own organisation, with the scope `evidence`.
        trust: what the bundle is checked against; by another way than the node.
    """

    def __init__(self, client: Client, trust: Trust) -> None:
        self._client = client
        self._trust = trust

    def fly(self, stop: Event) -> dict[str, Any]:
        """One round.

        Args:
            stop: ends the waiting.

        Returns:
            The entry, and how long each part took in milliseconds.

        Raises:
            CanaryError: a step failed; the message names it.
        """
        began = time.perf_counter()
        digest = hashlib.sha256(b"canary" + secrets.token_bytes(16)).hexdigest()
        entry_id = self._step("submit", lambda: self._submit(digest))
        submitted = time.perf_counter()
        verdict = self._prove(entry_id, stop)
        return {
            "entry_id": entry_id,
            "verdict": verdict,
            "submit_ms": round((submitted - began) * 1000, 1),
            "prove_ms": round((time.perf_counter() - submitted) * 1000, 1),
        }

    def _submit(self, digest: str) -> str:
        # Letters only: a run of digits may look like somebody's number, and is refused.
        body = {"reference": f"canary/{digest[:16].translate(_LETTERS)}", "sha256": digest}
        return str(self._client.call("POST", "/v1/evidence", body)["entry_id"])

    def _prove(self, entry_id: str, stop: Event) -> str:
        """Fetch and verify the bundle until it proves more than a promise: its checkpoint may wait for a witness."""
        deadline = time.monotonic() + INTEGRATE_SECONDS
        while True:
            bundle = self._step("fetch", lambda: self._client.call("GET", f"/v1/evidence/{entry_id}/bundle"))
            try:
                verdict = verify(load_bundle(json.dumps(bundle).encode()), self._trust).verdict
            except LedgerError as error:
                raise CanaryError(f"verify: {error.code} {error}") from error
            if verdict is not Verdict.promised:
                if verdict in {Verdict.proven, Verdict.logged}:
                    return verdict
                raise CanaryError(f"verify: {verdict}")
            if time.monotonic() > deadline:
                raise CanaryError(f"integrate: still only promised after {INTEGRATE_SECONDS:.0f} s")
            if stop.wait(_POLL_SECONDS):
                raise CanaryError("stopped")

    @staticmethod
    def _step(name: str, act: Callable[[], T]) -> T:
        """One step; whatever fails in it is the canary's failure, named."""
        try:
            return act()
        except (ProblemError, httpx2.HTTPError, KeyError) as error:
            raise CanaryError(f"{name}: {getattr(error, 'code', type(error).__name__)}") from error


def load(settings: Settings) -> Canary | None:
    """The canary of the settings; None where none is configured.

    Raises:
        SettingsError: its files cannot be read.
    """
    if settings.canary_client is None or settings.canary_trust is None:
        return None
    try:
        held = json.loads(settings.canary_client.read_text())
        return Canary(Client(settings.base_url, held["client_id"], held["key"]), Trust.load(settings.canary_trust))
    except (OSError, ValueError, KeyError, LedgerError) as error:
        raise SettingsError(file=str(settings.canary_client), problem=type(error).__name__) from error


def run(canary: Canary, database: Database, clock: Clock, stop: Event) -> None:
    """Fly every minute until told to stop; a failure is logged and counted, and an alarm after three minutes."""
    while not stop.is_set():
        began = time.monotonic()
        try:
            once(canary, database, clock, stop)
        except DBAPIError as error:
            log.warning("canary failed", reason=f"database: {type(error).__name__}")
        stop.wait(max(0.0, SECONDS - (time.monotonic() - began)))


def once(canary: Canary, database: Database, clock: Clock, stop: Event) -> bool:
    """One round with its traces: the time of success in the database, or a line in the log."""
    try:
        said = canary.fly(stop)
    except CanaryError as error:
        with database.unit() as db:
            silent = clock.now().timestamp() - last_success(db)
        tell = log.error if silent > ALARM_SECONDS else log.warning
        tell("canary failed", reason=str(error), silent_seconds=int(silent))
        return False
    with database.unit() as db:
        db.execute(_BEAT, {"name": NAME, "at": clock.now()})
    log.info("canary", **said)
    return True


def last_success(db: Connection) -> float:
    """When the canary last succeeded, in seconds since 1970; 0 for never."""
    at: datetime | None = db.execute(_LAST, {"name": NAME}).scalar_one_or_none()
    return at.timestamp() if at else 0.0


def warnings(db: Connection, clock: Clock) -> list[str]:
    """That the canary is silent, where one ever sang."""
    last = last_success(db)
    silent = clock.now().timestamp() - last
    return [f"canary silent for {silent:.0f} s"] if last and silent > ALARM_SECONDS else []
