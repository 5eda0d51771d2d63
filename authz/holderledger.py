"""The citizen's ledger: every use of what a holder has, refused ones too, and the holder's word on each (DESIGN 5).

A line says who, when, for which item and purpose, on what basis, and what came of it; never a value (PROTOCOLS 4.5). A
holder's uses bear running numbers that the log commits to daily, so that a use left out of this list leaves a hole.
"""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from authz.errors import LedgerCursorError, ReportClosedError, UnknownLineError, UnknownReportError
from authz.store import ledger as store
from ledger.clock import rfc3339
from ledger.record import Record

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.holders import Holders
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

    @staticmethod
    def page(db: Connection, holder_id: str, *, cursor: str | None = None, limit: int = 50) -> Page:
        """A page of a holder's ledger.

        Raises:
            LedgerCursorError: the cursor is not one of ours.
        """
        seq, at, last = _read(cursor)
        uses = store.uses(db, holder_id, seq, limit + 1)
        refusals = store.refusals(db, holder_id, at, last, limit + 1)
        shown: list[Line] = []
        # Each of the two keeps its own order, whatever the clocks said: uses wait for each other after they took their
        # time, so a later number can bear an earlier time, and a page ordered by time alone would leave one out.
        while len(shown) < limit and (uses or refusals):
            if uses and (not refusals or uses[0].at >= refusals[0].at):
                shown.append(uses.pop(0))
                seq = shown[-1].seq or seq
            else:
                shown.append(refusals.pop(0))
                at, last = shown[-1].at, shown[-1].id
        return Page(tuple(shown), _write(seq, at, last) if uses or refusals else None)

    def report(self, db: Connection, holder_id: str, line_id: str, report_id: str, text: str) -> Report:
        """Take a holder's report on a line of their ledger; it goes to the overseers of the node.

        Args:
            report_id: fresh, from the signed request: sent again it finds its own report.
            text: what the holder says, encrypted where it is kept.

        Raises:
            UnknownLineError: no such line in this holder's ledger.
        """
        found = store.of_line(db, line_id)
        if found is None or found[0] != holder_id:
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

    @staticmethod
    def holder_of(db: Connection, line_id: str) -> str | None:
        """Whose ledger a line stands in; None where there is no such line."""
        found = store.of_line(db, line_id)
        return found[0] if found else None

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


def _write(seq: int, at: datetime, last: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([seq, at.isoformat(), last]).encode()).rstrip(b"=").decode()


def _read(cursor: str | None) -> tuple[int, datetime, str]:
    if cursor is None:
        return _TOP, _LATEST, _LAST_ID
    try:
        seq, at, last = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment = datetime.fromisoformat(at)
        if type(seq) is not int or not 0 <= seq <= _TOP or moment.tzinfo is None:
            raise LedgerCursorError
        return seq, moment, str(uuid.UUID(last))
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise LedgerCursorError from error
