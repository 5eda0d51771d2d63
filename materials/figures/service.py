"""Counting, by the worker, and telling.

1. An accepted case is counted once: its kept checklist is opened, its form looked up, one row written (`figure_case`).
2. A day is summed up from these rows, the cases and the materials, always anew and whole: the last day that was summed
   up, the one before it and every one since. So it may be done at any time, by anybody, any number of times, and a
   worker that was away for a week catches up.
3. Past days do not change: what they are made of is never overwritten. `rebuild` forgets all sums; the worker makes
   them again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from materials.checklist.service import kept_place
from materials.figures import store
from materials.figures.model import NOTHING, Counts, count_case
from materials.figures.small import suppressed
from materials.validity import LOCAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from authz.vault import IdentityVault
    from ledger.clock import Clock
    from materials.figures.model import Scope

BATCH: Final = 500
"""Cases counted in one unit."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Told:
    """Figures of a scope.

    Attributes:
        rows: by key; None in the place of a group too small to be told.
        total: over all; None where it is too small itself.
        overdue: open cases whose promised day is over; None where that is not told.
        through: the newest day that was summed up.
    """

    rows: tuple[tuple[str, Counts | None], ...]
    total: Counts | None
    overdue: int | None
    through: date | None


class Figures:
    """Counts and tells.

    Args:
        vault: opens kept checklists.
        clock: the time.
    """

    def __init__(self, vault: IdentityVault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

    # For the worker

    def count(self, db: Connection) -> bool:
        """Count some accepted cases that are not counted yet; whether there may be more."""
        if not store.lead(db):
            return False
        found = store.uncounted(db, BATCH)
        counted = []
        for case_no, body, day, form in found:
            kept = json.loads(self._vault.open(body, kept_place(case_no)))
            counted.append(count_case(case_no, day, kept, form))
        store.count(db, counted)
        return len(found) == BATCH

    def due(self, db: Connection) -> list[date]:
        """Days to be summed up: from the one before the last that was, or from the first record, until today."""
        again, first = store.bounds(db)
        day = again or first
        today = self._today()
        if day is None:
            return []
        return [day + n * _DAY for n in range((today - day).days + 1)]

    @staticmethod
    def roll(db: Connection, days: Sequence[date]) -> None:
        """Sum days up."""
        if store.lead(db):
            for day in days:
                store.roll(db, day, _start(day), _start(day + _DAY))

    @staticmethod
    def rebuild(db: Connection) -> None:
        """Forget all sums; the worker makes them again from the records."""
        store.forget(db)

    # For readers

    def tell(self, db: Connection, scope: Scope) -> Told:
        """What a scope comes to."""
        rows = store.sums(db, scope)
        total = sum((counts for _, counts in rows), NOTHING)
        overdue = store.overdue(db, scope.party_id, self._clock.now())
        return Told(tuple(rows) if scope.by else (), total, overdue, store.through(db))

    def tell_all(self, db: Connection, scope: Scope) -> Told:
        """As `tell`, for everybody: what would be told of few is not told (`materials.figures.small`)."""
        rows = store.sums(db, scope)
        shown, total = suppressed(rows)
        return Told(tuple(shown) if scope.by else (), total, None, store.through(db))

    def today(self) -> date:
        """The day it is in China."""
        return self._today()

    def _today(self) -> date:
        return self._clock.now().astimezone(LOCAL).date()


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL)
