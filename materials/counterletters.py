"""A letter of commitment signed at the counter (帮办), for somebody without a phone: as consent is given there.

1. **Begun.** Somebody present, known by their identity card or live code, draws their signature under the letter they
   were shown. The drawing is kept encrypted.
2. **Stated.** The operator at the window, then another in the role of reviewer, state what they saw; their
   organisation's system signs both statements (`authz.assistance`).
3. **Signed** with the second statement. The holder is told, like everybody who signed.

Until the case is accepted the holder takes it back at any counter of the department, or with a login.
"""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from authz import assistance, statements
from authz.assistance import Statement
from authz.errors import AssistanceRefusedError
from authz.model import Act, Role
from authz.signers import Assurance, Signer, SignerKind, write
from authz.vault import digest_of
from ledger.ids import new_id
from materials import commitmentrows, counterrows as rows
from materials.errors import (
    CommitmentNotSignedError,
    CommitmentSignedError,
    UnknownCommitmentError,
    UnknownCounterSignatureError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from authz.model import Caller
    from authz.signatures import HolderSignatures
    from materials.cases import Cases
    from materials.commitmentrows import Commitment
    from materials.commitments import Commitments
    from materials.counterrows import CounterSignature
    from materials.desk import Desk

OPEN_FOR: Final = timedelta(minutes=30)
MAX_PAD: Final = 65_536
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_LISTED: Final = 200


class CounterLetters:
    """Takes signatures at counters.

    Args:
        commitments: what is signed.
        cases: whether the person is there.
        signatures: who may sign for whom.
        desk: who acts, names, vault, the time.
        audience: this node's base address.
    """

    def __init__(
        self, commitments: Commitments, cases: Cases, signatures: HolderSignatures, desk: Desk, audience: str
    ) -> None:
        self._commitments = commitments
        self._cases = cases
        self._signatures = signatures
        self._desk = desk
        self._audience = audience

    def begin(
        self, db: Connection, caller: Caller, operator: str, commitment_id: str, person_id: str, pad: bytes
    ) -> CounterSignature:
        """Begin, with somebody who is there.

        Args:
            operator: at the window.
            person_id: who is there, as their card or code names them: the holder, or who represents it.
            pad: what they drew, PNG.

        Raises:
            UnknownOperatorError, NotPermittedError: the operator.
            UnknownCommitmentError: none of the caller's organisation.
            CommitmentSignedError, CommitmentNotSignedError: it waits for no signature.
            CaseClosedError, CaseNotSubmittedError: the case.
            AssistanceRefusedError: nobody is seen to be there, or nothing was drawn.
            SignerNotHolderError: the person cannot sign for the holder.
        """
        self._desk.counter.let(db, caller, operator, Act.assist)
        held = self._waiting(db, caller, commitment_id)
        case = self._cases.open_one(db, caller, held.case_no)
        if case.presence not in assistance.IDENTIFIED_BY:
            raise AssistanceRefusedError(check="presence")
        if len(pad) > MAX_PAD or not pad.startswith(_PNG):
            raise AssistanceRefusedError(check="pad")
        self._signatures.standing_for(db, _person(person_id, caller.org_code, ""), held.holder_id)
        made, now = new_id(), self._desk.clock.now()
        values = {
            "id": made,
            "commitment": held.id,
            "party": caller.party_id,
            "signer": person_id,
            "identified_by": case.presence,
            "pad": self._desk.vault.shut(base64.b64encode(pad).decode(), _place("pad", made)),
            "pad_sha256": sha256(pad).hexdigest(),
            "at": now,
            "expires": now + OPEN_FOR,
        }
        rows.insert(db, values)
        return self._held(db, caller, made)

    def state(self, db: Connection, caller: Caller, operator: str, signature_id: str, given: str) -> CounterSignature:
        """Take a statement: the first from the window, the second from a reviewer, which signs the letter.

        Whoever stated it already may ask again, and is answered the same.

        Args:
            given: compact JWS of the caller's own system (`authz.assistance`).

        Raises:
            UnknownOperatorError, NotPermittedError: the operator.
            UnknownCounterSignatureError: the organisation has none of that id.
            AssistanceRefusedError: too late, the same person twice, or the statement does not hold.
            CommitmentSignedError and others: as `Commitments.sign`.
        """
        held = self._held(db, caller, signature_id)
        role = Role.window if held.first_operator in (None, operator) else Role.reviewer
        self._desk.counter.let(db, caller, operator, Act.assist if role is Role.window else Act.countersign)
        if operator in {held.first_operator, held.second_operator}:
            return held
        now = self._desk.clock.now()
        if held.signed_at is not None or now >= held.expires_at:
            raise AssistanceRefusedError(check="time")
        expected = self.statement(db, held).claims(operator, role)
        key = statements.check(db, caller, expected, given, self._audience, now)
        if held.first_operator is None:
            sealed = self._desk.vault.shut(write({"jws": given, "key": dict(key)}), _place("first", held.id))
            rows.first(db, held.id, operator, sealed)
        else:
            self._sign(db, caller, operator, held, (given, key))
        return self._held(db, caller, signature_id)

    def listed(self, db: Connection, caller: Caller, operator: str) -> list[CounterSignature]:
        """The newest 200 of the caller's counters, for those who oversee.

        Raises:
            UnknownOperatorError, NotPermittedError: the operator.
        """
        self._desk.counter.let(db, caller, operator, Act.inspect)
        return rows.of_party(db, caller.party_id, _LISTED)

    def statement(self, db: Connection, held: CounterSignature) -> Statement:
        """What both of the staff state."""
        terms, _ = self._commitments.terms(db, held.commitment_id)
        signer = self._desk.vault.pairwise(held.signer_id, held.party_id)
        return Statement(held.id, digest_of(terms), signer, held.identified_by, held.pad_sha256)

    def _sign(
        self,
        db: Connection,
        caller: Caller,
        operator: str,
        held: CounterSignature,
        second: tuple[str, Mapping[str, str]],
    ) -> None:
        """3. Sign by both statements."""
        now = self._desk.clock.now()
        first = json.loads(self._desk.vault.open(held.first_statement or b"", _place("first", held.id)))
        kept = write(assistance.kept([(first["jws"], first["key"]), second], now))
        self._commitments.sign(db, held.commitment_id, _person(held.signer_id, caller.org_code, kept))
        rows.signed(db, held.id, operator, now)

    @staticmethod
    def _waiting(db: Connection, caller: Caller, commitment_id: str) -> Commitment:
        held = commitmentrows.get(db, commitment_id)
        if held is None or held.party_id != caller.party_id:
            raise UnknownCommitmentError
        if held.ended_at is not None:
            raise CommitmentNotSignedError(state=held.state)
        if held.state != commitmentrows.PROPOSED:
            raise CommitmentSignedError
        return held

    @staticmethod
    def _held(db: Connection, caller: Caller, signature_id: str) -> CounterSignature:
        held = rows.get(db, signature_id)
        if held is None or held.party_id != caller.party_id:
            raise UnknownCounterSignatureError
        return held


def _person(person_id: str, org_code: str, kept: str) -> Signer:
    return Signer(person_id, None, org_code, Assurance.substantial, kept, SignerKind.counter)


def _place(what: str, signature_id: str) -> bytes:
    return f"counter-signature/{what}/{signature_id}".encode()
