"""异议, whatever it is about: a holder says that something is wrong, and nobody relies on it until it was answered.

1. **Opened** by the holder's signature over the claim. The thing is frozen in the same unit. One dispute at a time.
2. **Answered** by who issued or deposited it, within working days; what is overdue is counted and shown, and stays
   frozen: the delay of who answers is not the holder's loss of the claim. *Rejected* thaws it. *Corrected* needs the
   correction first, a newer version or the end of the thing; then everybody who ever relied on it is told. The holder
   is told of either.
3. Or **withdrawn** by the holder.

The claim and the answer are free text about people: encrypted, and only their digest is in the log, inside `terms`.
What differs between licences (`certs.disputes`) and materials (`materials.disputes`) is in the hooks at the end.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from authz.noticekinds import NoticeKind
from authz.vault import digest_of
from certs.errors import (
    CorrectionMissingError,
    DisputeClosedError,
    DisputeOpenError,
    InvalidRequestError,
    UnknownDisputeError,
)
from certs.model import DisputeState
from ledger.clock import rfc3339
from ledger.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.holders import Holders
    from authz.model import Act, Caller
    from authz.notices import Notices
    from authz.signatures import HolderSignatures
    from authz.vault import IdentityVault
    from authz.workdays import Workdays
    from certs.model import Correction, Dispute
    from certs.requests import HolderRequest
    from certs.store.disputes import DisputeRows
    from ledger.clock import Clock
    from ledger.evidence import Evidence

LISTED: Final = 200


@dataclass(frozen=True, slots=True)
class Disputed:
    """What is disputed, as a dispute must know it.

    Attributes:
        party_id: who answers.
        holder_ids: whom it is about.
        successor_id: the version that took its place.
        corrected: it was replaced or ended, so that nobody relies on it.
        named: how records name it.
        made: name and log entry of how it came.
        owner: the thing itself, for the hooks.
    """

    id: str
    party_id: str
    holder_ids: tuple[str, ...]
    successor_id: str | None
    corrected: bool
    named: Mapping[str, str]
    made: Mapping[str, str]
    owner: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Court:
    """Who and what every kind of dispute needs.

    Attributes:
        signatures: who claims.
        counter: who answers.
        notices: tell the holder.
        evidence: the log.
        holders: names holders pairwise.
        vault: keeps claims and answers.
        workdays: counts days.
        clock: tells the time.
        answer_days: working days there are for an answer.
    """

    signatures: HolderSignatures
    counter: Counter
    notices: Notices
    evidence: Evidence
    holders: Holders
    vault: IdentityVault
    workdays: Workdays
    clock: Clock
    answer_days: int


class Disputing(ABC):
    """Opens and closes disputes of one kind of thing.

    Attributes:
        opened, ended: types of the log's records.
        act: what who answers must be permitted.
    """

    opened: str
    ended: str
    act: Act

    def __init__(self, rows: DisputeRows, court: Court) -> None:
        self._rows = rows
        self._court = court

    def open(self, db: Connection, request: HolderRequest, signature: str) -> Dispute:
        """Take a holder's claim and freeze the thing.

        Args:
            request: `dispute`, about the thing; `fields` names what is wrong, nothing: all of it.
            signature: the holder's over it, of whatever kind.

        Raises:
            CertsError, MaterialsError: no such thing, or it can be disputed no more.
            IdTokenRefusedError, KeyRefusedError, SignerNotHolderError: the signature.
            DisputeOpenError: one stands already.
            InvalidRequestError: a field that the type does not have, or a request used before.
        """
        court = self._court
        thing = self._locked(db, request.subject)
        holder_id, signer = court.signatures.for_any(db, signature, request.digest, thing.holder_ids)
        if self._rows.is_disputed(db, thing.id):
            raise DisputeOpenError
        fields: list[str] = request.terms["fields"]
        self._check(thing, fields)
        if self._rows.get(db, request.id) is not None:
            raise InvalidRequestError(term="id")
        now = court.clock.now()
        due = court.workdays.office_due(now, court.answer_days)
        parties = {
            **thing.named,
            "dispute": request.id,
            "terms": request.digest,
            "fields": fields,
            "due": rfc3339(due),
            **thing.made,
            "representation": signer.representation,
            "holder": court.holders.pairwise(holder_id, thing.party_id),
            "signer": court.holders.pairwise(signer.holder_id, thing.party_id),
            **signer.told(),
        }
        entry = court.evidence.append(db, Record({"type": self.opened, "time": rfc3339(now)}, parties)).entry_id
        row: dict[str, Any] = {"id": request.id, "subject": thing.id, "party": thing.party_id, "holder": holder_id}
        row |= {"signer": signer.holder_id, "representation": signer.representation, "fields": fields}
        row |= {"request": court.vault.shut(request.encode().decode(), _place("request", request.id))}
        row |= {"kept": court.vault.shut(signer.kept, _place("id_token", request.id))}
        self._rows.insert(db, row | {"at": now, "due": due, "entry": entry})
        self._freeze(db, thing, now)
        return self.get(db, request.id)

    def answer(
        self, db: Connection, caller: Caller, dispute_id: str, *, corrected: bool, answer: str, operator: str
    ) -> Dispute:
        """Answer a dispute of what the caller's organisation issued or deposited.

        Args:
            corrected: the thing was changed or ended; else it was right.
            answer: to the holder.
            operator: handle of who may answer.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownDisputeError: none that the organisation answers.
            DisputeClosedError: it is over.
            CorrectionMissingError: `corrected`, and nothing was corrected since.
        """
        court = self._court
        court.counter.let(db, caller, operator, self.act)
        dispute = self._open_one(db, dispute_id)
        if dispute.party_id != caller.party_id:
            raise UnknownDisputeError
        thing = self._again(db, dispute.subject_id)
        if corrected and not thing.corrected:
            raise CorrectionMissingError
        state = DisputeState.corrected if corrected else DisputeState.rejected
        now = court.clock.now()
        entry = self._close(db, dispute, thing, state, now, caller=caller, operator=operator, answer=answer)
        row: dict[str, Any] = {"id": dispute.id, "state": state.value, "operator": operator}
        row |= {"answer": court.vault.shut(answer, _place("answer", dispute.id)), "at": now, "entry": entry}
        self._rows.close(db, row | {"successor": thing.successor_id if corrected else None})
        if corrected:
            relied = self._relied(db, thing)
            self._rows.tell(db, dispute.id, relied, now)
            self._tell(db, dispute, thing, sorted(relied), now)
        kind = NoticeKind.dispute_answered
        court.notices.tell(db, dispute.holder_id, kind, dispute.id, party_id=dispute.party_id)
        return self.get(db, dispute.id)

    def withdraw(self, db: Connection, request: HolderRequest, signature: str) -> Dispute:
        """Take a dispute back.

        Args:
            request: `withdraw-dispute`, about the dispute.

        Raises:
            UnknownDisputeError, DisputeClosedError: as they say.
            IdTokenRefusedError, KeyRefusedError, SignerNotHolderError: the signature.
        """
        dispute = self._open_one(db, request.subject)
        self._court.signatures.check(db, signature, request.digest, dispute.holder_id)
        thing, now = self._again(db, dispute.subject_id), self._court.clock.now()
        entry = self._close(db, dispute, thing, DisputeState.withdrawn, now)
        row = {"id": dispute.id, "state": "withdrawn", "operator": None, "answer": None, "successor": None}
        self._rows.close(db, row | {"at": now, "entry": entry})
        return self.get(db, dispute.id)

    # Looking

    def get(self, db: Connection, dispute_id: str) -> Dispute:
        """A dispute, for whoever has its id: the holder's app, which chose it.

        Raises:
            UnknownDisputeError: there is none.
        """
        dispute = self._rows.get(db, dispute_id)
        if dispute is None:
            raise UnknownDisputeError
        return dispute

    def of_issuer(self, db: Connection, caller: Caller, dispute_id: str) -> Dispute:
        """A dispute that the caller's organisation answers.

        Raises:
            UnknownDisputeError: there is none; another organisation's looks the same.
        """
        dispute = self.get(db, dispute_id)
        if dispute.party_id != caller.party_id:
            raise UnknownDisputeError
        return dispute

    def of_party(
        self, db: Connection, caller: Caller, *, only_open: bool, after: tuple[datetime, str] | None = None, limit: int
    ) -> list[Dispute]:
        """Disputes that the caller's organisation answers, the newest first.

        Args:
            after: time and id of the last of the page before.
        """
        return self._rows.of_party(db, caller.party_id, only_open=only_open, after=after, limit=limit)

    def of_holder(self, db: Connection, holder_id: str) -> list[Dispute]:
        """A holder's newest 200 disputes."""
        return self._rows.of_holder(db, holder_id, LISTED)

    def corrections(
        self, db: Connection, caller: Caller, *, after: tuple[datetime, str] | None = None, limit: int
    ) -> list[Correction]:
        """Corrections of what the caller's organisation had relied on, the newest first."""
        return self._rows.corrections(db, caller.party_id, after=after, limit=limit)

    def corrected_at(self, db: Connection, caller: Caller, dispute_id: str) -> datetime | None:
        """When the caller's organisation was told of a correction; None where it was not."""
        return self._rows.corrected(db, dispute_id, caller.party_id)

    def take_notice(self, db: Connection, caller: Caller, dispute_id: str) -> None:
        """Note that the caller's organisation knows of a correction.

        Raises:
            UnknownDisputeError: it was told of none.
        """
        if not self._rows.seen(db, dispute_id, caller.party_id, self._court.clock.now()):
            raise UnknownDisputeError

    def told(self, db: Connection, dispute: Dispute) -> tuple[int, int]:
        """How many organisations a correction was told, and how many took notice."""
        return self._rows.told(db, dispute.id)

    def claim(self, dispute: Dispute) -> str:
        """What the holder says, for the eyes of who answers."""
        request = json.loads(self._court.vault.open(dispute.request, _place("request", dispute.id)))
        return str(request["terms"]["claim"])

    def answer_of(self, dispute: Dispute) -> str | None:
        """What was answered, for both sides."""
        if dispute.answer is None:
            return None
        return self._court.vault.open(dispute.answer, _place("answer", dispute.id))

    def overdue(self, db: Connection) -> int:
        """How many disputes should have been answered by now."""
        return self._rows.overdue(db, self._court.clock.now())

    # What opening and closing share

    def _open_one(self, db: Connection, dispute_id: str) -> Dispute:
        dispute = self._rows.get(db, dispute_id, lock=True)
        if dispute is None:
            raise UnknownDisputeError
        if dispute.state is not DisputeState.open:
            raise DisputeClosedError(state=dispute.state.value)
        return dispute

    def _close(
        self,
        db: Connection,
        dispute: Dispute,
        thing: Disputed,
        state: DisputeState,
        now: datetime,
        *,
        caller: Caller | None = None,
        operator: str | None = None,
        answer: str = "",
    ) -> str:
        """Record the end of a dispute and thaw the thing; the log entry."""
        parties = {
            "requester": None if caller is None else caller.org_code,
            "operator": operator,
            **thing.named,
            "dispute": dispute.id,
            "outcome": state.value,
            "answer": digest_of(f"{dispute.id}\0{answer}".encode()) if answer else None,
            "successor": thing.successor_id if state is DisputeState.corrected else None,
            "overdue": dispute.is_overdue(now),
            "disputed_entry": dispute.entry_id,
            "holder": self._court.holders.pairwise(dispute.holder_id, dispute.party_id),
        }
        record = Record({"type": self.ended, "time": rfc3339(now)}, parties)
        entry = self._court.evidence.append(db, record).entry_id
        self._thaw(db, thing, now)
        return entry

    # What each kind of thing does in its own way

    @abstractmethod
    def _locked(self, db: Connection, subject_id: str) -> Disputed:
        """A thing that may be disputed, locked to be changed."""

    @abstractmethod
    def _again(self, db: Connection, subject_id: str) -> Disputed:
        """A thing under dispute, locked to be changed, in whatever state it is now."""

    @abstractmethod
    def _check(self, thing: Disputed, fields: list[str]) -> None:
        """Refuse fields that the thing does not have."""

    @abstractmethod
    def _freeze(self, db: Connection, thing: Disputed, now: datetime) -> None:
        """From now on nobody relies on it."""

    @abstractmethod
    def _thaw(self, db: Connection, thing: Disputed, now: datetime) -> None:
        """The dispute is over; it counts as it would without."""

    @abstractmethod
    def _relied(self, db: Connection, thing: Disputed) -> set[str]:
        """Organisations that ever relied on it or on an earlier version."""

    @abstractmethod
    def _tell(self, db: Connection, dispute: Dispute, thing: Disputed, relied: list[str], now: datetime) -> None:
        """Let those who relied on it hear of a correction."""


def _place(what: str, dispute_id: str) -> bytes:
    return f"dispute/{what}/{dispute_id}".encode()
