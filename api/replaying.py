"""Deliveries that failed, for those who keep the node running: looking at them, and doing them again for a reason.

Any overseer looks. Beginning anew is the administrator's (系统管理员) alone: a security officer or auditor, who judge
what was done, do not do it, and nobody needs the database for it. Each time is an entry of the log: who, what kind, how
many, why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.errors import NothingToReplayError
from authz.model import Act
from authz.terms import check_cause
from ledger import outboxwatch
from ledger.clock import rfc3339
from ledger.record import Record

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.model import Caller
    from ledger.clock import Clock
    from ledger.evidence import Evidence
    from ledger.outboxwatch import Pile, Standing, Undone

_REPLAYED: Final = "outbox.replayed"


class Replaying:
    """Shows the outbox and begins its messages anew.

    Args:
        counter: who may.
        evidence: the log.
        clock: tells the time.
    """

    def __init__(self, counter: Counter, evidence: Evidence, clock: Clock) -> None:
        self._counter = counter
        self._evidence = evidence
        self._clock = clock

    def summary(self, db: Connection, caller: Caller, operator: str) -> list[Pile]:
        """What is not done, by kind and standing.

        Raises:
            UnknownOperatorError, NotPermittedError: no overseer.
        """
        self._counter.let(db, caller, operator, Act.inspect)
        return outboxwatch.summary(db)

    def listed(
        self,
        db: Connection,
        caller: Caller,
        operator: str,
        kind: str | None,
        standing: Standing | None,
        *,
        before: int | None,
        limit: int,
    ) -> list[Undone]:
        """Single deliveries, the newest first.

        Raises:
            UnknownOperatorError, NotPermittedError: no overseer.
        """
        self._counter.let(db, caller, operator, Act.inspect)
        return outboxwatch.listed(db, kind, standing, before=before, limit=limit)

    def replay(
        self, db: Connection, caller: Caller, operator: str, kind: str, message_id: int | None, reason: str
    ) -> int:
        """Begin anew one delivery, or all of a kind that were given up or wait long after a failure; how many.

        Raises:
            UnknownOperatorError, NotPermittedError: no administrator.
            InvalidTermsError: the reason says nothing, or names a person.
            NothingToReplayError: there is nothing of that kind to be done again.
        """
        self._counter.let(db, caller, operator, Act.operate)
        check_cause(reason)
        now = self._clock.now()
        count = outboxwatch.again(db, kind, now, message_id=message_id)
        if not count:
            raise NothingToReplayError
        parties: dict[str, object] = {
            "requester": caller.org_code,
            "operator": operator,
            "kind": kind,
            "reason": reason,
        }
        parties |= {"count": count, "message": message_id}
        self._evidence.append(db, Record({"type": _REPLAYED, "time": rfc3339(now)}, parties))
        return count
