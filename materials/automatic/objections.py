"""Objections: what a holder says against a decision, a list or a change that nobody applied for, and its answer.

An objection is a request `object` that the holder signs. It stops what has not been carried out yet: whoever objected
is not paid, and their licence is not changed, until a person has answered. The answer upholds it or rejects it, with
words for the holder. Both are entries; what was written stays encrypted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from authz.model import Act
from authz.noticekinds import NoticeKind
from ledger.clock import rfc3339
from ledger.record import Record
from materials.automatic.errors import ObjectionClosedError, UnknownObjectionError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.model import Caller
    from authz.signatures import HolderSignatures
    from authz.signers import Signer
    from authz.workdays import Workdays
    from certs.requests import HolderRequest
    from materials.desk import Desk

RUN: Final = "run"
ROUND: Final = "round"
LINKED: Final = "linked"
DAYS: Final = 10
"""Working days for an answer, as for a dispute over a licence (DOMAIN 0.1)."""
_RAISED: Final = "objection.raised"
_ANSWERED: Final = "objection.answered"
_LISTED: Final = 200
_COLUMNS: Final = """id::text, about, subject_id::text, party_id::text, holder_id::text, claim, state, opened_at,
  due_at, entry_id::text, answer, answered_at, answer_entry_id::text"""
_INSERT: Final = """
INSERT INTO materials.objection (id, about, subject_id, party_id, holder_id, claim, signature, state, opened_at, due_at,
  entry_id)
VALUES (%(id)s, %(about)s, %(subject)s, %(party)s, %(holder)s, %(claim)s, %(signature)s, 'open', %(at)s, %(due)s,
  %(entry)s)"""
_GET: Final = f"SELECT {_COLUMNS} FROM materials.objection WHERE id = %(id)s"
_OF_PARTY: Final = f"""
SELECT {_COLUMNS} FROM materials.objection WHERE party_id = %(party)s ORDER BY id DESC LIMIT %(limit)s"""
_OF_HOLDER: Final = f"""
SELECT {_COLUMNS} FROM materials.objection WHERE holder_id = %(holder)s ORDER BY id DESC LIMIT %(limit)s"""
_OPEN: Final = "SELECT 1 FROM materials.objection WHERE subject_id = %(subject)s AND state = 'open' LIMIT 1"
_ANSWER: Final = """
UPDATE materials.objection SET state = %(state)s, operator = %(operator)s, answer = %(answer)s, answered_at = %(at)s,
  answer_entry_id = %(entry)s WHERE id = %(id)s"""


@dataclass(frozen=True, slots=True)
class Objection:
    """A row; what was written is encrypted.

    Attributes:
        about: `run`, `round` or `linked`.
        state: `open`, `upheld` or `rejected`.
    """

    id: str
    about: str
    subject_id: str
    party_id: str
    holder_id: str
    claim: bytes
    state: str
    opened_at: datetime
    due_at: datetime
    entry_id: str
    answer: bytes | None
    answered_at: datetime | None
    answer_entry_id: str | None


class Objections:
    """Takes and answers objections.

    Args:
        signatures: who signed.
        workdays: counts days.
        desk: who acts, the log, the time.
    """

    def __init__(self, signatures: HolderSignatures, workdays: Workdays, desk: Desk) -> None:
        self._signatures = signatures
        self._workdays = workdays
        self._desk = desk

    def open(
        self, db: Connection, asked: HolderRequest, signature: str, about: str, party_id: str, holder_id: str | None
    ) -> Objection:
        """Take an objection; sent again it finds itself.

        Args:
            asked: a request `object`; its id becomes the objection's.
            about: `run`, `round` or `linked`.
            party_id: who answers.
            holder_id: whom it concerns; whoever signed, for themselves, where None.

        Raises:
            IdTokenRefusedError, KeyRefusedError, SignerNotHolderError: the signature.
            UnknownObjectionError: the id is that of somebody else's.
        """
        if holder_id is None:
            signer: Signer = self._signatures.person(db, signature, asked.digest)
        else:
            signer = self._signatures.check(db, signature, asked.digest, holder_id)
        concerned = holder_id or signer.holder_id
        if (known := self._find(db, asked.id)) is not None:
            if (known.holder_id, known.subject_id) != (concerned, asked.subject):
                raise UnknownObjectionError
            return known
        now = self._desk.clock.now()
        parties = {
            "requester": self._desk.parties.party(db, party_id).org_code,
            "objection": asked.id,
            "about": about,
            "subject": asked.subject,
            "request": asked.digest,
            "holder": self._desk.holders.pairwise(concerned, party_id),
            "signer": self._desk.holders.pairwise(signer.holder_id, party_id),
            "representation": signer.representation,
        }
        entry = self._append(db, _RAISED, parties | signer.told())
        kept = json.dumps({"request": asked.document(), "signature": signer.kept}, ensure_ascii=False)
        values = {
            "id": asked.id,
            "about": about,
            "subject": asked.subject,
            "party": party_id,
            "holder": concerned,
            "claim": self._desk.vault.shut(str(asked.terms["claim"]), _place("claim", asked.id)),
            "signature": self._desk.vault.shut(kept, _place("signature", asked.id)),
            "at": now,
            "due": self._workdays.office_due(now, DAYS),
            "entry": entry,
        }
        db.exec_driver_sql(_INSERT, values)
        return self.get(db, asked.id)

    def answer(
        self, db: Connection, caller: Caller, objection_id: str, state: str, words: str, operator: str
    ) -> Objection:
        """Answer an objection.

        Args:
            state: `upheld` or `rejected`.
            words: for the holder; encrypted, never in the log.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownObjectionError: none to the caller's organisation.
            ObjectionClosedError: it was answered before.
        """
        self._desk.counter.let(db, caller, operator, Act.close_case)
        held = self._find(db, objection_id, lock=True)
        if held is None or held.party_id != caller.party_id:
            raise UnknownObjectionError
        if held.state != "open":
            raise ObjectionClosedError(state=held.state)
        parties = {
            "requester": caller.org_code,
            "operator": operator,
            "objection": held.id,
            "raised": held.entry_id,
            "state": state,
            "holder": self._desk.holders.pairwise(held.holder_id, held.party_id),
        }
        values = {
            "id": held.id,
            "state": state,
            "operator": operator,
            "answer": self._desk.vault.shut(words, _place("answer", held.id)),
            "at": self._desk.clock.now(),
            "entry": self._append(db, _ANSWERED, parties),
        }
        db.exec_driver_sql(_ANSWER, values)
        self._desk.notices.tell(db, held.holder_id, NoticeKind.dispute_answered, held.id, party_id=held.party_id)
        return self.get(db, held.id)

    def get(self, db: Connection, objection_id: str) -> Objection:
        """An objection.

        Raises:
            UnknownObjectionError: there is none.
        """
        held = self._find(db, objection_id)
        if held is None:
            raise UnknownObjectionError
        return held

    @staticmethod
    def is_open(db: Connection, subject_id: str) -> bool:
        """Whether somebody waits for an answer about something."""
        return db.exec_driver_sql(_OPEN, {"subject": subject_id}).first() is not None

    @staticmethod
    def of_party(db: Connection, caller: Caller) -> list[Objection]:
        """Objections to the caller's organisation, the newest 200 first."""
        found = db.exec_driver_sql(_OF_PARTY, {"party": caller.party_id, "limit": _LISTED})
        return [_objection(row) for row in found]

    @staticmethod
    def of_holder(db: Connection, holder_id: str) -> list[Objection]:
        """Objections of a holder, the newest 200 first."""
        return [_objection(row) for row in db.exec_driver_sql(_OF_HOLDER, {"holder": holder_id, "limit": _LISTED})]

    def document(self, held: Objection, *, words: bool) -> dict[str, Any]:
        """An objection; with what both sides wrote for its holder and who answers."""
        told: dict[str, Any] = {
            "objection_id": held.id,
            "about": held.about,
            "subject": held.subject_id,
            "state": held.state,
            "opened_at": rfc3339(held.opened_at),
            "due_at": rfc3339(held.due_at),
            "answered_at": rfc3339(held.answered_at) if held.answered_at else None,
            "entry_id": held.answer_entry_id or held.entry_id,
        }
        if words:
            vault = self._desk.vault
            told["claim"] = vault.open(held.claim, _place("claim", held.id))
            told["answer"] = None if held.answer is None else vault.open(held.answer, _place("answer", held.id))
        return told

    def _append(self, db: Connection, kind: str, parties: dict[str, Any]) -> str:
        record = Record({"type": kind, "time": rfc3339(self._desk.clock.now())}, parties)
        return self._desk.evidence.append(db, record).entry_id

    @staticmethod
    def _find(db: Connection, objection_id: str, *, lock: bool = False) -> Objection | None:
        row = db.exec_driver_sql(_GET + (" FOR UPDATE" if lock else ""), {"id": objection_id}).first()
        return None if row is None else _objection(row)


def _objection(row: Sequence[Any]) -> Objection:
    held = list(row)
    held[5] = bytes(held[5])
    held[10] = None if held[10] is None else bytes(held[10])
    return Objection(*held)


def _place(column: str, objection_id: str) -> bytes:
    return f"objection/{column}/{objection_id}".encode()
