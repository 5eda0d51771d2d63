"""What auditors look at, and that they looked.

An auditor sees records and no contents: who of which organisation used what in which case, on which basis, with which
log entry; no name, no face, no value. Even so each look is an act of its own: it says what is looked at and why, is
written to the log before anything is shown (`audit.looked`), stands for an hour, and whoever oversees the node can list
all of them. The log holds the digest of the cause; its words are encrypted.

**Scope.** An auditor of the node's own operator (whose systems have the scope `oversee`) sees every organisation; one
of another organisation sees what is its own (`materials.auditing` says what that is).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from authz.errors import UnknownLookError
from authz.model import Act
from authz.onboarding import OVERSEE
from authz.store import auditlooks as store
from authz.terms import check_cause
from authz.vault import digest_of
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.model import Caller
    from authz.store.auditlooks import HeldLook
    from authz.vault import IdentityVault
    from ledger.clock import Clock
    from ledger.evidence import Evidence

LASTS: Final = timedelta(hours=1)
"""How long the pages of a look may be turned."""
_LOOKED: Final = "audit.looked"
_NEWEST: Final = (datetime(9999, 1, 1, tzinfo=UTC), "ffffffff-ffff-ffff-ffff-ffffffffffff")


class LookKind(StrEnum):
    """By what an auditor looks."""

    case = "case"
    licence = "licence"
    material = "material"
    department = "department"


class Reach(StrEnum):
    """How far an auditor's scope goes."""

    node = "node"
    organisation = "organisation"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked at, found and within the auditor's scope.

    Attributes:
        name: case number, id of a licence or material, code of a department.
        since, until: of what a department did.
    """

    kind: LookKind
    name: str
    since: datetime | None = None
    until: datetime | None = None


class AuditLooks:
    """Records looks and finds them again.

    Args:
        counter: who may.
        evidence: the log.
        vault: keeps causes.
        clock: tells the time.
    """

    def __init__(self, counter: Counter, evidence: Evidence, vault: IdentityVault, clock: Clock) -> None:
        self._counter = counter
        self._evidence = evidence
        self._vault = vault
        self._clock = clock

    def reach(self, db: Connection, caller: Caller, operator: str) -> Reach:
        """How far an auditor may look.

        Raises:
            UnknownOperatorError, NotPermittedError: no auditor.
        """
        self._counter.let(db, caller, operator, Act.audit)
        return Reach.node if OVERSEE in caller.scopes else Reach.organisation

    def record(
        self, db: Connection, caller: Caller, operator: str, reach: Reach, subject: Subject, cause: str
    ) -> HeldLook:
        """Write down a look before what it shows is shown.

        Args:
            operator: an auditor, as `reach` found.
            cause: why, naming nobody.

        Raises:
            InvalidTermsError: a cause that says nothing, or names a person.
        """
        check_cause(cause)
        now, look_id = self._clock.now(), new_id()
        parties: dict[str, Any] = {"requester": caller.org_code, "operator": operator, "look": look_id}
        parties |= {"kind": subject.kind.value, "subject": subject.name, "scope": reach.value}
        period = {"since": subject.since, "until": subject.until}
        parties |= {name: rfc3339(at) for name, at in period.items() if at is not None}
        parties["cause"] = digest_of(f"{look_id}\0{cause}".encode())
        entry = self._evidence.append(db, Record({"type": _LOOKED, "time": rfc3339(now)}, parties)).entry_id
        values: dict[str, Any] = {"id": look_id, "party": caller.party_id, "operator": operator}
        values |= {"kind": subject.kind.value, "subject": subject.name, "scope": reach.value}
        values |= {"since": subject.since, "until": subject.until, "at": now, "entry": entry}
        store.insert(db, values | {"cause": self._vault.shut(cause, _place(look_id))})
        return self._get(db, look_id)

    def standing(self, db: Connection, caller: Caller, operator: str, look_id: str) -> HeldLook:
        """A look of this auditor that still stands.

        Raises:
            UnknownOperatorError, NotPermittedError: no auditor, or of another scope than when it was made.
            UnknownLookError: none of theirs, or its hour is over.
        """
        reach = self.reach(db, caller, operator)
        held = store.get(db, look_id)
        if held is None or (held.party_id, held.operator, held.scope) != (caller.party_id, operator, reach.value):
            raise UnknownLookError
        if self.until(held) <= self._clock.now():
            raise UnknownLookError
        return held

    def listed(self, db: Connection, caller: Caller, operator: str, after: str | None, limit: int) -> list[HeldLook]:
        """Looks of the organisation's auditors, of everybody's for the node's own overseers; the newest first.

        Args:
            after: the last look of the page before.

        Raises:
            UnknownOperatorError, NotPermittedError: no overseer.
            UnknownLookError: `after` is no look they may know of.
        """
        self._counter.let(db, caller, operator, Act.inspect)
        everywhere = OVERSEE in caller.scopes
        before = _NEWEST
        if after is not None:
            last = store.get(db, after)
            if last is None or not (everywhere or last.party_id == caller.party_id):
                raise UnknownLookError
            before = (last.at, last.id)
        return store.listed(db, None if everywhere else caller.party_id, before, limit)

    def cause(self, held: HeldLook) -> str:
        """Why, in words."""
        return self._vault.open(held.cause, _place(held.id))

    @staticmethod
    def until(held: HeldLook) -> datetime:
        """When its pages can be turned no more."""
        return held.at + LASTS

    @staticmethod
    def _get(db: Connection, look_id: str) -> HeldLook:
        held = store.get(db, look_id)
        if held is None:
            raise UnknownLookError
        return held


def _place(look_id: str) -> bytes:
    return f"audit-look {look_id} cause".encode()
