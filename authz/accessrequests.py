"""Access to conditionally shared types (有条件共享): asked of whoever answers for a type, within working days.

《政务数据共享条例》 has whoever shares a type under conditions answer in time. The node's staff name the organisation
that answers for a type (提供部门); from then on another one may use that type here only where it asked for its item and
was allowed to, which each use looks at anew: an access that is ended bites at the next use. Where another organisation
is named, it takes over what the one before answered or left open. What is not answered by its due day is on the overdue
list, which asker, provider and the node's overseers see alike. It is never approved by silence. The answer comes from
another organisation than the question, so never from the person who asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import IntegrityError

from authz.errors import InvalidTermsError
from authz.model import Act
from authz.onboardingerrors import (
    AccessNotNeededError,
    AccessRequestClosedError,
    AccessStandingError,
    SamePersonError,
    UnknownAccessRequestError,
)
from authz.store import accessrequests as store
from authz.terms import check_cause
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.model import Caller
    from authz.parties import Parties
    from authz.workdays import Workdays
    from ledger.clock import Clock
    from ledger.evidence import Evidence

ANSWER_DAYS: Final = 10
"""Working days for an answer, where the node is set to nothing else."""
_LISTED: Final = 200
_CHANGED: Final = "提供部门已变更 · another organisation answers for the type, or none"


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """A request and what became of it.

    Attributes:
        party_id: who asks.
        provider_id: who answers.
        operator, answered_by: handles, each of its own organisation.
        state: `open`, `approved`, `refused` or `ended`.
    """

    id: str
    party_id: str
    provider_id: str
    type_code: str
    item_code: str
    purpose: str
    basis: str
    operator: str
    asked_at: datetime
    due_at: datetime
    entry_id: str
    state: str
    answered_by: str | None
    answered_at: datetime | None
    reason: str | None
    answer_entry_id: str | None

    def standing(self, now: datetime) -> str:
        """`overdue` for what is open past its day, else the state."""
        return "overdue" if self.state == "open" and now >= self.due_at else self.state


class AccessRequests:
    """Asks, answers and ends.

    Args:
        evidence: the log.
        parties: the organisations.
        counter: who may.
        clock: tells the time.
        answer_days: working days for an answer.
    """

    def __init__(
        self,
        evidence: Evidence,
        parties: Parties,
        counter: Counter,
        workdays: Workdays,
        clock: Clock,
        answer_days: int = ANSWER_DAYS,
    ) -> None:
        self._evidence = evidence
        self._parties = parties
        self._counter = counter
        self._workdays = workdays
        self._clock = clock
        self._days = answer_days

    def name_provider(
        self, db: Connection, caller: Caller, operator: str, type_code: str, org_code: str | None
    ) -> None:
        """Say who answers for a type; None: nobody, and nothing need be asked.

        Whoever answered before has no say any more: what is open or approved is the new one's to answer or end. Ended
        is what the new one asked itself, and what is open where nobody answers.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownPartyError: no such organisation.
        """
        self._counter.let(db, caller, operator, Act.onboard)
        party_id = None if org_code is None else self._parties.party_of(db, org_code).id
        former, now = store.provider_of(db, type_code, lock="update"), self._clock.now()
        parties = {
            "requester": caller.org_code,
            "operator": operator,
            "type": type_code,
            "provider": org_code,
            "former": None if former is None else self._parties.party(db, former).org_code,
        }
        self._evidence.append(db, Record({"type": "access.provider-named", "time": rfc3339(now)}, parties))
        store.name_provider(db, type_code, party_id, now)
        for row in store.moot(db, type_code, party_id):
            self._close(db, caller, operator, AccessRequest(*row), "ended", _CHANGED)
        if party_id is not None:
            store.hand_over(db, type_code, party_id)

    @staticmethod
    def providers(db: Connection) -> list[tuple[str, str, str]]:
        """Who answers for which type: type, organisation code, name."""
        return store.providers(db)

    def ask(
        self, db: Connection, caller: Caller, operator: str, *, type_code: str, item_code: str, purpose: str, basis: str
    ) -> AccessRequest:
        """Ask for a type, for one item or scenario.

        Args:
            operator: handle of who asks.
            purpose: what for; names nobody.
            basis: by which law or agreement; names nobody.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            InvalidTermsError: no purpose or basis.
            AccessNotNeededError, AccessStandingError: there is nothing to ask, or it was asked.
            HolidaysUnknownError: the due day is in a year whose working days nobody told us.
        """
        self._counter.let(db, caller, operator, Act.ask)
        check_cause(purpose)
        check_cause(basis)
        provider_id = store.provider_of(db, type_code, lock="share")
        if provider_id in {None, caller.party_id}:
            raise AccessNotNeededError(type=type_code)
        now = self._clock.now()
        due = self._workdays.due(now, self._days)
        parties = {
            "requester": caller.org_code,
            "provider": self._parties.party(db, str(provider_id)).org_code,
            "operator": operator,
            "type": type_code,
            "item": item_code,
            "purpose": purpose,
            "basis": basis,
            "due": rfc3339(due),
        }
        record = Record({"type": "access.requested", "time": rfc3339(now)}, parties)
        held = {
            "id": new_id(),
            "party": caller.party_id,
            "provider": provider_id,
            "type": type_code,
            "item": item_code,
            "purpose": purpose,
            "basis": basis,
            "operator": operator,
            "at": now,
            "due": due,
            "entry": self._evidence.append(db, record).entry_id,
        }
        try:
            store.insert(db, held)
        except IntegrityError as error:
            raise AccessStandingError(type=type_code) from error
        return self._get(db, str(held["id"]))

    def answer(
        self, db: Connection, caller: Caller, operator: str, request_id: str, *, approve: bool, reason: str | None
    ) -> AccessRequest:
        """Approve, or refuse with a reason; a registrar of the provider does.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownAccessRequestError: none that the caller answers.
            AccessRequestClosedError: it was answered.
            InvalidTermsError: a refusal without a reason.
        """
        held = self._to_answer(db, caller, operator, request_id)
        if held.state != "open":
            raise AccessRequestClosedError(state=held.state)
        if not approve and reason is None:
            raise InvalidTermsError(term="reason")
        return self._close(db, caller, operator, held, "approved" if approve else "refused", reason)

    def end(self, db: Connection, caller: Caller, operator: str, request_id: str, reason: str) -> AccessRequest:
        """Take an approved access back, from the next use on; raises as `answer`."""
        held = self._to_answer(db, caller, operator, request_id)
        if held.state != "approved":
            raise AccessRequestClosedError(state=held.state)
        return self._close(db, caller, operator, held, "ended", reason)

    def get(self, db: Connection, caller: Caller, request_id: str) -> AccessRequest:
        """A request that the caller's organisation asked or answers.

        Raises:
            UnknownAccessRequestError: there is none; another's looks the same.
        """
        held = self._get(db, request_id)
        if caller.party_id not in {held.party_id, held.provider_id}:
            raise UnknownAccessRequestError
        return held

    @staticmethod
    def asked(db: Connection, caller: Caller) -> list[AccessRequest]:
        """What the caller's organisation asked: the 200 newest."""
        return [AccessRequest(*row) for row in store.asked(db, caller.party_id, _LISTED)]

    @staticmethod
    def to_answer(db: Connection, caller: Caller) -> list[AccessRequest]:
        """What the caller's organisation answers: 200, what is open first."""
        return [AccessRequest(*row) for row in store.to_answer(db, caller.party_id, _LISTED)]

    @staticmethod
    def of_party(db: Connection, party_id: str) -> tuple[list[AccessRequest], list[AccessRequest]]:
        """What an organisation asked and what it answers, for whoever oversees the node; 200 of each."""
        asked, answers = store.asked(db, party_id, _LISTED), store.to_answer(db, party_id, _LISTED)
        return [AccessRequest(*row) for row in asked], [AccessRequest(*row) for row in answers]

    def overdue(self, db: Connection) -> list[AccessRequest]:
        """What nobody answered in time, of every organisation: the 200 that are longest overdue."""
        return [AccessRequest(*row) for row in store.overdue(db, self._clock.now(), _LISTED)]

    def _to_answer(self, db: Connection, caller: Caller, operator: str, request_id: str) -> AccessRequest:
        self._counter.let(db, caller, operator, Act.register)
        held = self._get(db, request_id, lock=True)
        if held.provider_id != caller.party_id:
            raise UnknownAccessRequestError
        if (held.party_id, held.operator) == (caller.party_id, operator):
            raise SamePersonError
        return held

    def _close(
        self, db: Connection, caller: Caller, operator: str, held: AccessRequest, state: str, reason: str | None
    ) -> AccessRequest:
        if reason is not None:
            check_cause(reason)
        now = self._clock.now()
        fact = {"type": "access.answered", "time": rfc3339(now)}
        if state == "ended":
            fact |= {"type": "access.ended"}
        parties = {
            "requester": caller.org_code,
            "operator": operator,
            "request": held.id,
            "asked_entry": held.entry_id,
            "type": held.type_code,
            "item": held.item_code,
            "result": state,
            "reason": reason,
        }
        entry_id = self._evidence.append(db, Record(fact, parties)).entry_id
        said = {"state": state, "by": operator, "at": now, "reason": reason, "entry": entry_id}
        store.close(db, held.id, said)
        return self._get(db, held.id)

    @staticmethod
    def _get(db: Connection, request_id: str, *, lock: bool = False) -> AccessRequest:
        row = store.request(db, request_id, lock=lock)
        if row is None:
            raise UnknownAccessRequestError
        return AccessRequest(*row)
