"""The citizen's ledger: every use of what a holder has, refused ones too, and the holder's word on each (DESIGN 5).

A line says who, when, for which item and purpose, on what basis, and what came of it; never a value (PROTOCOLS 4.5). A
holder's uses bear running numbers that the log commits to daily, so that a use left out of this list leaves a hole.
"""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from authz.errors import LedgerCursorError, ReportClosedError, UnknownLineError, UnknownReportError, UnknownUseError
from authz.store import ledger as store, uses
from ledger.clock import rfc3339
from ledger.record import Record
from ledger.steps import run

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.holders import Holders
    from authz.model import Use
    from authz.parties import Parties
    from authz.store.ledger import HeldReport, Line
    from authz.vault import IdentityVault
    from ledger.clock import Clock
    from ledger.evidence import Evidence

_TOP: Final = 2**62
_LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)
_LAST_ID: Final = str(uuid.UUID(int=2**128 - 1))
_LISTED: Final = 200


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a page came in each of the three lists it is put together of."""

    seq: int
    refused: tuple[datetime, str]
    joint: tuple[datetime, str]

    def write(self) -> str:
        """The place as a cursor."""
        places = [[at.isoformat(), last] for at, last in (self.refused, self.joint)]
        return base64.urlsafe_b64encode(json.dumps([self.seq, *places]).encode()).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Page:
    """Lines, the newest first, and where the next page begins; None at the end."""

    lines: tuple[Line, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """What a holder says of a line, and the answer to it.

    Attributes:
        party_id: whose use it was.
    """

    id: str
    line_id: str
    party_id: str
    text: str
    at: datetime
    entry_id: str
    answer: str | None
    answered_at: datetime | None
    answer_entry_id: str | None


class HolderLedger:
    """Lists uses for their holder, takes reports, keeps answers.

    Args:
        evidence: the log.
        holders: names holders pairwise.
        parties: the organisations.
        vault: encrypts what holders write.
        clock: tells the time.
    """

    def __init__(
        self, evidence: Evidence, holders: Holders, parties: Parties, vault: IdentityVault, clock: Clock
    ) -> None:
        self._evidence = evidence
        self._holders = holders
        self._parties = parties
        self._vault = vault
        self._clock = clock

    def page(self, db: Connection, holder_id: str, *, cursor: str | None = None, limit: int = 50) -> Page:
        """A page of a holder's ledger: uses, refused uses, and uses of things held together made for another holder.

        Raises:
            LedgerCursorError: the cursor is not one of ours.
        """
        place, now = _read(cursor), self._clock.now()
        used = store.uses(db, holder_id, place.seq, now, limit + 1)
        refusals = store.refusals(db, holder_id, place.refused, now, limit + 1)
        joint = store.joint(db, holder_id, place.joint, now, limit + 1)
        shown: list[Line] = []
        # Each of the three keeps its own order, whatever the clocks said: uses wait for each other after they took
        # their time, so a later number can bear an earlier time, and a page ordered by time alone would leave one out.
        while len(shown) < limit and (queues := [each for each in (used, refusals, joint) if each]):
            line = max(queues, key=lambda queue: queue[0].at).pop(0)
            shown.append(line)
            if line.seq is not None:
                place = replace(place, seq=line.seq)
            elif line.kind == "use":
                place = replace(place, joint=(line.at, line.id))
            else:
                place = replace(place, refused=(line.at, line.id))
        return Page(tuple(shown), place.write() if used or refusals or joint else None)

    def use(self, db: Connection, holder_id: str, use_id: str) -> Use:
        """A use that a holder may know of by now: of what one has, alone or together with others.

        Raises:
            UnknownUseError: there is none; another holder's looks the same.
        """
        found = run(db, uses.use(use_id))
        if found is None or holder_id not in self.holders_of(db, use_id):
            raise UnknownUseError
        return found[0]

    def holders_of(self, db: Connection, line_id: str) -> tuple[str, ...]:
        """In whose ledgers a line stands by now; nobody's where there is no such line."""
        found = store.of_line(db, line_id)
        if found is None or found[0] is None or not store.is_told(db, line_id, self._clock.now()):
            return ()
        return (found[0], *store.co_holders(db, line_id))

    def report(self, db: Connection, holder_id: str, line_id: str, report_id: str, text: str) -> Report:
        """Take a holder's report on a line of their ledger; it goes to the overseers of the node.

        Args:
            report_id: fresh, from the signed request: sent again it finds its own report.
            text: what the holder says, encrypted where it is kept.

        Raises:
            UnknownLineError: no such line in this holder's ledger.
        """
        found = store.of_line(db, line_id)
        if found is None or holder_id not in self.holders_of(db, line_id):
            raise UnknownLineError
        now, party_id = self._clock.now(), found[1]
        record = self._record("use.reported", db, report_id, line_id, holder_id, party_id)
        if store.report(db, report_id) is None:
            values = {"id": report_id, "line": line_id, "holder": holder_id, "party": party_id, "at": now}
            values |= {"text": self._vault.shut(text, _place("text", report_id))}
            store.insert_report(db, values | {"entry": self._evidence.append(db, record).entry_id})
        held = store.report(db, report_id)
        if held is None or held.holder_id != holder_id or held.line_id != line_id:
            raise UnknownLineError
        return self._opened(held)

    def answer(self, db: Connection, report_id: str, *, answer: str, operator: str) -> Report:
        """Answer a report; the holder reads it in the ledger.

        Raises:
            UnknownReportError: there is none.
            ReportClosedError: it was answered already.
        """
        held = store.report(db, report_id)
        if held is None:
            raise UnknownReportError
        if held.answered_at is not None:
            raise ReportClosedError
        now = self._clock.now()
        record = self._record(
            "use.report-answered", db, report_id, held.line_id, held.holder_id, held.party_id, operator=operator
        )
        values = {"id": report_id, "answer": self._vault.shut(answer, _place("answer", report_id)), "by": operator}
        store.answer(db, values | {"at": now, "entry": self._evidence.append(db, record).entry_id})
        answered = store.report(db, report_id)
        return self._opened(answered or held)

    def open_reports(self, db: Connection) -> list[Report]:
        """Reports that wait for an answer, the oldest first."""
        return [self._opened(each) for each in store.open_reports(db, _LISTED)]

    def reports_of(self, db: Connection, holder_id: str) -> list[Report]:
        """A holder's newest 200 reports."""
        return [self._opened(each) for each in store.reports_of(db, holder_id, _LISTED)]

    def _opened(self, held: HeldReport) -> Report:
        return Report(
            held.id,
            held.line_id,
            held.party_id,
            self._vault.open(held.text, _place("text", held.id)),
            held.at,
            held.entry_id,
            None if held.answer is None else self._vault.open(held.answer, _place("answer", held.id)),
            held.answered_at,
            held.answer_entry_id,
        )

    def _record(
        self, kind: str, db: Connection, report_id: str, line_id: str, holder_id: str, party_id: str, **more: str
    ) -> Record:
        parties = {
            "report": report_id,
            "line": line_id,
            "requester": self._parties.party(db, party_id).org_code,
            "holder": self._holders.pairwise(holder_id, party_id),
            **more,
        }
        return Record({"type": kind, "time": rfc3339(self._clock.now())}, parties)


def _place(part: str, report_id: str) -> bytes:
    return f"report/{part}/{report_id}".encode()


def _read(cursor: str | None) -> _Place:
    if cursor is None:
        return _Place(_TOP, (_LATEST, _LAST_ID), (_LATEST, _LAST_ID))
    try:
        seq, *places = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        (at, last), (joint_at, joint_last) = places
        refused = (datetime.fromisoformat(at), str(uuid.UUID(last)))
        joint = (datetime.fromisoformat(joint_at), str(uuid.UUID(joint_last)))
        if type(seq) is not int or not 0 <= seq <= _TOP or None in {refused[0].tzinfo, joint[0].tzinfo}:
            raise LedgerCursorError
        return _Place(seq, refused, joint)
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise LedgerCursorError from error
