"""After a withdrawal: who had used something must stop or delete, and say so in time (PIPL, articles 15 and 47).

No use is possible from the withdrawal on; this is about what the recipient has already. Withdrawing a grant that was
used opens a *cessation* in the same unit (`authz.grants`), with the day by which the recipient acknowledges it. What is
not acknowledged by then is on the overdue list, which overseers of the node and the recipient see alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from authz.errors import CessationClosedError, InvalidTermsError, UnknownCessationError
from authz.model import Act, Cessation
from authz.store import cessations as store
from authz.terms import check_cause
from ledger.clock import rfc3339
from ledger.record import Record

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.model import Caller
    from ledger.clock import Clock
    from ledger.evidence import Evidence

RETAINED: Final = "retained"
ACTIONS: Final = ("stopped", "deleted", RETAINED)
"""What a recipient did; what a law wants kept is retained, and the reason names the law."""
_LISTED: Final = 200


class Cessations:
    """Lists what was withdrawn and takes acknowledgements.

    Args:
        evidence: the log.
        counter: who may say so.
        clock: tells the time.
    """

    def __init__(self, evidence: Evidence, counter: Counter, clock: Clock) -> None:
        self._evidence = evidence
        self._counter = counter
        self._clock = clock

    def acknowledge(
        self, db: Connection, caller: Caller, grant_id: str, *, action: str, reason: str | None, operator: str
    ) -> Cessation:
        """Take what a recipient says it did.

        Args:
            action: of `ACTIONS`.
            reason: for `retained`, the law that wants it kept; names nobody.
            operator: handle of who says so.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownCessationError: nothing of the caller's to acknowledge.
            CessationClosedError: it said so before.
            InvalidTermsError: no such action, or no reason for it.
        """
        self._counter.let(db, caller, operator, Act.ask)
        held = store.get(db, grant_id, lock=True)
        if held is None or held.party_id != caller.party_id:
            raise UnknownCessationError
        if held.acknowledged_at is not None:
            raise CessationClosedError
        if action not in ACTIONS or (reason is None) == (action == RETAINED):
            raise InvalidTermsError(term="action")
        if reason is not None:
            check_cause(reason)
        now = self._clock.now()
        parties = {
            "requester": caller.org_code,
            "operator": operator,
            "grant": grant_id,
            "withdrawn_entry": store.withdrawn_entry(db, grant_id),
            "uses": held.uses,
            "action": action,
            "reason": reason,
            "due": rfc3339(held.due_at),
        }
        record = Record({"type": "withdrawal.acknowledged", "time": rfc3339(now)}, parties)
        entry_id = self._evidence.append(db, record).entry_id
        store.acknowledge(db, grant_id, {"at": now, "action": action, "reason": reason, "operator": operator}, entry_id)
        return self.of_grant(db, grant_id)

    @staticmethod
    def of_grant(db: Connection, grant_id: str) -> Cessation:
        """What became of a withdrawn grant.

        Raises:
            UnknownCessationError: it stands, or was never used.
        """
        held = store.get(db, grant_id)
        if held is None:
            raise UnknownCessationError
        return held

    @staticmethod
    def of_party(db: Connection, caller: Caller) -> list[Cessation]:
        """What the caller's organisation has to acknowledge or did: 200, what is due first first."""
        return store.of_party(db, caller.party_id, _LISTED)

    @staticmethod
    def of_holder(db: Connection, holder_id: str) -> list[Cessation]:
        """What recipients of a holder's withdrawn grants have to do or did: 200, what is due first first."""
        return store.of_holder(db, holder_id, _LISTED)

    def overdue(self, db: Connection) -> list[Cessation]:
        """What nobody acknowledged in time, of every organisation: the 200 that are longest overdue."""
        return store.overdue(db, self._clock.now(), _LISTED)
