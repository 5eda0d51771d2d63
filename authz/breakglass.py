"""紧急调用 (break-glass): in an emergency two people let a department use what it otherwise could not, for minutes.

1. **Opened** by an operator at the window for an open case of the department: which types of the applicant's things,
   how far, on which ground, and why in words.
2. **Approved** by a second operator in another role (a reviewer), within ten minutes; from then on it stands for
   fifteen. The auditor hears of it at once: a webhook, a list, a warning.
3. **Used** by who opened it, in that case, as a basis of its own (`policies/emergencies.cedar`): neither the holder's
   presence nor the item's demand is needed, everything else is. The holder is told of each use at once.
4. **Reviewed** within three working days by a third person, an overseer. What nobody reviewed in time is in the list of
   what is overdue and warned of, and stays there until somebody does.

The ground is one of article 13(4) of 个人信息保护法. What was written is encrypted; the log holds its digest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from authz.errors import BreakGlassClosedError, InvalidTermsError, SecondPersonError, UnknownBreakGlassError
from authz.model import Act
from authz.store import breakglass as store
from authz.vault import digest_of
from ledger import outbox
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.holders import Holders
    from authz.model import Caller, Mode
    from authz.store.breakglass import HeldGlass
    from authz.vault import IdentityVault
    from authz.workdays import Workdays
    from ledger.clock import Clock
    from ledger.evidence import Evidence

OPENED: Final = "break-glass.approved"
"""Kind of outbox message: an emergency stands from now on; the overseers' webhooks are told."""
GROUNDS: Final = ("life-or-health", "property", "public-health")
LASTS: Final = timedelta(minutes=15)
APPROVE_WITHIN: Final = timedelta(minutes=10)
REVIEW_DAYS: Final = 3
"""Working days until somebody must have reviewed it."""
VERDICTS: Final = ("justified", "unjustified")
MAX_TYPES: Final = 10
_LISTED: Final = 200
_FIRST: Final = (datetime(1, 1, 1, tzinfo=UTC), "00000000-0000-0000-0000-000000000000")
_NEWEST: Final = (datetime(9999, 1, 1, tzinfo=UTC), "ffffffff-ffff-ffff-ffff-ffffffffffff")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody needs in an emergency.

    Attributes:
        case_no, holder_id: the case and its applicant.
        types: material types.
        ground: of `GROUNDS`.
        reason: in words.
    """

    case_no: str
    holder_id: str
    types: Collection[str]
    mode: Mode
    ground: str
    reason: str


class BreakGlass:
    """Opens, approves and reviews emergencies.

    Args:
        counter: who may.
        evidence: the log.
        holders: names holders pairwise.
        vault: keeps what was written.
        workdays: counts days.
        clock: tells the time.
    """

    def __init__(
        self,
        counter: Counter,
        evidence: Evidence,
        holders: Holders,
        vault: IdentityVault,
        workdays: Workdays,
        clock: Clock,
    ) -> None:
        self._counter = counter
        self._evidence = evidence
        self._holders = holders
        self._vault = vault
        self._workdays = workdays
        self._clock = clock

    def open(self, db: Connection, caller: Caller, wanted: Wanted, operator: str) -> HeldGlass:
        """The first person's word.

        Args:
            wanted: in an open case of the caller's organisation; the caller of this has looked.
            operator: handle, at the window.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            InvalidTermsError: no type, too many, or no ground we know.
        """
        self._counter.let(db, caller, operator, Act.break_glass)
        types = sorted(set(wanted.types))
        if not 1 <= len(types) <= MAX_TYPES:
            raise InvalidTermsError(term="types")
        if wanted.ground not in GROUNDS:
            raise InvalidTermsError(term="ground")
        now, glass_id = self._clock.now(), new_id()
        parties = self._parties(caller, operator, glass_id, wanted.case_no, wanted.holder_id)
        parties |= {"types": types, "mode": wanted.mode.value, "ground": wanted.ground}
        parties["reason"] = digest_of(f"{glass_id}\0{wanted.reason}".encode())
        entry = self._evidence.append(
            db, Record({"type": "break-glass.opened", "time": rfc3339(now)}, parties)
        ).entry_id
        values: dict[str, Any] = {"id": glass_id, "party": caller.party_id, "case": wanted.case_no}
        values |= {"holder": wanted.holder_id, "types": types, "mode": wanted.mode.value, "ground": wanted.ground}
        sealed = self._vault.shut(wanted.reason, _place("reason", glass_id))
        store.insert(db, values | {"operator": operator, "at": now, "reason": sealed, "entry": entry})
        return self._get(db, glass_id)

    def approve(self, db: Connection, caller: Caller, glass_id: str, operator: str) -> HeldGlass:
        """The second person's word; it stands from now on.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownBreakGlassError: none of the organisation's.
            SecondPersonError: the same person, or a second one who can act in the first one's role only.
            BreakGlassClosedError: approved already, or opened too long ago.
        """
        second = self._counter.let(db, caller, operator, Act.approve_break_glass)
        held = self._own(db, caller, glass_id, lock=True)
        emergency, now = held.emergency, self._clock.now()
        if emergency.opened_by == second.handle:
            raise SecondPersonError
        if emergency.approved_by is not None or now - emergency.opened_at > APPROVE_WITHIN:
            raise BreakGlassClosedError
        parties = self._parties(caller, operator, glass_id, emergency.case_no, emergency.holder_id)
        ends, due = now + LASTS, self._workdays.office_due(now, REVIEW_DAYS)
        parties |= {"opened_entry": held.entry_id, "ends": rfc3339(ends), "review_due": rfc3339(due)}
        record = Record({"type": "break-glass.approved", "time": rfc3339(now)}, parties)
        entry = self._evidence.append(db, record).entry_id
        store.approve(db, {"id": glass_id, "operator": operator, "at": now, "entry": entry, "ends": ends, "due": due})
        body = {"break_glass_id": glass_id, "party": caller.party_id, "at": rfc3339(now), "due_at": rfc3339(due)}
        outbox.emit(db, OPENED, glass_id, body, now)
        return self._get(db, glass_id)

    def review(
        self, db: Connection, caller: Caller, glass_id: str, *, verdict: str, finding: str, operator: str
    ) -> HeldGlass:
        """The third person's word.

        Args:
            verdict: of `VERDICTS`.
            operator: handle of an overseer of the node.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownBreakGlassError: there is none that was approved.
            SecondPersonError: one of the two who opened and approved it.
            BreakGlassClosedError: it was reviewed.
        """
        self._counter.let(db, caller, operator, Act.inspect)
        held = store.get(db, glass_id, lock=True)
        if held is None or held.approved_at is None or held.review_due_at is None:
            raise UnknownBreakGlassError
        emergency, now = held.emergency, self._clock.now()
        if caller.party_id == emergency.party_id and operator in {emergency.opened_by, emergency.approved_by}:
            raise SecondPersonError
        if held.reviewed_at is not None:
            raise BreakGlassClosedError
        parties = self._parties(caller, operator, glass_id, emergency.case_no, emergency.holder_id)
        parties |= {"approved_entry": emergency.approval_entry_id, "verdict": verdict}
        parties |= {"finding": digest_of(f"{glass_id}\0{finding}".encode()), "overdue": now >= held.review_due_at}
        record = Record({"type": "break-glass.reviewed", "time": rfc3339(now)}, parties)
        entry = self._evidence.append(db, record).entry_id
        values: dict[str, Any] = {"id": glass_id, "operator": operator, "party": caller.party_id, "verdict": verdict}
        sealed = self._vault.shut(finding, _place("finding", glass_id))
        store.review(db, values | {"finding": sealed, "at": now, "entry": entry})
        return self._get(db, glass_id)

    # Looking

    def of_party(self, db: Connection, caller: Caller, *, before: str | None = None, limit: int) -> list[HeldGlass]:
        """Emergencies of the caller's organisation, the newest first.

        Args:
            before: the last one of the page before.

        Raises:
            UnknownBreakGlassError: there is no such emergency.
        """
        place = _NEWEST
        if before is not None:
            last = self._own(db, caller, before).emergency
            place = (last.opened_at, last.id)
        return store.of_party(db, caller.party_id, place, limit)

    def own(self, db: Connection, caller: Caller, glass_id: str) -> HeldGlass:
        """An emergency of the caller's organisation.

        Raises:
            UnknownBreakGlassError: there is none; another organisation's looks the same.
        """
        return self._own(db, caller, glass_id)

    @staticmethod
    def get(db: Connection, glass_id: str) -> HeldGlass:
        """An emergency, for an overseer.

        Raises:
            UnknownBreakGlassError: there is none.
        """
        return BreakGlass._get(db, glass_id)

    @staticmethod
    def unreviewed(db: Connection, *, after: str | None = None, limit: int = _LISTED) -> list[HeldGlass]:
        """Approved ones that nobody reviewed, the most urgent first.

        Args:
            after: the last one of the page before, whether or not it was reviewed meanwhile.

        Raises:
            UnknownBreakGlassError: there is no such emergency, or nobody approved it.
        """
        place = _FIRST
        if after is not None:
            last = BreakGlass._get(db, after)
            if last.review_due_at is None:
                raise UnknownBreakGlassError
            place = (last.review_due_at, after)
        return store.unreviewed(db, place, limit)

    @staticmethod
    def uses(db: Connection, glass_id: str) -> list[tuple[Any, ...]]:
        """(use, object, mode, operator, opened, state, entry) of what rested on one: the first 200."""
        return store.uses(db, glass_id, _LISTED)

    @staticmethod
    def attempts(db: Connection, glass_id: str) -> list[tuple[Any, ...]]:
        """(refusal, organisation, object, mode, operator, at, reason, entry) of refused uses that named one: 200."""
        return store.attempts(db, glass_id, _LISTED)

    @staticmethod
    def overseers(db: Connection, scope: str) -> list[str]:
        """Organisations that oversee the node, by the scope of their clients."""
        return store.overseers(db, scope)

    def count(self, db: Connection) -> tuple[int, int]:
        """How many wait for a review, and how many of them too long."""
        return store.count(db, self._clock.now())

    def reason(self, held: HeldGlass) -> str:
        """Why it was opened, in words; for those who approve and review."""
        return self._vault.open(held.reason, _place("reason", held.emergency.id))

    def finding(self, held: HeldGlass) -> str | None:
        """What the third person found."""
        return None if held.finding is None else self._vault.open(held.finding, _place("finding", held.emergency.id))

    def _own(self, db: Connection, caller: Caller, glass_id: str, *, lock: bool = False) -> HeldGlass:
        held = store.get(db, glass_id, lock=lock)
        if held is None or held.emergency.party_id != caller.party_id:
            raise UnknownBreakGlassError
        return held

    @staticmethod
    def _get(db: Connection, glass_id: str) -> HeldGlass:
        held = store.get(db, glass_id)
        if held is None:
            raise UnknownBreakGlassError
        return held

    def _parties(self, caller: Caller, operator: str, glass_id: str, case_no: str, holder_id: str) -> dict[str, Any]:
        return {
            "requester": caller.org_code,
            "operator": operator,
            "break_glass": glass_id,
            "case": case_no,
            "holder": self._holders.pairwise(holder_id, glass_id),
        }


def _place(part: str, glass_id: str) -> bytes:
    return f"break-glass/{part}/{glass_id}".encode()
