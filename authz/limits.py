"""How much one organisation may use of the node: requests and tokens a minute, and what costs others something a day.

Government and enforcement (政务类) and social parties (社会化) have limits of their own, and statistics of their own:
the counters that limit are what is reported. An organisation's limit can be set apart from its kind's.

Every process counts for itself and, each second, adds what it counted to rows that all share and looks at what the
others counted. So a limit is exact in one process and late by at most a second between several; what an organisation
can get beyond it is what it sends in that second. In return a request costs no statement. A killed process loses the
last second of its counts. The PyPI package `limits` was left aside: it counts in the memory of one process, or in
Redis, Memcached or MongoDB, none of which a node has.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from threading import Lock
from typing import TYPE_CHECKING, Final

from authz.errors import InvalidRegistrationError, UnknownPartyError
from authz.model import PartyKind
from authz.onboardingerrors import QuotaSpentError, RateExceededError
from authz.store import limits as store
from authz.workdays import LOCAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from ledger.clock import Clock

MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)
KEPT: Final = timedelta(hours=1)
"""How long counts of minutes are kept; those of days stay, they are the statistics."""
LONGEST: Final = 2**53 - 1


class Cost(StrEnum):
    """What is counted."""

    rate = "requests_a_minute"
    tokens = "tokens_a_minute"
    requests = "requests"
    searches = "searches"
    asks = "asks"
    uses = "uses"
    presentations = "presentations"
    bytes = "bytes"


RATES: Final = frozenset({Cost.rate, Cost.tokens})
"""Counted by the minute; everything else by the day, in China Standard Time."""

_OFFICIAL: Final = {
    Cost.rate: 30_000,
    Cost.tokens: 6_000,
    Cost.requests: 5_000_000,
    Cost.searches: 500_000,
    Cost.asks: 200_000,
    Cost.uses: 500_000,
    Cost.presentations: 500_000,
    Cost.bytes: 500 * 10**9,
}
LIMITS: Final[Mapping[PartyKind, Mapping[Cost, int]]] = {
    PartyKind.government: _OFFICIAL,
    PartyKind.enforcement: _OFFICIAL,
    PartyKind.social: {
        Cost.rate: 3_000,
        Cost.tokens: 300,
        Cost.requests: 200_000,
        Cost.searches: 5_000,
        Cost.asks: 5_000,
        Cost.uses: 20_000,
        Cost.presentations: 50_000,
        Cost.bytes: 10 * 10**9,
    },
}
"""Where nothing else is set for an organisation."""

_Key = tuple[str, Cost, datetime]


@dataclass(frozen=True, slots=True)
class Standing:
    """What an organisation used of one thing in the present minute or day."""

    what: Cost
    used: int
    limit: int
    until: datetime


class Meter:
    """The counts of one process, and what it knows of the others'.

    Args:
        clock: tells the time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._own: dict[_Key, int] = defaultdict(int)
        self._shared: dict[_Key, int] = {}
        self._limits: dict[tuple[str, str], int] = {}

    def charge(self, party_id: str, kind: PartyKind, costs: Sequence[Cost]) -> None:
        """Count one of each, of what is named twice two; or refuse and count none.

        Args:
            costs: `bytes` are looked at and not counted: how many there are is known afterwards (`add`).

        Raises:
            RateExceededError, QuotaSpentError: with `what`, `limit`, and `retry_after` in seconds.
        """
        now = self._clock.now()
        with self._lock:
            wanted = {(party_id, cost, begin_of(cost, now)): amount for cost, amount in Counter(costs).items()}
            for key, amount in wanted.items():
                limit = self._limit(party_id, kind, key[1])
                if self._used(key) + amount > limit:
                    raise _refusal(key, limit, now)
            for key, amount in wanted.items():
                if key[1] is not Cost.bytes:
                    self._own[key] += amount

    def add(self, party_id: str, what: Cost, amount: int) -> None:
        """Count what is known only afterwards."""
        with self._lock:
            self._own[party_id, what, begin_of(what, self._clock.now())] += amount

    def standing(self, party_id: str, kind: PartyKind) -> list[Standing]:
        """What an organisation used now, and may use."""
        now = self._clock.now()
        with self._lock:
            return [
                Standing(
                    cost,
                    self._used((party_id, cost, begin_of(cost, now))),
                    self._limit(party_id, kind, cost),
                    _end_of(cost, now),
                )
                for cost in Cost
            ]

    @contextmanager
    def sharing(self) -> Iterator[Callable[[Connection], None]]:
        """Add what was counted here to the rows all share, and look at them. Every second.

        What this gives is called once, in a unit within: what fails, the commit included, is counted again.
        """
        with self._lock:
            counts = {key: amount for key, amount in self._own.items() if amount}
            self._own.clear()
            for key, amount in counts.items():  # on its way, it counts as theirs
                self._shared[key] = self._shared.get(key, 0) + amount
        rows: list[tuple[str, str, datetime, int]] = []
        limits: list[tuple[str, str, int]] = []

        def share(db: Connection) -> None:
            store.add(db, [(party, what.value, since, count) for (party, what, since), count in sorted(counts.items())])
            now = self._clock.now()
            rows.extend(store.counted(db, sorted({begin_of(cost, now) for cost in Cost})))
            limits.extend(store.limits(db))

        try:
            yield share
        except BaseException:
            with self._lock:
                for key, amount in counts.items():
                    self._own[key] += amount
                    self._shared[key] -= amount
            raise
        known = {cost.value for cost in Cost}  # a process of a newer release may count more
        with self._lock:
            self._shared = {(party, Cost(what), since): amount for party, what, since, amount in rows if what in known}
            self._limits = {(party, what): amount for party, what, amount in limits}

    def forget(self, db: Connection) -> int:
        """Drop the counts of minutes that are long over; how many."""
        return store.forget(db, [cost.value for cost in RATES], self._clock.now() - KEPT)

    def _used(self, key: _Key) -> int:
        return self._own.get(key, 0) + self._shared.get(key, 0)

    def _limit(self, party_id: str, kind: PartyKind, cost: Cost) -> int:
        own = self._limits.get((party_id, cost.value))
        return LIMITS[kind][cost] if own is None else own


def set_limits(db: Connection, party_id: str, limits: Mapping[str, int | None], at: datetime) -> None:
    """Set limits of one organisation apart from its kind's; None: as its kind.

    Raises:
        InvalidRegistrationError: no such cost, or no amount.
        UnknownPartyError: no such organisation.
    """
    for what, amount in limits.items():
        if what not in set(Cost) or (amount is not None and not 0 <= amount <= LONGEST):
            raise InvalidRegistrationError(problem="limit")
    if not store.set_limits(db, party_id, limits, at):
        raise UnknownPartyError


def statistics(db: Connection, since: datetime, until: datetime) -> list[tuple[PartyKind, str, Cost, int, int]]:
    """What the organisations of each kind used, day by day: kind, day, what, how much, by how many organisations."""
    known = {cost.value for cost in Cost}
    return [
        (PartyKind(kind), day, Cost(what), int(amount), int(parties))
        for kind, day, what, amount, parties in store.statistics(db, since, until, [cost.value for cost in RATES])
        if what in known
    ]


def begin_of(what: Cost, now: datetime) -> datetime:
    """When the present minute, or day in China, began."""
    if what in RATES:
        return now.replace(second=0, microsecond=0)
    return datetime.combine(now.astimezone(LOCAL).date(), time(), LOCAL).astimezone(UTC)


def _end_of(what: Cost, now: datetime) -> datetime:
    return begin_of(what, now) + (MINUTE if what in RATES else DAY)


def _refusal(key: _Key, limit: int, now: datetime) -> Exception:
    what = key[1]
    seconds = max(1, int((_end_of(what, now) - now).total_seconds()) + 1)
    error = RateExceededError if what in RATES else QuotaSpentError
    return error(what=what.value, limit=limit, retry_after=seconds)
