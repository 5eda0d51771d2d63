"""异议: a holder says that a licence is wrong, and from that moment nobody relies on it until its issuer answered.

1. **Opened** by the holder's signature over the claim. The licence is frozen in the same unit: uses are refused, scans
   and status list say so. One dispute at a time.
2. **Answered** by the issuer, in the time the node sets; what is overdue is counted and shown, and stays frozen: the
   issuer's delay is not the holder's loss of the claim. *Rejected* thaws the licence. *Corrected* needs the correction
   first, a newer version or the end of the licence; then everybody who ever used it or was shown it is told.
3. Or **withdrawn** by the holder.

The claim and the answer are free text about people: encrypted, and only their digest is in the log, inside `terms`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from authz.errors import SignerNotHolderError
from authz.model import Act
from authz.vault import digest_of
from certs.errors import (
    CorrectionMissingError,
    DisputeClosedError,
    DisputeOpenError,
    InvalidRequestError,
    NotCurrentVersionError,
    UnknownDisputeError,
    UnknownLicenceError,
)
from certs.model import DisputeState, LicenceStatus, Operation
from certs.store import disputes as store
from ledger import outbox
from ledger.clock import rfc3339
from ledger.record import Record
from ledger.steps import execute, run

if TYPE_CHECKING:
    from datetime import timedelta

    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.holders import Holders
    from authz.model import Caller
    from authz.signatures import HolderSignatures, Signer
    from authz.uses import Uses
    from authz.vault import IdentityVault
    from certs.catalogue import LicenceCatalogue
    from certs.changes import Changes
    from certs.model import Correction, Dispute, Licence
    from certs.requests import HolderRequest
    from certs.store.licences import LicenceStore
    from ledger.clock import Clock
    from ledger.evidence import Evidence

ENDS: Final = frozenset({LicenceStatus.revoked, LicenceStatus.cancelled, LicenceStatus.withdrawn_permit})
"""Statuses that correct a licence which should not be there at all."""
_LISTED: Final = 200
_DISPUTED: Final = "licence.disputed"
_ANSWERED: Final = "licence.dispute-answered"


class Disputes:
    """Opens and closes disputes.

    Args:
        licences, catalogue, changes: what is disputed, frozen and thawed.
        signatures: who claims.
        counter: who answers.
        uses: who relied on it.
        evidence: the log.
        holders: names holders pairwise.
        vault: keeps claims and answers.
        clock: tells the time.
        answer_within: how long an issuer has.
    """

    def __init__(  # noqa: PLR0913 - a dispute touches the licence, both sides and all who relied on it
        self,
        licences: LicenceStore,
        catalogue: LicenceCatalogue,
        changes: Changes,
        signatures: HolderSignatures,
        counter: Counter,
        uses: Uses,
        evidence: Evidence,
        holders: Holders,
        vault: IdentityVault,
        clock: Clock,
        *,
        answer_within: timedelta,
    ) -> None:
        self._licences = licences
        self._catalogue = catalogue
        self._changes = changes
        self._signatures = signatures
        self._counter = counter
        self._uses = uses
        self._evidence = evidence
        self._holders = holders
        self._vault = vault
        self._clock = clock
        self._within = answer_within

    def open(self, db: Connection, request: HolderRequest, id_token: str) -> Dispute:
        """Take a holder's claim and freeze the licence.

        Args:
            request: `dispute`, about a licence; `fields` names what is wrong, nothing: all of it.
            id_token: the holder's signature over it.

        Raises:
            UnknownLicenceError: no such licence.
            IdTokenRefusedError, SignerNotHolderError: the signature.
            NotCurrentVersionError: a newer version took its place; dispute that.
            DisputeOpenError: one stands already.
            InvalidRequestError: a field that the type does not have, or a request used before.
        """
        licence = run(db, self._licences.get(request.subject, lock="update"))
        if licence is None:
            raise UnknownLicenceError
        holder_id, signer = self._signer(db, licence, request, id_token)
        if licence.successor_id is not None:
            raise NotCurrentVersionError(current=licence.successor_id)
        if store.is_disputed(db, licence.id):
            raise DisputeOpenError
        kind = self._catalogue.type(licence.type_code)
        fields: list[str] = request.terms["fields"]
        if any(kind.field_of(each) is None for each in fields):
            raise InvalidRequestError(term="fields")
        if store.get(db, request.id) is not None:
            raise InvalidRequestError(term="id")
        now = self._clock.now()
        due = now + self._within
        issuer = licence.issuer_party_id
        parties = {
            "licence": licence.id,
            "licence_id": licence.licence_id,
            "dispute": request.id,
            "terms": request.digest,
            "fields": fields,
            "due": rfc3339(due),
            "issued_entry": licence.entry_id,
            "representation": signer.representation,
            "holder": self._holders.pairwise(holder_id, issuer),
            "signer": self._holders.pairwise(signer.holder_id, issuer),
        }
        entry = self._evidence.append(db, Record({"type": _DISPUTED, "time": rfc3339(now)}, parties)).entry_id
        row: dict[str, Any] = {"id": request.id, "licence": licence.id, "issuer": issuer, "holder": holder_id}
        row |= {"signer": signer.holder_id, "representation": signer.representation, "fields": fields}
        row |= {"request": self._vault.shut(request.encode().decode(), _place("request", request.id))}
        row |= {"id_token": self._vault.shut(id_token, _place("id_token", request.id))}
        store.insert(db, row | {"at": now, "due": due, "entry": entry})
        self._changes.freeze(db, licence.id, frozen=True)
        return self._held(db, request.id)

    def answer(
        self, db: Connection, caller: Caller, dispute_id: str, *, corrected: bool, answer: str, operator: str
    ) -> Dispute:
        """Answer a dispute of a licence that the caller's organisation issued.

        Args:
            corrected: the licence was changed or ended; else it was right.
            answer: to the holder.
            operator: handle of a registrar.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownDisputeError: none about a licence of the organisation.
            DisputeClosedError: it is over.
            CorrectionMissingError: `corrected`, and nothing was corrected since.
        """
        self._counter.let(db, caller, operator, Act.issue)
        dispute = self._open_one(db, dispute_id)
        if dispute.issuer_party_id != caller.party_id:
            raise UnknownDisputeError
        licence = self._locked(db, dispute)
        if corrected and licence.successor_id is None and licence.status not in ENDS:
            raise CorrectionMissingError
        state = DisputeState.corrected if corrected else DisputeState.rejected
        sealed = self._vault.shut(answer, _place("answer", dispute.id))
        entry = self._close(db, dispute, licence, state, caller=caller, operator=operator, answer=answer)
        row: dict[str, Any] = {"id": dispute.id, "state": state.value, "operator": operator, "answer": sealed}
        row |= {"successor": licence.successor_id if corrected else None, "at": self._clock.now(), "entry": entry}
        store.close(db, row)
        if corrected:
            self._tell(db, dispute, licence)
        return self._held(db, dispute.id)

    def withdraw(self, db: Connection, request: HolderRequest, id_token: str) -> Dispute:
        """Take a dispute back.

        Args:
            request: `withdraw-dispute`, about the dispute.

        Raises:
            UnknownDisputeError, DisputeClosedError, IdTokenRefusedError, SignerNotHolderError: as they say.
        """
        dispute = self._open_one(db, request.subject)
        self._signatures.check(db, id_token, request.digest, dispute.holder_id)
        licence = self._locked(db, dispute)
        entry = self._close(db, dispute, licence, DisputeState.withdrawn)
        row = {"id": dispute.id, "state": "withdrawn", "operator": None, "answer": None, "successor": None}
        store.close(db, row | {"at": self._clock.now(), "entry": entry})
        return self._held(db, dispute.id)

    # Looking

    def get(self, db: Connection, dispute_id: str) -> Dispute:
        """A dispute, for whoever has its id: the holder's app, which chose it.

        Raises:
            UnknownDisputeError: there is none.
        """
        return self._held(db, dispute_id)

    def of_issuer(self, db: Connection, caller: Caller, dispute_id: str) -> Dispute:
        """A dispute of a licence that the caller's organisation issued.

        Raises:
            UnknownDisputeError: there is none; another organisation's looks the same.
        """
        dispute = self._held(db, dispute_id)
        if dispute.issuer_party_id != caller.party_id:
            raise UnknownDisputeError
        return dispute

    @staticmethod
    def of_party(
        db: Connection, caller: Caller, *, only_open: bool, after: str | None = None, limit: int
    ) -> list[Dispute]:
        """Disputes of what the caller's organisation issued, the newest first.

        Args:
            after: the last id of the page before.
        """
        return store.of_issuer(db, caller.party_id, only_open=only_open, after=after, limit=limit)

    @staticmethod
    def of_holder(db: Connection, holder_id: str) -> list[Dispute]:
        """A holder's newest 200 disputes."""
        return store.of_holder(db, holder_id, _LISTED)

    @staticmethod
    def corrections(db: Connection, caller: Caller, *, after: str | None = None, limit: int) -> list[Correction]:
        """Corrections of what the caller's organisation had relied on, the newest first."""
        return store.corrections(db, caller.party_id, after=after, limit=limit)

    def take_notice(self, db: Connection, caller: Caller, dispute_id: str) -> None:
        """Note that the caller's organisation knows of a correction.

        Raises:
            UnknownDisputeError: it was told of none.
        """
        if not store.seen(db, dispute_id, caller.party_id, self._clock.now()):
            raise UnknownDisputeError

    @staticmethod
    def told(db: Connection, dispute: Dispute) -> tuple[int, int]:
        """How many organisations a correction was told, and how many took notice."""
        return store.told(db, dispute.id)

    def claim(self, dispute: Dispute) -> str:
        """What the holder says, for the issuer's eyes."""
        request = json.loads(self._vault.open(dispute.request, _place("request", dispute.id)))
        return str(request["terms"]["claim"])

    def answer_of(self, dispute: Dispute) -> str | None:
        """What the issuer answered, for both sides."""
        return None if dispute.answer is None else self._vault.open(dispute.answer, _place("answer", dispute.id))

    def overdue(self, db: Connection) -> int:
        """How many disputes should have been answered by now."""
        return store.overdue(db, self._clock.now())

    # What opening and closing share

    def _signer(self, db: Connection, licence: Licence, request: HolderRequest, id_token: str) -> tuple[str, Signer]:
        for holder_id in licence.holder_ids:
            try:
                return holder_id, self._signatures.check(db, id_token, request.digest, holder_id)
            except SignerNotHolderError:
                continue
        raise SignerNotHolderError

    @staticmethod
    def _held(db: Connection, dispute_id: str) -> Dispute:
        dispute = store.get(db, dispute_id)
        if dispute is None:
            raise UnknownDisputeError
        return dispute

    @staticmethod
    def _open_one(db: Connection, dispute_id: str) -> Dispute:
        dispute = store.get(db, dispute_id, lock=True)
        if dispute is None:
            raise UnknownDisputeError
        if dispute.state is not DisputeState.open:
            raise DisputeClosedError(state=dispute.state.value)
        return dispute

    def _locked(self, db: Connection, dispute: Dispute) -> Licence:
        licence = run(db, self._licences.get(dispute.licence_id, lock="update"))
        if licence is None:
            raise UnknownLicenceError
        return licence

    def _close(
        self,
        db: Connection,
        dispute: Dispute,
        licence: Licence,
        state: DisputeState,
        *,
        caller: Caller | None = None,
        operator: str | None = None,
        answer: str = "",
    ) -> str:
        """Record the end of a dispute and thaw the licence; the log entry."""
        now = self._clock.now()
        parties = {
            "requester": None if caller is None else caller.org_code,
            "operator": operator,
            "licence": licence.id,
            "licence_id": licence.licence_id,
            "dispute": dispute.id,
            "outcome": state.value,
            "answer": digest_of(f"{dispute.id}\0{answer}".encode()) if answer else None,
            "successor": licence.successor_id if state is DisputeState.corrected else None,
            "overdue": dispute.is_overdue(now),
            "disputed_entry": dispute.entry_id,
            "holder": self._holders.pairwise(dispute.holder_id, dispute.issuer_party_id),
        }
        entry = self._evidence.append(db, Record({"type": _ANSWERED, "time": rfc3339(now)}, parties)).entry_id
        if licence.successor_id is None:
            self._changes.freeze(db, licence.id, frozen=False)
        else:  # nobody gets it back, so nobody is told that it came back
            execute(db, self._licences.freeze(licence.id, frozen=False))
        return entry

    def _tell(self, db: Connection, dispute: Dispute, licence: Licence) -> None:
        """Tell a correction to every organisation that ever relied on this or an earlier version."""
        now = self._clock.now()
        versions = [each.id for each in run(db, self._licences.versions(licence.first_id))]
        wrong = (
            versions[: licence.version] if licence.id not in versions else versions[: versions.index(licence.id) + 1]
        )
        parties = store.shown_to(db, wrong)
        for each in wrong:
            parties |= set(self._uses.users(db, each))
        store.tell(db, dispute.id, parties, now)
        told: dict[str, Any] = {
            "licence_id": licence.id,
            "status": licence.status.value,
            "operation": Operation.change.value,
        }
        told |= {"at": rfc3339(now), "dispute": dispute.id, "successor": licence.successor_id}
        outbox.emit(db, "licence.changed", f"{dispute.id}/corrected", told | {"parties": sorted(parties)}, now)


def _place(what: str, dispute_id: str) -> bytes:
    return f"dispute/{what}/{dispute_id}".encode()
