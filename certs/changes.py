"""Changing the status of a licence: suspend, restore, revoke, cancel, withdraw, transfer, and the end of its time.

One unit writes everything a change means: row and history, log entry `licence.changed`, status list, composites that
list the licence, facts of representation, and the outbox message by which users and reactions hear of it. So every path
that reads the row, the list or the facts sees it from the commit on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from psycopg.errors import UniqueViolation
from sqlalchemy.exc import IntegrityError

from authz.model import Act
from authz.uses import cut
from certs import composite
from certs.credentials import statuslist
from certs.errors import (
    CompositeMembersError,
    LicenceFrozenError,
    LicenceTransitionError,
    NotCurrentVersionError,
    UnknownLicenceError,
)
from certs.facts import ENDING
from certs.lifecycle import RAN_OUT, SUPERSEDED, check_reason, check_transition, day_of, status_on
from certs.model import LicenceEvent, LicenceStatus, Operation
from certs.store import composites, statuslists
from certs.store.licences import refusal
from ledger import outbox
from ledger.clock import rfc3339
from ledger.record import Record
from ledger.steps import execute, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.holders import Holders
    from authz.model import Caller
    from authz.parties import Parties
    from certs.catalogue import LicenceCatalogue
    from certs.facts import LicenceFacts
    from certs.model import Licence
    from certs.store.licences import LicenceStore
    from ledger.clock import Clock
    from ledger.evidence import Evidence
    from ledger.steps import Statement

CHANGED: Final = "licence.changed"
"""Kind of the outbox message."""
SYSTEM: Final = "system"
"""Operator of what nobody decided: the end of a period, the effect of a member on its composite."""

_ONLY: Final = {
    Operation.suspend: LicenceStatus.suspended,
    Operation.restore: LicenceStatus.valid,
    Operation.expire: LicenceStatus.lapsed,
    Operation.undo_transfer: LicenceStatus.valid,
}
"""Operations that lead to one status; the others must say which."""


class Changes:
    """Changes licences."""

    def __init__(
        self,
        catalogue: LicenceCatalogue,
        licences: LicenceStore,
        facts: LicenceFacts,
        evidence: Evidence,
        holders: Holders,
        parties: Parties,
        counter: Counter,
        clock: Clock,
    ) -> None:
        self._catalogue = catalogue
        self._licences = licences
        self.facts = facts
        self._evidence = evidence
        self._holders = holders
        self._parties = parties
        self._counter = counter
        self._clock = clock

    def change(
        self,
        db: Connection,
        caller: Caller,
        licence: str,
        operation: Operation,
        *,
        reason: str,
        operator: str,
        to: LicenceStatus | None = None,
    ) -> Licence:
        """Do something to a licence of the caller's; the licence as it is now.

        Args:
            licence: UUID.
            operation: not one that makes a licence or a version.
            reason: kebab-case code.
            operator: handle of a registrar of the issuer.
            to: the status it gets; needed where the operation leads to more than one.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownLicenceError: no licence of the caller's organisation.
            NotCurrentVersionError: a newer version took its place.
            LicenceFrozenError, CompositeMembersError: a dispute or a member stands against giving it back.
            LicenceTransitionError: its status does not allow that, or its time has not run out.
            StatusReasonError: the reason is no code.
            SecondLicenceError, LicenceNoTakenError: its place was taken meanwhile.
        """
        self._counter.let(db, caller, operator, Act.issue)
        check_reason(reason)
        held = run(db, self._licences.get(licence, lock="update"))
        if held is None or held.issuer_party_id != caller.party_id:
            raise UnknownLicenceError
        if held.successor_id is not None:
            raise NotCurrentVersionError(current=held.successor_id)
        now = self._clock.now()
        before, after = status_on(held, now), _ONLY.get(operation, to)
        if after is None or (to is not None and to is not after):
            raise LicenceTransitionError(before=before.value, operation=operation.value, after=to.value if to else "")
        ran_out = held.valid_to is not None and day_of(now) > held.valid_to
        # The end of time is a fact, not a decision: it may be written down late, never early.
        check_transition(operation, held.status if operation is Operation.expire else before, after)
        if operation is Operation.expire and not ran_out:
            raise LicenceTransitionError(before=before.value, operation=operation.value, after=after.value)
        if after is LicenceStatus.valid:
            self._refuse_giving_back(db, held)
        return self.write(db, held, operation, after, reason=reason, operator=operator)

    def lapse(self, db: Connection, held: Licence) -> Licence:
        """Write down that a licence's time ran out; it must be locked."""
        return self.write(db, held, Operation.expire, LicenceStatus.lapsed, reason=RAN_OUT, operator=SYSTEM)

    def lapse_due(self, db: Connection, *, limit: int = 100) -> int:
        """Write down the end of licences whose time ran out; how many.

        Nobody waits for it: the status that is told follows from the date (`certs.lifecycle.status_on`). This tells the
        log, the status list and those who used the licence.
        """
        due = run(db, self._licences.due(day_of(self._clock.now()), limit=limit))
        for held in due:
            self.lapse(db, held)
        return len(due)

    def supersede(self, db: Connection, held: Licence, operation: Operation, operator: str) -> None:
        """End a version because the next one takes its place; it must be locked."""
        self.write(db, held, operation, LicenceStatus.lapsed, reason=SUPERSEDED, operator=operator)

    def freeze(self, db: Connection, licence: str, *, frozen: bool) -> Licence:
        """Mark a licence as disputed, or no longer; whoever calls writes the log entry.

        Raises:
            UnknownLicenceError: there is none.
        """
        held = run(db, self._licences.get(licence, lock="update"))
        if held is None:
            raise UnknownLicenceError
        execute(db, self._licences.freeze(licence, frozen=frozen))
        self._list(db, held, held.status, frozen=frozen)
        now = self._clock.now()
        operation = Operation.suspend if frozen else Operation.restore
        self.tell(db, held, held.status, operation, f"{licence}/{'frozen' if frozen else 'thawed'}/{rfc3339(now)}")
        changed = run(db, self._licences.get(licence))
        if changed is None:
            raise UnknownLicenceError
        return changed

    def tell(self, db: Connection, held: Licence, status: LicenceStatus, operation: Operation, key: str) -> None:
        """End the uses under way, and let users and reactions hear of a licence; ids only."""
        now = self._clock.now()
        cut(db, held.id, now)
        body = {"licence_id": held.id, "status": status.value, "operation": operation.value, "at": rfc3339(now)}
        outbox.emit(db, CHANGED, key, body, now)

    def write(
        self,
        db: Connection,
        held: Licence,
        operation: Operation,
        status: LicenceStatus,
        *,
        reason: str,
        operator: str,
    ) -> Licence:
        """Write a change that was judged already; the licence as it is now."""
        now = self._clock.now()
        parties: dict[str, object] = {
            "requester": self._parties.party(db, held.issuer_party_id).org_code,
            "operator": operator,
            "licence": held.id,
            "licence_id": held.licence_id,
            "operation": operation.value,
            "status": status.value,
            "reason": reason,
            "issued_entry": held.entry_id,
            "holders": [self._holders.pairwise(holder, held.issuer_party_id) for holder in held.holder_ids],
        }
        entry = self._evidence.append(db, Record({"type": "licence.changed", "time": rfc3339(now)}, parties)).entry_id
        self._carry_out(db, held, self._licences.change(held.id, status, reason, now, entry))
        event = LicenceEvent(now, operation, status, reason, held.issuer_party_id, operator, entry)
        execute(db, self._licences.event(held.id, event))
        superseded = reason == SUPERSEDED
        self._list(db, held, status, frozen=held.frozen, is_current=not superseded)
        if status in ENDING and not superseded:
            self.facts.end(db, held, operator)
        self.tell(db, held, status, operation, entry)
        if not superseded:
            self.settle_composites(db, held.first_id)
        changed = run(db, self._licences.get(held.id))
        if changed is None:
            raise UnknownLicenceError
        return changed

    def settle_composites(self, db: Connection, member: str) -> None:
        """Bring the composites that list a licence into step with it.

        Args:
            member: the licence's first version.
        """
        for each in run(db, composites.of_member(member)):
            own = run(db, self._licences.get(each, lock="update"))
            if own is None:
                continue
            step = composite.derive(own, run(db, composites.statuses(each)))
            if step is not None:
                operation, status, reason = step
                self.write(db, own, operation, status, reason=reason, operator=SYSTEM)

    @staticmethod
    def _refuse_giving_back(db: Connection, held: Licence) -> None:
        if held.frozen:
            raise LicenceFrozenError
        if any(each is not LicenceStatus.valid for each in run(db, composites.statuses(held.id))):
            raise CompositeMembersError(problem="a member is not valid")

    def _carry_out(self, db: Connection, held: Licence, statements: Sequence[Statement]) -> None:
        try:
            for statement in statements:
                execute(db, statement)
        except IntegrityError as error:
            known = isinstance(error.orig, UniqueViolation) and refusal(
                error.orig, self._catalogue.type(held.type_code)
            )
            if known:
                raise known from error
            raise

    @staticmethod
    def _list(db: Connection, held: Licence, status: LicenceStatus, *, frozen: bool, is_current: bool = True) -> None:
        if held.status_list is not None:
            shown = statuslist.status_of(status, is_current=is_current, frozen=frozen)
            statuslists.change(db, [(*held.status_list, shown)])
