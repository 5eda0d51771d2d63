"""Who signs a commitment, and who takes it back before it counts.

Signing is asked by a notice and a link; the letter is shown whole, and the digest of its terms is signed by any kind of
signature that counts for a consent: a login, a passkey, the city app's key, or at the counter
(`materials.counterletters`). What is kept of a signature can be looked at again by itself (`authz.signers`). As long as
the case is not accepted the holder takes back what they signed, or refuses to sign; its department may likewise, on
their word. From then on the letter supplies nothing.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from authz.errors import HolidaysUnknownError
from authz.model import Act
from authz.noticekinds import NoticeKind
from authz.signers import Signer
from authz.vault import digest_of
from ledger import outbox
from ledger.clock import rfc3339
from ledger.record import Record
from ledger.steps import run
from materials import commitmentrows as rows, store
from materials.errors import (
    CaseClosedError,
    CommitmentNotOfferedError,
    CommitmentNotSignedError,
    CommitmentSignedError,
    CommitmentStandsError,
    UnknownCommitmentError,
)
from materials.model import CaseState
from materials.promising import Promising

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.model import Caller
    from authz.signatures import HolderSignatures
    from authz.workdays import Workdays
    from certs.requests import HolderRequest
    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.commitmentrows import Commitment, Owed
    from materials.desk import Desk
    from materials.model import Case

OUTBOX: Final = "commitment.changed"
"""Kind of outbox message, and type of webhook message: one was signed, taken back, is overdue, or is to be checked."""
_SIGNED: Final = "commitment.signed"
_ENDED: Final = "commitment.ended"
_MINE: Final = 200


class Committing:
    """Takes signatures.

    Args:
        catalogue, cases: what may be owed where.
        signatures: who signed.
        workdays: counts days.
        desk: who acts, the log, the time.
    """

    def __init__(
        self, catalogue: Catalogue, cases: Cases, signatures: HolderSignatures, workdays: Workdays, desk: Desk
    ) -> None:
        self._catalogue = catalogue
        self._cases = cases
        self._promising = Promising(catalogue, cases)
        self._signatures = signatures
        self._workdays = workdays
        self._desk = desk

    @staticmethod
    def terms(db: Connection, commitment_id: str) -> tuple[bytes, str]:
        """What the holder signs, and its digest; ids and days only, for whoever was handed the id.

        Raises:
            UnknownCommitmentError: there is none.
        """
        held = rows.get(db, commitment_id)
        if held is None:
            raise UnknownCommitmentError
        return held.terms, digest_of(held.terms)

    @staticmethod
    def of_holders(db: Connection, holders: Collection[str]) -> list[tuple[Commitment, list[Owed]]]:
        """What holders were asked to sign or did, the newest 200 first, each with what it owes."""
        held = rows.of_holders(db, sorted(holders), _MINE)
        owed = rows.owed(db, [each.id for each in held])
        return [(each, [one for one in owed if one.commitment_id == each.id]) for each in held]

    def for_holders(
        self, db: Connection, commitment_id: str, holders: Collection[str]
    ) -> tuple[Commitment, list[Owed]]:
        """One of those.

        Raises:
            UnknownCommitmentError: there is none; another holder's looks the same.
        """
        held = rows.get(db, commitment_id)
        if held is None or held.holder_id not in holders:
            raise UnknownCommitmentError
        return held, rows.owed(db, [held.id])

    def sign(self, db: Connection, commitment_id: str, signature: str | Signer) -> Commitment:
        """Take the holder's signature; from now on it binds.

        Args:
            signature: over the digest of the terms; or who gave it, where staff brought it.

        Raises:
            UnknownCommitmentError: there is none.
            CaseClosedError: the case was closed meanwhile.
            CommitmentSignedError: it was signed before, or another one of the case that owes the same.
            CommitmentNotSignedError: it was taken back.
            CommitmentNotOfferedError: the case takes it no more, or a day in it has passed (`problem` is `due`).
            CommitmentBarredError: the holder broke another one meanwhile.
            IdTokenRefusedError, KeyRefusedError, SignerNotHolderError: the signature.
        """
        case = self._open_case(db, self._held(db, commitment_id))
        held, now = self._held(db, commitment_id), self._desk.clock.now()
        owed, promised = rows.owed(db, [held.id]), rows.promised(db, case.case_no)
        types = {each.type_code for each in owed}
        if held.ended_at is not None:
            raise CommitmentNotSignedError(state=held.state)
        if held.state != rows.PROPOSED or promised & types:
            raise CommitmentSignedError
        if isinstance(signature, Signer):
            signer = self._signatures.standing_for(db, signature, held.holder_id)
        else:
            signer = self._signatures.check(db, signature, digest_of(held.terms), held.holder_id)
        if any(each.due_at <= now for each in owed):
            raise CommitmentNotOfferedError(problem="due")
        self._promising.check(db, case, types, promised, now)
        told = {
            "terms": digest_of(held.terms),
            "letter": held.letter_id,
            "kind": held.kind,
            "owed": [{"type": each.type_code, "due": rfc3339(each.due_at)} for each in owed],
        }
        entry = self._append(db, _SIGNED, held, held.operator, told | self._by(held, signer))
        values = {"id": held.id, "at": now, "signer": signer.holder_id, "entry": entry}
        values["signature"] = self._desk.vault.shut(signer.kept, place("signature", held.id))
        values["check_due"] = self._check_due(held, max([now, *(each.due_at for each in owed)]))
        rows.sign(db, values)
        self._desk.notices.tell(db, held.holder_id, NoticeKind.commitment_signed, held.id, party_id=held.party_id)
        return self._changed(db, held.id)

    def refuse(self, db: Connection, asked: HolderRequest, signature: str) -> Commitment:
        """The holder refuses to sign, or takes back what they signed.

        Args:
            asked: a request `refuse-commitment` whose subject is the commitment.

        Raises:
            UnknownCommitmentError, CommitmentNotSignedError, CommitmentStandsError: as `_end`.
            IdTokenRefusedError, KeyRefusedError, SignerNotHolderError: the signature.
        """
        held = self._held(db, asked.subject)
        signer = self._signatures.check(db, signature, asked.digest, held.holder_id)
        told = {"request": asked.digest, "by": "holder"} | self._by(held, signer)
        kept = json.dumps({"request": asked.document(), "signature": signer.kept}, ensure_ascii=False)
        return self._end(db, held, held.operator, told, self._desk.vault.shut(kept, place("end", held.id)))

    def take_back(self, db: Connection, caller: Caller, commitment_id: str, operator: str) -> Commitment:
        """The department takes back what it proposed, or on the holder's word what they signed.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownCommitmentError, CommitmentNotSignedError, CommitmentStandsError: as `_end`.
        """
        self._desk.counter.let(db, caller, operator, Act.deposit)
        held = self._own(db, caller, commitment_id, lock=False)  # the case is locked first, as in `sign`
        return self._end(db, held, operator, {"by": "department"}, None)

    def _end(
        self, db: Connection, held: Commitment, operator: str, told: Mapping[str, object], signature: bytes | None
    ) -> Commitment:
        """End one that does not count yet.

        Raises:
            UnknownCommitmentError: there is none.
            CommitmentNotSignedError: it was taken back before.
            CommitmentStandsError: the case was accepted with it, or closed.
        """
        case = run(db, store.case_of(held.case_no, held.party_id, lock=True))
        held = self._held(db, held.id)
        if held.ended_at is not None:
            raise CommitmentNotSignedError(state=held.state)
        signed = held.state != rows.PROPOSED
        if signed and (case is None or case.state is CaseState.closed or case.accepted_at is not None):
            raise CommitmentStandsError(state=held.state)
        state = "withdrawn" if signed else "declined"
        more = {"terms": digest_of(held.terms), "state": state, "signed_entry": held.entry_id}
        entry = self._append(db, _ENDED, held, operator, more | dict(told))
        values = {"id": held.id, "state": state, "at": self._desk.clock.now(), "signature": signature, "entry": entry}
        rows.end(db, values)
        if signed:
            told_of = NoticeKind.commitment_withdrawn
            self._desk.notices.tell(db, held.holder_id, told_of, held.id, party_id=held.party_id)
        return self._changed(db, held.id)

    # Parts

    def _by(self, held: Commitment, signer: Signer) -> dict[str, object]:
        """Who signed, as the department knows them, and how."""
        told = {"signer": self._desk.holders.pairwise(signer.holder_id, held.party_id)}
        return told | {"representation": signer.representation} | signer.told()

    def _check_due(self, held: Commitment, since: datetime) -> datetime | None:
        """When it is to be checked; None while nobody has told the working days of that year."""
        with suppress(HolidaysUnknownError):
            return self._workdays.due(since, int(json.loads(held.terms)["post_check_days"]))
        return None

    def _changed(self, db: Connection, commitment_id: str, state: str | None = None) -> Commitment:
        """The commitment as it is now; its department's systems are told.

        Args:
            state: what they are told; its own where None.
        """
        held, now = self._held(db, commitment_id), self._desk.clock.now()
        said = state or held.state
        body = {"commitment_id": held.id, "state": said, "at": rfc3339(now), "party": held.party_id}
        outbox.emit(db, OUTBOX, f"{held.id} {said}", body, now)
        return held

    def _open_case(self, db: Connection, held: Commitment) -> Case:
        """The case of a commitment, locked: it is not closed meanwhile, and no two are signed in it at once."""
        case = run(db, store.case_of(held.case_no, held.party_id, lock=True))
        if case is None or case.state is not CaseState.open:
            raise CaseClosedError(case=held.case_no)
        return case

    def _append(self, db: Connection, kind: str, held: Commitment, operator: str, told: Mapping[str, Any]) -> str:
        parties = {
            "requester": self._desk.parties.party(db, held.party_id).org_code,
            "operator": operator,
            "commitment": held.id,
            "case": held.case_no,
            "item": held.item_code,
            "holder": self._desk.holders.pairwise(held.holder_id, held.party_id),
        }
        fact = {"type": kind, "time": rfc3339(self._desk.clock.now())}
        return self._desk.evidence.append(db, Record(fact, parties | dict(told))).entry_id

    @staticmethod
    def _own(db: Connection, caller: Caller, commitment_id: str, *, lock: bool = True) -> Commitment:
        held = rows.get(db, commitment_id, lock=lock)
        if held is None or held.party_id != caller.party_id:
            raise UnknownCommitmentError
        return held

    @staticmethod
    def _held(db: Connection, commitment_id: str, *, lock: bool = False) -> Commitment:
        held = rows.get(db, commitment_id, lock=lock)
        if held is None:
            raise UnknownCommitmentError
        return held


def place(column: str, commitment_id: str) -> bytes:
    """What a sealed column of a commitment is bound to."""
    return f"commitment/{column}/{commitment_id}".encode()
