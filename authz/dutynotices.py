"""What holders are told of uses they were not asked about: duty use (依职能), and use in an emergency.

Every such use writes a notice to its holder in its own unit, so that none is forgotten; of a thing that several hold
together, one to each. It is told at once, unless a **delay** stands for the case: decided *before* the use, by a
reviewer of the same organisation who is not the user, for a ground and an article, for at most 180 days. Until then the
holder sees neither the notice nor the use in the ledger, nor an attempt that was refused; the outbox holds the message
until its time, so that it is told then, whatever crashed meanwhile. Lifting a delay tells everything at once. The use
itself is on the log from the first moment, and the auditor sees every delay.

An emergency is never delayed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from authz.errors import DelayClosedError, InvalidTermsError, UnknownDelayError
from authz.identifiers import names_a_person
from authz.model import Act, Basis
from authz.noticekinds import Notice, NoticeKind
from authz.notices import OUTBOX
from authz.store import dutyuses as store, notices
from ledger import outbox
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.model import Caller, Use
    from authz.store.dutyuses import Delay
    from ledger.clock import Clock
    from ledger.evidence import Evidence
    from ledger.steps import Statement, Steps

LONGEST: Final = timedelta(days=180)
GROUNDS: Final = ("investigation", "public-safety", "protection-of-a-person", "state-secret")
"""Why a holder may be told later (个人信息保护法, articles 18 and 35)."""
_MAX_ARTICLE: Final = 200
_NEWEST: Final = (datetime(9999, 1, 1, tzinfo=UTC), "ffffffff-ffff-ffff-ffff-ffffffffffff")
_LISTED: Final = 200


class DutyNotices:
    """Writes the notices, and keeps delays.

    Args:
        counter: who may decide a delay.
        evidence: the log.
        clock: tells the time.
    """

    def __init__(self, counter: Counter, evidence: Evidence, clock: Clock) -> None:
        self._counter = counter
        self._evidence = evidence
        self._clock = clock

    def of_use(self, use: Use, co_holders: Iterable[str]) -> Steps[list[Statement]]:
        """What tells the holders of a duty use or an emergency, to be written in the use's unit.

        Args:
            co_holders: who holds the thing together with the use's holder.
        """
        now, holders = use.opened_at, [use.holder_id, *sorted(co_holders)]
        if use.basis is Basis.emergency:
            return self._telling(use, holders, NoticeKind.break_glass, now)
        delay = yield from store.standing(use.party_id, use.case_no, use.operator, now)
        writes = self._telling(use, holders, NoticeKind.duty_use, now if delay is None else delay.until)
        values = {"use": use.id, "party": use.party_id, "entry": use.intent_entry_id, "at": now}
        return [*writes, store.inserting(values | {"delay": None if delay is None else delay.id})]

    @staticmethod
    def _telling(use: Use, holders: Iterable[str], kind: NoticeKind, due: datetime) -> list[Statement]:
        writes = []
        for holder_id in holders:
            notice = Notice(new_id(), holder_id, kind, use.id, use.party_id, use.opened_at, due, None)
            writes += [notices.inserting(notice), outbox.emitting(OUTBOX, notice.id, {"notice": notice.id}, due)]
        return writes

    # Delays

    def decide(
        self, db: Connection, caller: Caller, *, case_no: str, ground: str, article: str, until: datetime, operator: str
    ) -> Delay:
        """Let the holder of a case's duty uses be told later, from now on.

        Args:
            case_no: a case of the caller's; that it is one the edge has asked.
            ground: of `GROUNDS`.
            article: the law that lets it.
            until: when the holder is told at the latest.
            operator: handle of a reviewer; what this person uses is told at once.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            InvalidTermsError: no ground we know, no article, or too long.
        """
        self._counter.let(db, caller, operator, Act.delay_notice)
        now = self._clock.now()
        if ground not in GROUNDS:
            raise InvalidTermsError(term="ground")
        if not article.strip() or len(article) > _MAX_ARTICLE or not article.isprintable() or names_a_person(article):
            raise InvalidTermsError(term="article")
        if not now < until <= now + LONGEST:
            raise InvalidTermsError(term="until")
        delay_id = new_id()
        parties = self._parties(caller, operator, delay_id, case_no)
        parties |= {"ground": ground, "article": article, "until": rfc3339(until)}
        record = Record({"type": "duty.notice-delayed", "time": rfc3339(now)}, parties)
        values = {"id": delay_id, "party": caller.party_id, "case": case_no, "ground": ground, "article": article}
        values |= {"operator": operator}
        entry = self._evidence.append(db, record).entry_id
        store.insert_delay(db, values | {"at": now, "until": until, "entry": entry})
        return self._get(db, caller, delay_id)

    def lift(self, db: Connection, caller: Caller, delay_id: str, operator: str) -> tuple[Delay, int]:
        """End a delay before its time: everything it held back is told now.

        Returns:
            The delay, and how many notices that were.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownDelayError: none of the organisation's.
            DelayClosedError: it is over.
        """
        self._counter.let(db, caller, operator, Act.delay_notice)
        now = self._clock.now()
        held = self._get(db, caller, delay_id, lock=True)
        if held.ended_at is not None or held.until <= now:
            raise DelayClosedError
        parties = self._parties(caller, operator, delay_id, held.case_no) | {"delayed_entry": held.entry_id}
        record = Record({"type": "duty.delay-lifted", "time": rfc3339(now)}, parties)
        entry = self._evidence.append(db, record).entry_id
        freed = store.end_delay(db, delay_id, operator, now, entry)
        for notice in freed:  # the message of the use's unit comes later, and finds everybody told
            outbox.emit(db, OUTBOX, f"{notice}/lifted", {"notice": notice}, now)
        return self._get(db, caller, delay_id), len(freed)

    def get(self, db: Connection, caller: Caller, delay_id: str) -> Delay:
        """A delay of the caller's organisation.

        Raises:
            UnknownDelayError: there is none; another organisation's looks the same.
        """
        return self._get(db, caller, delay_id)

    def of_party(self, db: Connection, caller: Caller, *, before: str | None = None, limit: int) -> list[Delay]:
        """Delays of the caller's organisation, the newest first.

        Args:
            before: the last one of the page before.

        Raises:
            UnknownDelayError: there is no such delay.
        """
        place = _NEWEST
        if before is not None:
            last = self._get(db, caller, before)
            place = (last.decided_at, last.id)
        return store.delays_of(db, caller.party_id, place, limit)

    @staticmethod
    def of_late(db: Connection, use_id: str) -> Delay | None:
        """Why the holder of a duty use was told late; for the holder, once told. None of what was told at once."""
        return store.delay_of(db, use_id)

    @staticmethod
    def article(db: Connection, use_id: str) -> str | None:
        """The law that the published duty behind a use names; None of a use on another basis."""
        return store.article_of(db, use_id)

    def standing(self, db: Connection) -> list[tuple[Delay, int]]:
        """For the auditor: delays that stand, the first to run out first, with how many uses each holds back."""
        return store.standing_delays(db, self._clock.now(), _LISTED)

    @staticmethod
    def _get(db: Connection, caller: Caller, delay_id: str, *, lock: bool = False) -> Delay:
        held = store.delay(db, delay_id, lock=lock)
        if held is None or held.party_id != caller.party_id:
            raise UnknownDelayError
        return held

    @staticmethod
    def _parties(caller: Caller, operator: str, delay_id: str, case_no: str) -> dict[str, object]:
        return {"requester": caller.org_code, "operator": operator, "delay": delay_id, "case": case_no}
