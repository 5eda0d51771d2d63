"""Who may log in at the console as whom: given and taken by the node's overseers, each time with an entry in the log.

The entry names organisation and handle, never the login: with which account somebody comes is between them and their
provider. Taking a login away ends every session it began (`authz.staff`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from authz.errors import UnknownOperatorError
from authz.model import Act
from ledger.clock import rfc3339
from ledger.record import Record

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.model import Caller, Party
    from authz.parties import Parties
    from authz.staff import StaffSessions
    from ledger.clock import Clock
    from ledger.evidence import Evidence

_GIVEN: Final = "operator.login-given"
_TAKEN: Final = "operator.login-taken"


class StaffLogins:
    """Gives and takes logins.

    Args:
        sessions: keeps them.
        parties: knows organisations.
        counter: who may do that.
        evidence: the log.
        clock: tells the time.
    """

    def __init__(
        self, sessions: StaffSessions, parties: Parties, counter: Counter, evidence: Evidence, clock: Clock
    ) -> None:
        self._sessions = sessions
        self._parties = parties
        self._counter = counter
        self._evidence = evidence
        self._clock = clock

    def give(self, db: Connection, caller: Caller, by: str, party_id: str, handle: str, login: tuple[str, str]) -> None:
        """Let an account at a login provider be an operator at the console.

        Args:
            by: the overseer's handle.
            login: issuer and subject.

        Raises:
            UnknownOperatorError, NotPermittedError: `by` may not do that.
            UnknownPartyError, InvalidRegistrationError: there is no such organisation or operator.
            NotStaffError: the account is another operator's.
        """
        self._counter.let(db, caller, by, Act.onboard)
        party = self._parties.party(db, party_id)
        self._sessions.register(db, party_id, handle, *login)
        self._record(db, _GIVEN, caller, by, party, handle)

    def take(self, db: Connection, caller: Caller, by: str, party_id: str, handle: str) -> int:
        """Take away every login of an operator; how many there were.

        Raises:
            UnknownOperatorError: `by` is none, or the operator has no login.
            NotPermittedError, UnknownPartyError: as `give`.
        """
        self._counter.let(db, caller, by, Act.onboard)
        party = self._parties.party(db, party_id)
        taken = self._sessions.forget(db, party_id, handle)
        if not taken:
            raise UnknownOperatorError
        self._record(db, _TAKEN, caller, by, party, handle)
        return taken

    def _record(self, db: Connection, kind: str, caller: Caller, by: str, party: Party, handle: str) -> None:
        fact = {"type": kind, "time": rfc3339(self._clock.now())}
        parties = {"requester": caller.org_code, "organisation": party.org_code, "handle": handle, "operator": by}
        self._evidence.append(db, Record(fact, parties))
