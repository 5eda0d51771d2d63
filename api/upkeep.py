"""Upkeep of a node: what the worker does every second and every minute, each act in a unit of its own.

An act that fails is logged and tried again at its next turn, and holds up no other: a row that one of them cannot
finish must stop neither the sequencer nor the rest.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from api.observe import log
from ledger.errors import LogFrozenError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from threading import Event

    from sqlalchemy import Connection

    from ledger.db import Database

    Act = Callable[[Connection], object]

SECOND: Final = 1.0
MINUTE: Final = 60.0


class Upkeep:
    """Acts by their names.

    Args:
        database: of the node.
        every_second: what somebody waits for: terms that are over, draws that are due.
        every_minute: what need not be remembered any longer.
    """

    def __init__(self, database: Database, every_second: Mapping[str, Act], every_minute: Mapping[str, Act]) -> None:
        self._database = database
        self._every_second = dict(every_second)
        self._every_minute = dict(every_minute)

    def run(self, stop: Event) -> None:
        """Keep up until told to stop."""
        forgotten_at: float | None = None
        while not stop.wait(SECOND):
            self._do(self._every_second.items())
            now = time.monotonic()
            if forgotten_at is None or now - forgotten_at >= MINUTE:
                forgotten_at = now
                self._do(self._every_minute.items())

    def once(self) -> list[str]:
        """Every act once; the names of those that failed."""
        return self._do([*self._every_second.items(), *self._every_minute.items()])

    def _do(self, acts: Iterable[tuple[str, Act]]) -> list[str]:
        failed = []
        for name, act in acts:
            try:
                with self._database.unit() as db:
                    act(db)
            except LogFrozenError:  # the log's successor gets what waits
                continue
            except Exception as error:  # noqa: BLE001 - see above
                failed.append(name)
                log.error("upkeep failed", act=name, kind=type(error).__name__, code=getattr(error, "code", None))
        return failed
