"""What comes after a use was opened: the gate before every piece, and how it ends (DESIGN 4.5).

A delivery writes down what left; the first time that is the whole, `use.completed` is appended, and what is not
delivered in time ends as `use.aborted`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from authz import userecords
from authz.errors import UnknownUseError, UseClosedError
from authz.model import UseState
from authz.store import jointgrants, ledger, usehistory, uses as store
from ledger.clock import rfc3339
from ledger.record import Record
from ledger.steps import run, together

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.holders import Holders
    from authz.model import Caller, Use
    from authz.store.usehistory import UseLine
    from ledger.clock import Clock
    from ledger.evidence import Evidence
    from ledger.promise import Promise
    from ledger.steps import Statement, Steps

WINDOW: Final = timedelta(minutes=15)
LINGER: Final = timedelta(seconds=60)
"""How long content is given: in all, and after the first full delivery (DESIGN 4.5)."""
_LONGEST: Final = timedelta(days=1)
"""No window is longer, whatever the setting."""


class UseEnds:
    """Guards and ends uses, and looks them up.

    Args:
        evidence: the log.
        holders: names holders pairwise.
        clock: tells the time.
        linger: how long a use stays open after the first full delivery.
    """

    def __init__(self, evidence: Evidence, holders: Holders, clock: Clock, linger: timedelta) -> None:
        self._evidence = evidence
        self._holders = holders
        self._clock = clock
        self._linger = linger

    def get(self, db: Connection, caller: Caller, use_id: str) -> Use:
        """A use of the caller's organisation.

        Raises:
            UnknownUseError: there is none; another organisation's looks the same.
        """
        found = run(db, store.use(use_id))
        if found is None or found[0].party_id != caller.party_id:
            raise UnknownUseError
        return found[0]

    def gate(self, use_id: str, caller: Caller) -> Steps[Use]:
        """Let content of a use pass, now. Ask before every piece.

        Raises:
            UnknownUseError: no such use of this client and key.
            UseClosedError: its time is over, or its grant was withdrawn.
        """
        found = yield from store.use(use_id)
        if found is None or (found[0].client_id, found[0].jkt) != (caller.client_id, caller.jkt):
            raise UnknownUseError
        use, withdrawn = found
        if withdrawn:
            raise UseClosedError(why="withdrawn")
        if use.state is UseState.aborted or self._clock.now() >= use.closes_at:
            raise UseClosedError(why="over")
        return use

    def delivered(self, use_id: str, start: int, end: int) -> Steps[Use]:
        """Write down that bytes were handed to the connection; the first time they are all, the use is completed.

        Args:
            start: first byte.
            end: byte after the last.

        Raises:
            UnknownUseError: no such use.
        """
        found = yield from store.delivered(use_id, start, end)
        if found is None:
            held = yield from store.use(use_id)
            if held is None:
                raise UnknownUseError
            return held[0]
        use, whole = found
        if not whole:
            return use
        now = self._clock.now()
        promise, writes = self._completion(use, now)
        yield together(*writes, store.complete(use_id, now, now + self._linger, promise.entry_id))
        closes = min(use.closes_at, now + self._linger)
        return replace(
            use, state=UseState.delivered, delivered_at=now, closes_at=closes, outcome_entry_id=promise.entry_id
        )

    def finish(self, use: Use) -> Steps[bool]:
        """The gate once more, and the completion, for a whole document about to be sent: one statement, no unit needed.

        Returns:
            Whether it was written. If not, ask `hand_over` in a unit, which also knows what to tell.
        """
        now = self._clock.now()
        promise, writes = self._completion(use, now, "FROM head")
        return bool((yield together(store.finish(use.id, now, now + self._linger, promise.entry_id), *writes)))

    def hand_over(self, use_id: str, caller: Caller, start: int, end: int) -> Steps[Use]:
        """The gate once more, and `delivered`, for bytes that are about to be sent.

        Raises:
            UnknownUseError, UseClosedError: as `gate`.
        """
        yield from self.gate(use_id, caller)
        return (yield from self.delivered(use_id, start, end))

    @staticmethod
    def rendered(use_id: str, size: int) -> Statement:
        """What writes down how many bytes a use delivers, where it delivers a rendition and not the object itself."""
        return store.rendered(use_id, size)

    @staticmethod
    def users(db: Connection, object_id: str) -> list[str]:
        """Parties that ever opened a use of a thing."""
        return store.users(db, object_id)

    @staticmethod
    def joint_grants(db: Connection, use_id: str) -> list[str]:
        """Ids of the further grants a use rested on beside its own (`authz.jointconsent`)."""
        return jointgrants.of_use(db, use_id)

    def is_told(self, db: Connection, use_id: str) -> bool:
        """Whether the holder of a use may know of it by now (`authz.dutynotices`)."""
        return ledger.is_told(db, use_id, self._clock.now())

    def _completion(self, use: Use, now: datetime, where: str = "") -> tuple[Promise, list[Statement]]:
        digests = {"sha256": use.sha256, "sm3": use.sm3}
        fact = {"type": "use.completed", "time": rfc3339(now), "digests": digests, "size": use.size}
        return self._evidence.prepare(Record(fact, userecords.outcome(self._holders, use)), where=where)

    def expire(self, db: Connection, limit: int = 500) -> int:
        """End uses whose time is over without everything delivered; how many. Run by one worker or many."""
        now = self._clock.now()
        over = store.expired(db, now, limit)
        if not over:
            return 0
        records = [
            Record(
                {"type": "use.aborted", "time": rfc3339(now)}, userecords.outcome(self._holders, use) | {"bytes": count}
            )
            for use, count in over
        ]
        promises = self._evidence.append_many(db, records)
        store.abort(db, [use.id for use, _ in over], [promise.entry_id for promise in promises])
        return len(over)

    @staticmethod
    def history(
        db: Connection,
        object_id: str,
        *,
        after: tuple[datetime, str] | None = None,
        party_id: str | None = None,
        limit: int,
    ) -> list[UseLine]:
        """A page of what happened to a thing: its uses with their ends, and refused ones, in the order they began.

        Args:
            after: time and id of the last line of the page before.
            party_id: of this organisation only.
        """
        return usehistory.page(db, object_id, after, party_id, limit)


def cut(db: Connection, object_id: str, at: datetime) -> None:
    """End the time of every use of a thing, in the unit in which the thing is suspended, frozen or ended.

    A use that was opened before has its row by then: it reads the thing `FOR SHARE`, and whoever calls this has changed
    the thing. So no byte of it is recorded as delivered after the change.
    """
    store.cut(db, object_id, at, at - _LONGEST)
