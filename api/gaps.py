"""The gap monitor: what was begun and not ended, promised and not kept (DESIGN 4.5, 10).

Three kinds: `use-without-outcome` (an intent whose time was over more than a minute ago and has neither completion nor
abort), `entry-past-deadline` (promised, not in the log in time), `entry-unanchored` (in the log, under no anchor past
limit 1). None of them says whom it is about: ids, clients, times. The worker looks once a minute and logs each kind
that has any; `GET /v1/operations/gaps` and `cailian gaps` list them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from authz.store import gaps as uses
from ledger import gaprows
from ledger.clock import rfc3339
from ledger.model import MERGE_DELAY_SECONDS

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from api.settings import Settings

GRACE: Final = timedelta(seconds=60)
"""How long a use may be over without an outcome: the worker sweeps every second, a restart takes a few."""
LIMIT: Final = 500
"""Rows of each kind that are listed; the counts are of all."""
_MERGE: Final = timedelta(seconds=MERGE_DELAY_SECONDS)


@dataclass(frozen=True, slots=True)
class Gaps:
    """How many there are of each kind."""

    uses: int
    pending: int
    unanchored: int

    def as_figures(self) -> dict[str, int]:
        """For metrics, by name."""
        return {
            "gap_uses_without_outcome": self.uses,
            "gap_entries_past_deadline": self.pending,
            "gap_entries_unanchored": self.unanchored,
        }

    def named(self) -> dict[str, int]:
        """By kind, as the list names them."""
        return {
            "use-without-outcome": self.uses,
            "entry-past-deadline": self.pending,
            "entry-unanchored": self.unanchored,
        }


def count(db: Connection, now: datetime, settings: Settings) -> Gaps:
    """How many gaps there are."""
    return Gaps(
        uses.count_open_uses(db, now - GRACE),
        gaprows.count_late_pending(db, now - _MERGE),
        gaprows.count_unanchored(db, now - timedelta(seconds=settings.lag_limit_1)),
    )


def listing(db: Connection, now: datetime, settings: Settings) -> dict[str, Any]:
    """The gaps themselves, at most `LIMIT` of each kind, oldest first."""
    rows: list[dict[str, Any]] = [
        {
            "kind": "use-without-outcome",
            "use_id": use_id,
            "client_id": client,
            "entry_id": entry,
            "since": rfc3339(closed),
        }
        for use_id, client, entry, _, closed in uses.open_uses(db, now - GRACE, LIMIT)
    ]
    rows += [
        {"kind": "entry-past-deadline", "entry_id": entry, "since": rfc3339(at + _MERGE)}
        for entry, at in gaprows.late_pending(db, now - _MERGE, LIMIT)
    ]
    limit_1 = timedelta(seconds=settings.lag_limit_1)
    rows += [
        {"kind": "entry-unanchored", "entry_id": entry, "index": index, "since": rfc3339(at + limit_1)}
        for entry, index, at in gaprows.unanchored(db, now - limit_1, LIMIT)
    ]
    return {"at": rfc3339(now), "counts": count(db, now, settings).named(), "gaps": rows}
