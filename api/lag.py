"""How far the log is behind its promises, and what stops when (DESIGN 10, RELIABILITY L5).

Three lags, each the age of the oldest entry that has not come so far: *merge* (under no checkpoint; promised within
60 s), *quorum* (under no checkpoint with its witnesses), *anchor* (under no confirmed anchor). The last two share two
limits: past limit 1 bulk intake and registers stop, past limit 2 deposits and issuing. Past three quarters of the merge
delay every intake stops, since what was promised goes before what is new; so it does while more entries pend than the
sequencer can surely index within the merge delay. Uses, withdrawals, revocations, suspensions, disputes and
presentations never stop for lag; their receipts say since when an anchor is overdue.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from api.errors import AnchorOverdueError, MergeOverdueError
from ledger.clock import rfc3339
from ledger.errors import RollbackDetectedError
from ledger.model import MERGE_DELAY_SECONDS
from ledger.steps import run

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.settings import Settings
    from ledger.steps import Steps

CACHE_SECONDS: Final = 1.0
"""At 20,000 entries a second, as many as are taken in between the looks are far below what a checkpoint takes in."""
WARNING: Final = 0.7
"""Share of a limit from which on everything warns (X-Road's figure)."""
MERGE_LIMIT: Final = 0.75 * MERGE_DELAY_SECONDS
"""Seconds without a checkpoint after which nothing new is taken in."""
BACKLOG: Final = 50_000
"""Pending entries beyond which nothing new is taken in: a sequencer on a busy machine indexes 2,000 a second."""

_LAGS: Final = """
SELECT extract(epoch FROM now() - pending.created_at), extract(epoch FROM now() - unpublished.created_at),
  extract(epoch FROM now() - unanchored.created_at), extract(epoch FROM now() - unsigned.created_at),
  (SELECT count(*) FROM (SELECT FROM ledger.entry WHERE idx IS NULL LIMIT %(backlog)s + 1) counted), log.size,
  greatest((SELECT max(size) FROM ledger.checkpoint), (SELECT max(seen_size) FROM ledger.witness),
           (SELECT max(size) FROM ledger.anchor WHERE state <> 'void'))
FROM (SELECT 1) one
LEFT JOIN ledger.entry unsigned ON unsigned.idx = (SELECT coalesce(max(size), 0) FROM ledger.checkpoint)
LEFT JOIN LATERAL (SELECT created_at FROM ledger.entry WHERE idx IS NULL ORDER BY seq LIMIT 1) pending ON true
LEFT JOIN ledger.entry unpublished ON unpublished.idx =
  (SELECT coalesce(max(size), 0) FROM ledger.checkpoint WHERE quorum IS NOT NULL)
LEFT JOIN ledger.entry unanchored ON unanchored.idx =
  greatest((SELECT coalesce(max(size), 0) FROM ledger.anchor WHERE state = 'confirmed'),
           (SELECT coalesce(max(size), 0) FROM ledger.superior WHERE anchored_at IS NOT NULL))
LEFT JOIN ledger.log ON true"""


@dataclass(frozen=True, slots=True)
class Lags:
    """Seconds; 0 where nothing waits."""

    merge: float = 0.0
    quorum: float = 0.0
    anchor: float = 0.0
    backlog: int = 0
    """Pending entries, counted to one past `BACKLOG`."""
    size: int = 0
    seen: int = 0
    """Entries in the log, and what was seen of it outside: more than there is after an old backup was restored."""

    @property
    def outside(self) -> float:
        """How long nobody outside has vouched for the oldest entry: what the two limits are about."""
        return max(self.quorum, self.anchor)


class Lag:
    """Looks at the lags, at most once a second, and refuses by them.

    Args:
        settings: of the node, for the limits.
    """

    def __init__(self, settings: Settings) -> None:
        self._limit_1, self._limit_2 = settings.lag_limit_1, settings.lag_limit_2
        self._looked, self._held = float("-inf"), Lags()

    def look(self, db: Connection) -> Lags:
        """The lags now, or a few seconds ago."""
        return run(db, self._look())

    def _look(self) -> Steps[Lags]:
        if time.monotonic() - self._looked > CACHE_SECONDS:
            rows = yield _LAGS, {"backlog": BACKLOG}
            pending, quorum, anchor, unsigned, backlog, size, seen = (float(value or 0) for value in rows[0])
            # What has no index yet has no checkpoint and no anchor either.
            merge = max(pending, unsigned)
            self._held = Lags(merge, max(merge, quorum), max(merge, anchor), int(backlog), int(size), int(seen))
            self._looked = time.monotonic()
        return self._held

    def refuse_bulk(self, db: Connection) -> None:
        """Let bulk intake and registers pass, or not: call it before taking in the first row.

        Raises:
            AnchorOverdueError: limit 1 is passed.
            MergeOverdueError: the log cannot keep the promises it gave.
            RollbackDetectedError: an old backup was restored.
        """
        self._refuse(self.look(db), self._limit_1)

    def refuse_deposit(self) -> Steps[None]:
        """Let a deposit or an issuing pass, or not.

        Raises:
            AnchorOverdueError: limit 2 is passed.
            MergeOverdueError: the log cannot keep the promises it gave.
            RollbackDetectedError: an old backup was restored.
        """
        self._refuse((yield from self._look()), self._limit_2)

    def refuse_rolled_back(self) -> Steps[None]:
        """Let a use pass, or not: an old backup may have forgotten a withdrawal.

        Raises:
            RollbackDetectedError: more was seen of this log than this database holds (`ledger.rollback`).
        """
        self._refuse_rolled_back((yield from self._look()))

    @staticmethod
    def _refuse_rolled_back(lags: Lags) -> None:
        if lags.seen > lags.size:
            raise RollbackDetectedError(size=lags.size, published=lags.seen)

    def overdue_since(self, db: Connection) -> str | None:
        """Since when an anchor is overdue: the moment the oldest entry passed limit 1; None where none did."""
        over = self.look(db).outside - self._limit_1
        return rfc3339(datetime.now(UTC) - timedelta(seconds=over)) if over > 0 else None

    def say(self, db: Connection, bundle: dict[str, Any]) -> dict[str, Any]:
        """A receipt that says `anchor_overdue_since` where one is overdue, in a section that no verifier relies on."""
        since = self.overdue_since(db)
        if since is not None and "sections" in bundle:
            bundle["sections"]["notice"] = {"anchor_overdue_since": since}
        return bundle

    def warnings(self, db: Connection) -> list[str]:
        """What has passed 70 % of a limit, for people."""
        lags = self.look(db)
        said = []
        if lags.backlog >= WARNING * BACKLOG:
            said.append(f"{lags.backlog} entries pend, of {BACKLOG}")
        if lags.merge >= WARNING * MERGE_LIMIT:
            said.append(f"merge lag {lags.merge:.0f} s of {MERGE_LIMIT:.0f} s")
        for name, lag in (("quorum", lags.quorum), ("anchor", lags.anchor)):
            over = [limit for limit in (self._limit_2, self._limit_1) if lag >= WARNING * limit]
            if over:
                said.append(f"{name} lag {lag:.0f} s of {over[0]} s")
        return said

    @classmethod
    def _refuse(cls, lags: Lags, limit: float) -> None:
        cls._refuse_rolled_back(lags)
        if lags.outside > limit:
            raise AnchorOverdueError(seconds=int(lags.outside), limit=int(limit))
        if lags.merge > MERGE_LIMIT or lags.backlog > BACKLOG:
            raise MergeOverdueError(seconds=int(lags.merge), pending=lags.backlog)
